/* SPDX-License-Identifier: MIT */
/* gate   one thread at a time starts or stops a recording, and with the first
 *        and the last of them the collector
 * lock   recordings, modules, timers; the collector holds it while it works */
#include "clinic/sampler.h"
#include "clinic/handler.h"
#include "clinic/timers.h"

#include "watch/stack.h"

#include <seed.h>

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { COLLECT_EVERY = 100, FIRST = 50, ENTRY = 64 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static struct recorded *recordings;
static struct timers timers;
static enum sampler_unwinder wanted;
static unsigned seen, reached;     /* of the first samples */
static uintptr_t thread_base;      /* where a thread begins */
static uint64_t collected;         /* CPU time of collectors */
static uint64_t collected_before;  /* of those that ended */
static unsigned kept;              /* recordings that were not freed yet */
static bool prepared, quit;

static const uint64_t msec = 1000000, second = 1000000000;

/* The first thread begins at the program's entry, the others where the
 * collector does. */
static bool is_base(const void *frame)
{
    uintptr_t at = (uintptr_t)frame, entry = getauxval(AT_ENTRY);

    return at == thread_base || (at >= entry && at - entry < ENTRY);
}

static size_t search(const struct sample *sample, const unsigned char *copy,
    void **frames)
{
    size_t count = 0;

    frames[count++] = sample->frames[0];
    if (sample->frames[1])
        frames[count++] = sample->frames[1];
    if (copy)
        count += seed__stack_search_words((const void *)copy,
            sample->count / sizeof(uintptr_t), frames + count,
            SAMPLE_FRAMES - count);

    /* What lies above a thread's first call is not of it. */
    for (size_t i = 0; i < count; i++)
        if (is_base(frames[i]))
            return i + 1;
    return count;
}

/* Tables to unwind by are judged by what they gave at first. */
static void judge(bool complete)
{
    if (wanted != UNWINDER_CHOSEN || seen == FIRST)
        return;
    seen++;
    reached += complete;
    if (seen == FIRST && reached < FIRST * 9 / 10)
        seed__handler_search(true);
}

static void on_sample(const struct sample *sample, const unsigned char *copy,
    void *ctx)
{
    place places[SAMPLE_FRAMES];
    void *found[SAMPLE_FRAMES];
    void *const *frames = sample->frames;
    bool searched = sample->copy >= 0, complete;
    size_t count = sample->count;

    (void)ctx;
    if (searched) {
        count = search(sample, copy, found);
        frames = found;
    }
    complete = count > 0 && is_base(frames[count - 1]);
    if (!searched)
        judge(complete);
    for (size_t i = 0; i < count; i++)
        places[i] = seed__modules_place((uintptr_t)frames[i]);

    for (struct recorded *at = recordings; at; at = at->next) {
        if (sample->when < at->began)
            continue;
        at->counts.samples++;
        at->counts.nanoseconds += sample->weight;
        at->counts.truncated += sample->truncated;
        at->counts.complete += complete;
        at->counts.searched += searched;
        at->counts.dropped += !seed__stacks_add(&at->stacks, sample, places,
            count);
    }
}

static void note_spent(void)
{
    struct timespec time = { 0, 0 };

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    collected = collected_before + (uint64_t)time.tv_sec * second
        + (uint64_t)time.tv_nsec;
}

static void collect(void)
{
    seed__modules_look();
    seed__ring_drain(on_sample, NULL);
}

static void await(uint64_t nsec)
{
    uint64_t until = seed_now() + nsec;
    struct timespec due = { (time_t)(until / second), (long)(until % second) };

    pthread_cond_timedwait(&changed, &lock, &due);
}

static void *run(void *ctx)
{
    void *frames[SAMPLE_FRAMES];
    struct walk walk = { .frames = frames, .room = SAMPLE_FRAMES };

    pthread_mutex_lock(&lock);
    seed__stack_walk(&walk);
    thread_base = walk.count ? (uintptr_t)frames[walk.count - 1] : 0;
    timers.skip = (long)gettid();
    pthread_cond_broadcast(&changed);
    while (!quit) {
        await(COLLECT_EVERY * msec);
        collect();
        if (recordings)
            seed__timers_look(&timers);
        note_spent();
    }
    collected_before = collected;
    pthread_mutex_unlock(&lock);
    return ctx;
}

/* No signal is for this thread, least of all its own. */
static int make_thread(void)
{
    pthread_condattr_t how;
    sigset_t all, before;
    int error;

    pthread_condattr_init(&how);
    pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &how);
    pthread_condattr_destroy(&how);

    quit = false;
    timers.skip = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        return error;
    pthread_setname_np(thread, "seed-flame");
    while (!timers.skip)
        await(second);
    return 0;
}

/* With the gate held, and the lock not. */
static void end_thread(void)
{
    pthread_mutex_lock(&lock);
    quit = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&changed);
}

static void before_fork(void)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&gate);
}

/* The forking thread alone is here: no timer, no collector, no handler. */
static void in_child(void)
{
    seed__handler_turn(false);
    seed__ring_reset();
    while (recordings) {
        recordings->counts = seed__sampler_counts(recordings);
        recordings->running = false;
        recordings->ended = seed_now();
        recordings = recordings->next;
    }
    seed__timers_clear(&timers, true);
    after_fork();
}

/* A shared library that has a signal's handler must never go. */
static void stay_loaded(void)
{
    Dl_info info;

    if (dladdr((void *)(uintptr_t)seed__sampler_start, &info)
        && info.dli_fname)
        dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

static int prepare(void)
{
    int error;

    if (!seed__handler_install())
        return EBUSY;
    if (prepared)
        return 0;
    error = pthread_atfork(before_fork, after_fork, in_child);
    if (error)
        return error;
    stay_loaded();
    prepared = true;
    return 0;
}

/* The highest rate is for all of them. */
static uint64_t period(void)
{
    unsigned hertz = 1;

    for (const struct recorded *at = recordings; at; at = at->next)
        hertz = at->hertz > hertz ? at->hertz : hertz;
    return second / hertz;
}

/* libgcc's unwinder takes the loader's lock where this function is missing. */
static bool has_tables(void)
{
    return dlsym(RTLD_DEFAULT, "_dl_find_object");
}

static void choose_unwinder(void)
{
    seen = reached = 0;
    seed__handler_search(wanted == UNWINDER_SEARCH
        || (wanted == UNWINDER_CHOSEN && !has_tables()));
}

static struct seed_flame_counts shared_counts(void)
{
    return (struct seed_flame_counts){
        .dropped = seed__ring_dropped(),
        .handlers = seed__handler_spent(),
        .collector = collected,
        .threads = timers.threads,
    };
}

/* With the lock held. */
static int begin(struct recorded *recorded)
{
    bool first = !recordings;
    int error = first ? make_thread() : 0;

    if (error)
        return error;
    if (first)
        choose_unwinder();
    recorded->before = shared_counts();
    recorded->before.threads -= timers.count;
    recorded->began = seed_now();
    recorded->running = recorded->counted = true;
    kept++;
    recorded->next = recordings;
    recordings = recorded;

    seed__modules_look();
    seed__timers_set(&timers, seed__handler_install(), period());
    seed__handler_turn(true);
    errno = EAGAIN;
    return seed__timers_look(&timers) ? 0 : errno;
}

/* With the lock held; true when it was the last. */
static bool end(struct recorded *recorded)
{
    struct recorded **at = &recordings;

    recorded->ended = seed_now();
    collect();
    recorded->counts = seed__sampler_counts(recorded);
    recorded->running = false;
    while (*at != recorded)
        at = &(*at)->next;
    *at = recorded->next;
    if (recordings) {
        seed__timers_set(&timers, timers.signal, period());
        return false;
    }
    seed__handler_turn(false);
    seed__timers_clear(&timers, false);
    return true;
}

int seed__sampler_start(struct recorded *recorded)
{
    int error;
    bool last = false;

    pthread_mutex_lock(&gate);
    error = prepare();
    if (!error) {
        pthread_mutex_lock(&lock);
        error = begin(recorded);
        if (error && recorded->running)
            last = end(recorded);
        pthread_mutex_unlock(&lock);
    }
    if (last)
        end_thread();
    pthread_mutex_unlock(&gate);
    return error;
}

void seed__sampler_stop(struct recorded *recorded)
{
    bool last = false;

    pthread_mutex_lock(&gate);
    pthread_mutex_lock(&lock);
    if (recorded->running)
        last = end(recorded);
    pthread_mutex_unlock(&lock);
    if (last)
        end_thread();
    pthread_mutex_unlock(&gate);
}

void seed__sampler_forget(struct recorded *recorded)
{
    seed__sampler_stop(recorded);
    pthread_mutex_lock(&lock);
    if (recorded->counted && --kept == 0)
        seed__modules_clear();
    recorded->counted = false;
    pthread_mutex_unlock(&lock);
}

void seed__sampler_lock(void)
{
    pthread_mutex_lock(&lock);
}

void seed__sampler_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

struct seed_flame_counts seed__sampler_counts(const struct recorded *recorded)
{
    struct seed_flame_counts counts = recorded->counts;
    struct seed_flame_counts now = shared_counts();

    if (!recorded->running)
        return counts;
    counts.dropped += now.dropped - recorded->before.dropped;
    counts.handlers = now.handlers - recorded->before.handlers;
    counts.collector = now.collector - recorded->before.collector;
    counts.threads = now.threads - recorded->before.threads;
    return counts;
}

void seed__sampler_unwind(enum sampler_unwinder unwinder)
{
    pthread_mutex_lock(&lock);
    wanted = unwinder;
    pthread_mutex_unlock(&lock);
}
