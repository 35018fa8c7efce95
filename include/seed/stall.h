/* SPDX-License-Identifier: MIT */
#ifndef SEED_STALL_H
#define SEED_STALL_H

#include <seed/metrics.h>
#include <seed/trace.h>
#include <seed/types.h>

SEED_BEGIN_C

/* Catches a loop while it is held up: which function, which request, and what
 * it does there.
 *
 *     Stall: worker 0 has been in one turn of its loop for 85 ms and waits in
 *     clock_nanosleep (1 % computing, 99 % waiting, 0 % without a processor):
 *     GET /users/7 in load_user (route, app.c:40) of GET /users/:id
 *     Stall: by clock_nanosleep, usleep, load_user, ..., main (read from
 *     outside: old calls may be among them)
 *
 * A thread of libseed's own looks at the loops each 10 ms; each 20 where its
 * waking would take more than a part in 400 of the process. A turn that lasts
 * longer than the threshold is reported while it lasts, and again whenever it
 * has doubled: at 42, 84, 168 ms. A loop's thread that runs is interrupted for
 * its stack, by a real-time signal that nobody uses (SA_RESTART). One that
 * sleeps in a system call is not: the signal would cut its sleep short. */

/** Watches the loops of one server. */
typedef struct seed_stall_watch seed_stall_watch;

/** Zero in a field means its default. */
struct seed_stall_options {
    /** Milliseconds that a turn of the loop may last. 0: 42; at least 10. */
    unsigned threshold;

    /** No warnings (seed_on_warning()): hooks and counts only. */
    bool quiet;
};

/** Catches a server's stalls when it runs. Before it runs. It takes one of the
 *  server's tracers.
 *
 *  server   borrowed
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns the watch, owned: seed_stall_free() after the server was freed; or
 *  NULL, and the server keeps the error. Calls on NULL do nothing. */
#define seed_stall_new(server, ...) \
    seed_stall_new_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_stall_options))
SEED_API seed_stall_watch *seed_stall_new_sized(seed_server *server,
    const struct seed_stall_options *options, size_t size);
SEED_API void seed_stall_free(seed_stall_watch *watch);

/** What holds a loop up: what had the most of the turn's time. */
enum seed_stall_cause {
    SEED_STALL_COMPUTES, /* it works: too much, or in the wrong place        */
    SEED_STALL_WAITS,    /* it sleeps in a system call, or for a page of
                          * memory: a file, a lock, another server           */
    SEED_STALL_STARVED,  /* it could run, but others have the processor      */
    SEED_STALL_CAUSES
};

/** A stall. Borrowed for the call, but for sites and routes, which live as
 *  long as the server. Strings are never NULL. */
typedef struct seed_stall {
    enum seed_stall_cause cause;
    unsigned worker;     /* its number                                       */
    uint64_t turn;       /* the turn's: reports of one turn have the same    */
    unsigned step;       /* 0 over the threshold, 1 over twice that, ...     */
    uint64_t age;        /* of the turn, in nanoseconds                      */
    double computing, waiting, starved; /* shares of the turn, 0 to 1        */
    const char *call;    /* the system call that it sleeps in, or ""         */

    const seed_site *site;   /* the handler or hook, NULL: in none           */
    const seed_route *route; /* of the request, or NULL                      */
    const char *method;      /* of the request, or ""                        */
    const char *url;

    void *const *frames; /* the calls, innermost first                       */
    size_t frame_count;  /* 0: the stack could not be had                    */
    bool searched;       /* it was read from outside: calls that are over
                          * may be among them                                */
    const char *stack;   /* the calls by name, "inner, outer, ..., main"     */
} seed_stall;

/** Is told of each stall that is reported. Runs on the watching thread, for
 *  all workers; it must not wait for a worker.
 *
 *  Before the server runs; at most 4 (then SEED_EFULL).
 *
 *  ctx  borrowed; must outlive the watch */
typedef void seed_stall_hook(const seed_stall *stall, void *ctx);
SEED_API int seed_on_stall(seed_stall_watch *watch, seed_stall_hook *hook,
    void *ctx);

/** How many turns were stalls, by cause, since the server runs. Any thread.
 *
 *  All of them are counted; of each cause one report a second is made, and six
 *  in a row after a quiet time. */
struct seed_stall_counts {
    uint64_t turns[SEED_STALL_CAUSES];
};
SEED_API struct seed_stall_counts seed_stall_counts(
    const seed_stall_watch *watch);

/** "computes", "waits", "starved". */
SEED_API const char *seed_stall_cause_name(enum seed_stall_cause cause);

/** Adds seed_stalls_total to metrics. Before the server runs. Returns 0,
 *  SEED_EINVAL for a NULL, or SEED_EFULL. */
SEED_API int seed_stall_metrics(seed_stall_watch *watch,
    seed_metrics *metrics);

SEED_END_C

#endif
