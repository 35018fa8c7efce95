/* SPDX-License-Identifier: MIT */
#ifndef SEED_HOOK_H
#define SEED_HOOK_H

#include <seed/error.h>
#include <seed/types.h>

SEED_BEGIN_C

/** The moments of a server's and of a request's life that hooks can watch. */
enum seed_on {
    SEED_ON_PRE,         /* a request begins, before the first handler      */
    SEED_ON_ROUTED,      /* a route matched, before the `use` handlers      */
    SEED_ON_SEND,        /* before the head leaves: may change the answer   */
    SEED_ON_AFTER,       /* the request is over                             */
    SEED_ON_BAD_REQUEST, /* a head or a chunk was refused                   */
    SEED_ON_OPEN,        /* a connection was accepted                       */
    SEED_ON_CLOSE,       /* a connection ended                              */
    SEED_ON_LISTEN,      /* a worker serves now                             */
    SEED_ON_STOPPING,    /* a worker begins to stop: what would keep it,
                          * as streams without an end do, should end now    */
    SEED_ON_STOP,        /* a worker has stopped; its last event            */
    SEED_ON_TURN,        /* a turn of the loop is over: for watchers, see
                          * seed_worker_state(); it must not answer         */
    SEED_ON_LIMIT,       /* a deadline or a limit was hit                   */
    SEED_ON_COUNT
};

/** Deadlines and limits, each by what was hit; docs/guide/limits.md tells what
 *  follows from it. */
enum seed_limit {
    SEED_LIMIT_FIRST_BYTE,  /* a new connection sent nothing                */
    SEED_LIMIT_HEAD,        /* a head was not whole in time                 */
    SEED_LIMIT_IDLE,        /* no further request came                      */
    SEED_LIMIT_BODY,        /* a body stalled, crawled, or took too long    */
    SEED_LIMIT_WRITE,       /* a client did not take its answer             */
    SEED_LIMIT_HANDLER,     /* a handler did not answer in time             */
    SEED_LIMIT_REQUESTS,    /* a connection has had its last request        */
    SEED_LIMIT_AGE,         /* a connection was too old for another one     */
    SEED_LIMIT_CONNECTIONS, /* accepting pauses: there are enough           */
    SEED_LIMIT_ADDRESS,     /* a connection was refused: its address has
                             * enough, or opens them too fast               */
    SEED_LIMIT_IN_FLIGHT,   /* a request was refused: there are enough      */
    SEED_LIMIT_ACCEPT,      /* accepting pauses: the system has no more     */
    SEED_LIMIT_HANDSHAKE,   /* TLS was not agreed on in time                */
    SEED_LIMITS
};

/** What a hook is told. Fields that have no meaning for an event are NULL
 *  or 0. Borrowed for the call. */
typedef struct seed_event {
    enum seed_on on;
    seed_server *server;
    seed_worker *worker;
    seed_req *req;           /* pre, routed, send, after; limit: or NULL    */
    seed_res *res;           /* pre, routed, send, after; limit: or NULL    */
    const seed_fault *fault; /* after, bad request                          */
    uint64_t connection;     /* open, close, bad request, limit: its number,
                              * 0 where there is none                       */
    enum seed_limit limit;   /* limit: which one                            */
} seed_event;

/** A hook watches and does not answer; only SEED_ON_SEND may change the
 *  answer. Runs on the worker's thread and must not block. */
typedef void seed_hook(const seed_event *event, void *ctx);

/** Adds a hook that runs when a request is over: answered and handed to the
 *  kernel, failed, not found, or its client gone. It runs exactly once for
 *  every request that began, that is, whose head was accepted.
 *
 *  ctx  borrowed; must outlive the server
 *
 *  Before the server runs: for all workers. On a worker's thread while it
 *  runs: for that worker, from now on, and also for the request that is being
 *  handled. Hooks added from inside a hook run from the next event on. */
#define seed_after(server, hook, ...) \
    seed_on_at((server), SEED_ON_AFTER, (hook), (__VA_ARGS__), SEED_HERE(hook))

/** The same for any event. */
#define seed_on(server, on, hook, ...) \
    seed_on_at((server), (on), (hook), (__VA_ARGS__), SEED_HERE(hook))
SEED_API int seed_on_at(seed_server *server, enum seed_on on, seed_hook *hook,
    void *ctx, const char *function, const char *file, int line);

/** Takes away the newest hook with this function and context. Returns 0, or
 *  SEED_EINVAL when there is none. Threads as for seed_on(). */
SEED_API int seed_off(seed_server *server, enum seed_on on, seed_hook *hook,
    void *ctx);

/** Runs `hook` in this one answer's send stage, after those of the server.
 *  Returns 0, SEED_ESENT or SEED_ENOMEM. */
SEED_API int seed_on_send(seed_res *res, seed_hook *hook, void *ctx);

/** How many members one hook's list may have before libseed warns of a
 *  possible leak: at the next one, and whenever their number reaches a power
 *  of two. 0 is the default of 10, SEED_UNLIMITED never warns.
 *
 *  It warns also, whatever the limit, of a line of code that adds hooks as
 *  requests come: 11 of them and more, 9 or more in 10 requests; or 64 more
 *  than there are connections and requests in flight. Only `let_hooks_grow`
 *  in the options silences that. Hooks that were taken away do not count.
 *
 *  With SEED_TRACE_WARNINGS=1 in the environment warnings carry a stack
 *  trace. */
SEED_API void seed_set_max_hooks(seed_server *server, size_t limit);

/** The number of members of a hook's list: on a worker's thread that of its
 *  own list, elsewhere that of the server's setup. */
SEED_API size_t seed_hook_count(const seed_server *server, enum seed_on on);

/** A hook that was added. Borrowed for the call. */
struct seed_hooked {
    enum seed_on on;
    const struct seed_site *site;    /* the function, and the line that adds
                                      * it: lives as long as the server     */
    const struct seed_site *running; /* what ran meanwhile, or NULL         */
    seed_server *server;
    seed_worker *worker; /* whose list it is; NULL: that of the setup       */
    size_t members;      /* of that list now                                */
    size_t same;         /* of them, added by that line: since the worker
                          * runs, or in the setup                           */
    size_t limit;        /* seed_set_max_hooks()                            */
};

/** Adds a listener to hooks being added: for those who look for leaks. Before
 *  the server runs; at most 4, one of which is libseed's (then SEED_EFULL).
 *
 *  hear  runs on the thread that adds the hook, and must not add one
 *  ctx   borrowed; must outlive the server */
SEED_API int seed_on_hooked(seed_server *server,
    void (*hear)(const struct seed_hooked *hooked, void *ctx), void *ctx);

/** Adds a listener to libseed's warnings, which also go to stderr or to
 *  options.warn: for loggers. Before the server runs; at most 4 (then
 *  SEED_EFULL).
 *
 *  hear  gets one line without its line end, borrowed; any worker's thread
 *  ctx   borrowed; must outlive the server */
SEED_API int seed_on_warning(seed_server *server,
    void (*hear)(const char *line, void *ctx), void *ctx);

/** Warns in libseed's way: for plugins and watchers. Control characters become
 *  "?"; at most 511 bytes. Any thread. */
SEED_API void seed_warn(const seed_server *server, const char *format, ...)
    SEED_PRINTF(2, 3);

SEED_END_C

#endif
