/* SPDX-License-Identifier: MIT */
#ifndef SEED_SHED_H
#define SEED_SHED_H

#include <seed/metrics.h>
#include <seed/types.h>

SEED_BEGIN_C

/* Overload protection: what would wait too long is answered 503 at once, so
 * that the rest is answered in time. Options and answers are those of node's
 * overload-protection; what is judged is each request's own wait.
 *
 *     seed_shed *shed = seed_shed_new(server, NULL);
 *
 *     seed_use(server, seed_shed_load, shed);
 *     seed_shed_class(seed_get(server, "/health", tell_health, NULL),
 *         SEED_EXEMPT);
 *
 * As the first `use` it decides before a body is read and before any other
 * middleware works; the connection is kept, and `after` runs as for every
 * request. */

/** The overload protection of one server. */
typedef struct seed_shed seed_shed;

/** By what a request is judged. */
enum seed_shed_mode {
    /** Its own wait: how long its bytes have lain in the socket (TCP_INFO; on
     *  other sockets, how old this turn of the loop is). Refused over
     *  max_event_loop_delay; or, once every request of 100 ms has waited more
     *  than 5 ms, over 10 ms, until one has not (CoDel). Where requests take
     *  more than 5 ms each, their mean time and its double stand for these. */
    SEED_SHED_QUEUE,

    /** The delay of a timer, as overload-protection does: while its last run
     *  was late, all are refused. To compare; docs/guide/overload.md tells
     *  how it fares. */
    SEED_SHED_DELAY,

    /** How many requests are under way, those included that this turn of the
     *  loop has answered already. The limit adapts: it shrinks while requests
     *  take longer than 1.5 times their usual time without waiting, and grows
     *  while they do not (after Netflix's Gradient2). For handlers that wait
     *  for something else. */
    SEED_SHED_LIMIT
};

/** How important a route is. */
enum seed_priority {
    SEED_NORMAL,    /* what a route is that says nothing                     */
    SEED_SHEDDABLE, /* refused at half of each limit                         */
    SEED_CRITICAL,  /* refused at twice a limit; in a queue that was refused
                     * down to 10 ms, at max_event_loop_delay                */
    SEED_EXEMPT,    /* never refused: health checks                          */
    SEED_PRIORITIES
};

/** Zero in a field means its default. */
struct seed_shed_options {
    enum seed_shed_mode mode;

    /** Milliseconds that a request may have waited, or a timer be late.
     *  0: 42. SEED_UNLIMITED: this is not judged. */
    size_t max_event_loop_delay;

    /** Bytes that malloc() has given out, and bytes of memory that the process
     *  occupies, over which every request but the exempt is refused. 0: not
     *  judged. They are looked at by a timer; an allocator that is not
     *  glibc's is not seen by the first. */
    size_t max_heap_used_bytes;
    size_t max_rss_bytes;

    /** The least of Retry-After: this many seconds and, so that not all come
     *  back together, 0 to 2 more. 0: 1. */
    unsigned client_retry_secs;
    bool no_retry_after;

    /** Say "Service Unavailable", and not what is overloaded. */
    bool production;

    /** Fail with a 503 (error handlers run) instead of answering it. */
    bool error_propagation_mode;

    /** Warn of what was shed, at most one line a second (seed_warn()); with
     *  the other, also say how things are while nothing is shed. */
    bool logging;
    bool log_stats_on_req;

    /** Milliseconds between two runs of SEED_SHED_DELAY's timer, which looks
     *  at memory too. 0: 5. Other modes look at memory every 100 ms. */
    unsigned sample_interval;

    /** Requests under way: the bounds of SEED_SHED_LIMIT, for each worker; it
     *  starts from 20, or the nearest bound. 0: 4 and 200. */
    unsigned min_limit, max_limit;
};

/** Makes the overload protection of a server. Before the server runs, and
 *  before hooks that must not delay it.
 *
 *  server   borrowed
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns it, owned: seed_shed_free() after the server was freed; or NULL
 *  after a setup error or without memory. Calls on NULL do nothing, and no
 *  request is refused. */
#define seed_shed_new(server, ...) \
    seed_shed_new_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_shed_options))
SEED_API seed_shed *seed_shed_new_sized(seed_server *server,
    const struct seed_shed_options *options, size_t size);
SEED_API void seed_shed_free(seed_shed *shed);

/** The handler, for `use`; also for one route alone. `ctx` is the seed_shed.
 *
 *  It refuses with 503, Retry-After, and a text: "Service Unavailable" or
 *  "Server experiencing heavy load: (event loop, heap, rss)" with those that
 *  are over their limits ("concurrency" with SEED_SHED_LIMIT). */
SEED_API seed_step seed_shed_load(seed_req *req, seed_res *res, void *ctx);

/** Gives a route its importance; SEED_EXEMPT is one for seed_route_exempt(),
 *  too. Before seed_listen(). Returns the route. */
SEED_API seed_route *seed_shed_class(seed_route *route,
    enum seed_priority priority);

/** Why a request was refused; of several reasons, the first. */
enum seed_shed_reason {
    SEED_SHED_EVENT_LOOP,
    SEED_SHED_HEAP,
    SEED_SHED_RSS,
    SEED_SHED_CONCURRENCY,
    SEED_SHED_REASONS
};

/** How things are, all workers together. */
struct seed_shed_state {
    bool overload;            /* one of those below, or the limit is full    */
    bool event_loop_overload; /* of the delay mode: now; else: a request was
                               * refused for it within the last second       */
    bool heap_used_overload, rss_overload;
    uint64_t event_loop_delay; /* nanoseconds, of the slowest worker: what
                                * its last request has waited, or its timer
                                * was late; 0 after a second without any     */
    uint64_t heap_used, rss;   /* bytes, when last looked at; 0: never       */
    double limit;              /* of requests under way, and those that are, */
    uint64_t in_flight;        /* of the limit mode, added up                */
    uint64_t admitted;         /* requests since the start                   */
    uint64_t shed;
    uint64_t shed_by[SEED_SHED_REASONS][SEED_PRIORITIES];
};

/** Any thread, from seed_shed_new() to seed_shed_free(). */
SEED_API struct seed_shed_state seed_shed_state(const seed_shed *shed);

/** Adds these figures to metrics: seed_shed_requests_total by reason and
 *  priority, seed_shed_admitted_total, seed_shed_overload,
 *  seed_shed_delay_seconds, and of the limit mode seed_shed_limit and
 *  seed_shed_in_flight. Before the server runs. Returns 0 or SEED_EFULL. */
SEED_API int seed_shed_metrics(seed_shed *shed, seed_metrics *metrics);

SEED_END_C

#endif
