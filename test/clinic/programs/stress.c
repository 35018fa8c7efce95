/* SPDX-License-Identifier: MIT */
/* Everything that a profiler's signal may come across, while it comes: threads
 * that come and go, fork(), dlopen() and dlclose(), malloc() and exceptions of
 * its locks, recordings that begin, are read and end. Ends by itself, with 0
 * and a line of numbers, or hangs or crashes, which is what it is for.
 *
 *     stress SECONDS [no-fork] */
#include <seed.h>

#include <dlfcn.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHURNERS = 3 };

static _Atomic bool over;
static _Atomic unsigned long threads, forks, loads, failures;
static _Thread_local volatile unsigned spun;

static void spin(unsigned count)
{
    for (unsigned i = 0; i < count * 1000; i++)
        spun++;
}

/* The allocator's locks, and deep stacks. */
static size_t dig(unsigned depth)
{
    volatile char *bytes = malloc(depth * 37 + 1);
    size_t below;

    if (!bytes)
        return 0;
    bytes[depth] = 1;
    below = depth ? dig(depth - 1) : 0;
    free((void *)(uintptr_t)bytes);
    return below + 1;
}

static void *be_short(void *ctx)
{
    spin(500);
    dig(100); /* more frames than are kept */
    return ctx;
}

static void *churn_threads(void *ctx)
{
    while (!over) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, be_short, NULL)) {
            failures++;
            continue;
        }
        spin(100);
        pthread_join(thread, NULL);
        threads++;
    }
    return ctx;
}

static void *churn_libraries(void *ctx)
{
    static const char *const names[] = { "libresolv.so.2", "libnsl.so.1",
        "libutil.so.1", "libthread_db.so.1" };

    for (unsigned i = 0; !over; i++) {
        void *library = dlopen(names[i % 4], RTLD_NOW | RTLD_LOCAL);

        spin(50);
        if (library)
            dlclose(library);
        loads++;
    }
    return ctx;
}

/* The child frees what it had from its parent. It must not begin a recording:
 * another thread may have held the loader's lock, which nobody opens here. */
static void be_child(seed_flame *flame)
{
    alarm(60);
    spin(3000);
    dig(20);
    if (seed_flame_counts(flame).samples && seed_flame_stop(flame))
        _exit(1);
    seed_flame_free(flame);
    _exit(0);
}

static void *churn_processes(void *ctx)
{
    while (!over) {
        pid_t child;
        int status = 0;

        spin(200);
        child = fork();
        if (!child)
            be_child(ctx);
        if (child < 0 || waitpid(child, &status, 0) != child || status)
            failures++;
        forks++;
    }
    return NULL;
}

/* Beside the long one: short ones, each read once. */
static void churn_recordings(unsigned seconds)
{
    static const unsigned rates[] = { 99, 249, 1000, 50 };
    time_t until = time(NULL) + (time_t)seconds;

    for (unsigned i = 0; time(NULL) < until; i++) {
        seed_flame *flame = seed_flame_start(
            &(struct seed_flame_options){ .hertz = rates[i % 4] });
        char *bytes = NULL;

        usleep(200000);
        spin(2000);
        if (flame && i % 5 == 0)
            bytes = seed_flame_render(flame,
                (enum seed_flame_format)(i / 5 % SEED_FLAME_FORMATS), NULL);
        failures += !flame || (i % 5 == 0 && !bytes);
        seed_release(bytes);
        seed_flame_free(flame);
    }
}

static void tell(const seed_flame *flame)
{
    struct seed_flame_counts counts = seed_flame_counts(flame);

    printf("threads=%lu forks=%lu loads=%lu failures=%lu samples=%" PRIu64
        " dropped=%" PRIu64 " truncated=%" PRIu64 " complete=%" PRIu64 "\n",
        threads, forks, loads, failures, counts.samples, counts.dropped,
        counts.truncated, counts.complete);
}

int main(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
    bool forking = argc < 3 || strcmp(argv[2], "no-fork") != 0;
    void *(*work[CHURNERS])(void *) = { churn_threads, churn_libraries,
        churn_processes };
    pthread_t churners[CHURNERS];
    int count = forking ? CHURNERS : CHURNERS - 1;
    seed_flame *flame = seed_flame_start(
        &(struct seed_flame_options){ .hertz = 249 });

    if (!flame)
        return 2;
    for (int i = 0; i < count; i++)
        if (pthread_create(&churners[i], NULL, work[i], flame))
            return 2;
    churn_recordings(seconds);
    over = true;
    for (int i = 0; i < count; i++)
        pthread_join(churners[i], NULL);
    seed_flame_stop(flame);
    tell(flame);
    seed_flame_free(flame);
    return failures != 0;
}
