/* SPDX-License-Identifier: MIT */
#ifndef SEED_TRACE_H
#define SEED_TRACE_H

#include <seed/hook.h>
#include <seed/types.h>

SEED_BEGIN_C

/** A function that was registered: which, where, and for what. Lives as long
 *  as its server. */
typedef struct seed_site {
    const char *kind;     /* "pre", "use", "route", "error", "after", ...   */
    const char *function; /* its name as the registration spells it         */
    const char *file;     /* the line that registers it                     */
    int line;
    const void *address;        /* the function itself                      */
    const seed_route *route;    /* of a route's handler; else NULL          */
} seed_site;

/** Called around every handler and hook, on the worker's thread.
 *
 *  req  NULL for hooks that belong to no request */
typedef struct seed_tracer {
    void (*enter)(const seed_site *site, seed_req *req, void *ctx);
    void (*leave)(const seed_site *site, seed_req *req, void *ctx);
    void *ctx;

    /** Told, unless NULL, when the request of a handler that returned SEED_WAIT
     *  begins to wait (after `leave`), and when it goes on. A request that
     *  ended meanwhile does not go on. */
    void (*wait)(const seed_site *site, seed_req *req, void *ctx);
    void (*resume)(const seed_site *site, seed_req *req, void *ctx);
} seed_tracer;

/** Adds a tracer (copied), before the server runs. At most 8 a server.
 *  Without one, tracing costs a test of one pointer. */
SEED_API int seed_trace(seed_server *server, const seed_tracer *tracer);

/** What runs on the calling thread right now: the innermost handler or hook,
 *  or NULL. Async-signal-safe, so that a profiler's signal handler may ask. */
SEED_API const seed_site *seed_current_site(void);

/** The request of that handler or hook, or NULL. Async-signal-safe. */
SEED_API const seed_req *seed_current_req(void);

/** Every registered function: handlers of `pre`, `use`, routes and errors, and
 *  hooks. On a worker's thread its own hooks, elsewhere those of the setup. */
SEED_API void seed_each_site(const seed_server *server,
    void (*each)(const seed_site *site, void *ctx), void *ctx);

/** What a worker's loop does, readable from any thread. Of a loop that is the
 *  application's own only the turns in which libseed had something to do are
 *  known. A SEED_ON_TURN hook finds the turn that ends, still busy. */
struct seed_loop_state {
    uint64_t iterations; /* turns of the loop so far                        */
    uint64_t busy_since; /* when this turn began, in nanoseconds of
                          * seed_now(); 0 while it waits for events         */
};
SEED_API struct seed_loop_state seed_worker_state(const seed_worker *worker);

/** What a worker has had so far, readable from any thread. */
struct seed_worker_counts {
    uint64_t events[SEED_ON_COUNT]; /* how often each came to pass, hooks or
                                     * none: SEED_ON_PRE without SEED_ON_AFTER
                                     * are requests in flight, SEED_ON_OPEN
                                     * without SEED_ON_CLOSE connections     */
    size_t hooks[SEED_ON_COUNT];    /* members of each hook's list           */
    uint64_t limits[SEED_LIMITS];   /* how often each was hit                */
    uint64_t received;              /* bytes, heads and bodies               */
    uint64_t backlog;               /* bytes of answers that wait now for
                                     * clients to take them                  */
};
SEED_API struct seed_worker_counts seed_worker_counts(
    const seed_worker *worker);

SEED_END_C

#endif
