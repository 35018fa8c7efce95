/* SPDX-License-Identifier: MIT */
#ifndef SEED_LAG_H
#define SEED_LAG_H

#include <seed/metrics.h>
#include <seed/types.h>

SEED_BEGIN_C

/* How full the loops are, and how long their turns. A turn of the loop (an
 * iteration) serves what is ready; whoever comes meanwhile waits until it is
 * over. Full and blocked are two things: at a utilisation of 0.98 with turns
 * of 2 ms a loop does what it can, with turns of 200 ms something holds it up.
 *
 *     seed_lag_watch *watch = seed_lag_new(server, NULL);
 *     ...
 *     struct seed_lag lag;
 *     if (!seed_lag(watch, SEED_ALL_WORKERS, &lag))
 *         printf("%.0f %% full\n", 100 * lag.utilisation);
 *
 * Each worker notes its turns as they end, without a lock or a system call;
 * a thread of libseed's own adds them up, with the turn that is under way: a
 * loop that is blocked is measured like any other.
 *
 * On a loop of the application's (options.base), events are at work that
 * libseed does not see. A timer of 10 ms goes there instead, and what it is
 * late counts as a turn: `by_timer` says so. Its grain is a tick of the
 * kernel, and turns under 10 ms pass it by; utilisation is then at least the
 * share of the processor that the thread had. */

/** Watches the loops of one server. */
typedef struct seed_lag_watch seed_lag_watch;

/** Zero in a field means its default. */
struct seed_lag_options {
    /** Milliseconds over which figures are made, again and again. 0: 1,000; at
     *  least 10. */
    unsigned interval;
};

/** Measures a server's loops when they run. Before the server runs.
 *
 *  server   borrowed
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns the watch, owned: seed_lag_free() after the server was freed; or
 *  NULL, and the server keeps the error. Calls on NULL do nothing. */
#define seed_lag_new(server, ...) \
    seed_lag_new_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_lag_options))
SEED_API seed_lag_watch *seed_lag_new_sized(seed_server *server,
    const struct seed_lag_options *options, size_t size);
SEED_API void seed_lag_free(seed_lag_watch *watch);

/** What was measured. Times are nanoseconds. */
struct seed_lag {
    uint64_t age;       /* of the turn under way at this moment; 0: none    */
    unsigned workers;   /* that these figures are of                        */
    bool by_timer;      /* the loop is the application's                    */

    /* In the interval that ended last; 0 before the first. */
    uint64_t elapsed;   /* its length, all workers'                         */
    uint64_t turns;     /* that ended in it                                 */
    double utilisation; /* share of time in turns, 0 to 1                   */
    double cpu;         /* share of time that the processor worked          */

    /* Pick a moment of the interval: how long is the turn that is under way
     * then, with 50, 90, 99 of 100 chances at most? 0: there is none. And the
     * longest turn. 3 % wide. */
    uint64_t p50, p90, p99, longest;

    /* Since the server runs, up to the last interval's end: what is less at
     * one time than at another tells of the time between. */
    uint64_t all_elapsed, all_turns, all_busy, all_cpu;
};

/** All of a server's workers together: times are added up, shares are means,
 *  `age` is the highest. */
#define SEED_ALL_WORKERS (-1)

/** Tells what was measured. Any thread, as long as the server lives; it takes
 *  no lock.
 *
 *  worker  its number, or SEED_ALL_WORKERS
 *  out     receives it, or zeroes
 *
 *  Returns 0, SEED_EINVAL for a worker that never was, SEED_ESTATE when it
 *  does not run. */
SEED_API int seed_lag(const seed_lag_watch *watch, int worker,
    struct seed_lag *out);

/** Adds seed_loop_... to metrics. Before the server runs. Returns 0,
 *  SEED_EINVAL for a NULL, or SEED_EFULL. */
SEED_API int seed_lag_metrics(seed_lag_watch *watch, seed_metrics *metrics);

SEED_END_C

#endif
