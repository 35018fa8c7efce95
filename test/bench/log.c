/* SPDX-License-Identifier: MIT */
/* link: -lm */
/* What a line of the log costs its caller, in nanoseconds.
 *
 *     log KIND LINES PATH
 *
 * prints one JSON object: `ns` a line in the calling thread, `cpu` a line in
 * all threads (the writer's as well), `allocations` of all lines. Lines come
 * in bursts that fit the buffers, and what is between bursts is not timed: a
 * logger that drops lines would be fast. KIND is one of those below; "empty"
 * is the loop without a line. test/bench/logs runs it beside pino.
 */
#include <seed.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BURST = 1000 };

static uint64_t allocations;

static void *allocate(size_t size)
{
    allocations++;
    return malloc(size);
}

static void *resize(void *memory, size_t size)
{
    allocations++;
    return realloc(memory, size);
}

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Inside the loop, where a user's line is inside a function. */
#define INLINE __attribute__((always_inline)) static inline

/* The compiler must not see that nothing happens. */
INLINE void nothing(seed_log *log, int i)
{
    __asm__ volatile("" : : "r"(log), "r"(i) : "memory");
}

INLINE void hello(seed_log *log, int i)
{
    (void)i;
    seed_log_info(log, "hello world");
}

INLINE void object(seed_log *log, int i)
{
    seed_log_info(log, "hello world", seed_str("hello", "world"),
        seed_int("n", i));
}

INLINE void deep(seed_log *log, int i)
{
    seed_log_info(log, "hello world", seed_obj("user"),
        seed_str("name", "Ada Lovelace"), seed_int("id", i),
        seed_num("share", 0.25), seed_bool("admin", true), seed_end());
}

INLINE void off(seed_log *log, int i)
{
    seed_log_debug(log, "hello world", seed_str("hello", "world"),
        seed_int("n", i));
}

static const struct kind {
    const char *name;
    void (*line)(seed_log *log, int i);
    bool child;
} kinds[] = {
    { "hello", hello, false },
    { "object", object, false },
    { "deep", deep, false },
    { "child", hello, true },
    { "off", off, false },
    { "empty", nothing, false },
};

/* One loop for each, so that what is called is known where it is called. */
#define BURST_OF(line) \
    for (int i = 0; i < BURST; i++) { \
        line(log, i); \
        __asm__ volatile("" : : : "memory"); \
    }

/* A function of its own, for callgrind. */
__attribute__((noinline)) static void run_burst(const struct kind *kind,
    seed_log *log)
{
    if (kind->line == hello)
        BURST_OF(hello)
    else if (kind->line == object)
        BURST_OF(object)
    else if (kind->line == deep)
        BURST_OF(deep)
    else if (kind->line == off)
        BURST_OF(off)
    else
        BURST_OF(nothing)
}

static int compare(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return one < other ? -1 : one > other;
}

/* The median burst: another process that had the CPU for a while is in
 * another. */
static double measure(const struct kind *kind, seed_log *log, int bursts)
{
    uint64_t *times = calloc((size_t)bursts, sizeof *times);
    double ns;

    for (int i = 0; i < bursts; i++) {
        uint64_t begun = read_clock(CLOCK_MONOTONIC);

        run_burst(kind, log);
        times[i] = read_clock(CLOCK_MONOTONIC) - begun;
        seed_log_flush(log, 10000);
    }
    qsort(times, (size_t)bursts, sizeof *times, compare);
    ns = (double)times[bursts / 2] / BURST;
    free(times);
    return ns;
}

static seed_log *open_log(const struct kind *kind, const char *path)
{
    seed_log *log = seed_log_new(&(struct seed_log_options){
        .path = path, .flush_every = 3600000 });

    if (!log) {
        perror(path);
        exit(1);
    }
    if (kind->child)
        log = seed_log_child(log, seed_str("a", "property"),
            seed_int("id", 7));
    return log;
}

int main(int argc, char **argv)
{
    const struct kind *kind = NULL;
    int bursts = argc > 2 ? atoi(argv[2]) / BURST : 0;
    uint64_t cpu, before;
    seed_log *log;
    double ns;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (argc > 1 && !strcmp(argv[1], kinds[i].name))
            kind = &kinds[i];
    }
    if (argc != 4 || !kind || bursts < 1)
        return 2;

    seed_use_allocator(allocate, resize, free);
    log = open_log(kind, argv[3]);
    measure(kind, log, 3);
    before = allocations;
    cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    ns = measure(kind, log, bursts);
    cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"ns\":%.2f,\"cpu\":%.2f,\"allocations\":%" PRIu64
           ",\"dropped\":%" PRIu64 "}\n",
        ns, (double)cpu / BURST / bursts, allocations - before,
        seed_log_stats(log).dropped);
    return 0;
}
