/* SPDX-License-Identifier: MIT */
#ifndef SEED_LEDGER_H
#define SEED_LEDGER_H

#include <seed/metrics.h>
#include <seed/types.h>

SEED_BEGIN_C

/* Which function takes the time: an account for every handler and hook, by the
 * name and the line that registered it. Each worker keeps its own, without a
 * lock; who reads adds them up, and disturbs none of them. */

/** The accounts of one server. */
typedef struct seed_ledger seed_ledger;

/** Zero in a field means its default. Strings are copied. */
struct seed_ledger_options {
    /** Every answer carries Server-Timing: which function took how long. For
     *  development; it tells clients about the inside. */
    bool timing;

    /** A request field that asks for Server-Timing on its answer, whatever its
     *  value ("X-Server-Timing"). NULL: there is none. */
    const char *timing_field;
};

/** Keeps accounts of a server's handlers and hooks from now on. Before the
 *  server runs.
 *
 *  server   borrowed
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns the ledger, owned: seed_ledger_free() after the server was freed;
 *  or NULL, and the server keeps the error. Calls on NULL do nothing. */
#define seed_ledger_new(server, ...) \
    seed_ledger_new_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_ledger_options))
SEED_API seed_ledger *seed_ledger_new_sized(seed_server *server,
    const struct seed_ledger_options *options, size_t size);
SEED_API void seed_ledger_free(seed_ledger *ledger);

/** One function's account, all workers together. Times are nanoseconds.
 *  Strings are borrowed until the server is freed. */
struct seed_ledger_row {
    const char *kind;     /* "pre", "use", "route", "error", "after", ...    */
    const char *function; /* its name as the registration spells it          */
    const char *file;     /* the line that registers it                      */
    int line;
    const char *method;   /* of a route's handler, else ""                   */
    const char *pattern;
    const void *address;  /* the function itself                             */

    uint64_t calls;
    uint64_t requests;    /* those that it was called for. More calls than
                           * requests: it is registered more than once       */
    uint64_t wall;        /* from enter to leave                             */
    uint64_t self;        /* of it, without the handlers and hooks that ran
                           * inside, as a send hook does                     */
    uint64_t cpu;         /* CPU time of `self`, at most: the thread's is read
                           * once a turn of the loop, or less often, and
                           * shared out by wall time                         */
    uint64_t longest;     /* call, from enter to leave                       */
    uint64_t p50, p99;    /* what half, and 99 of 100 calls did not exceed;
                           * nine steps a decade, from 10 ns on      */
    uint64_t waits;       /* calls that returned SEED_WAIT                   */
    uint64_t waited;      /* until they went on; not part of `wall`          */
};

/** Calls `each` for every function that was called, the largest `self` first.
 *  The row is borrowed for the call. Any thread, as long as the server lives.
 *  Returns 0 or SEED_ENOMEM. */
SEED_API int seed_ledger_each(const seed_ledger *ledger,
    void (*each)(const struct seed_ledger_row *row, void *ctx), void *ctx);

/** A handler that sends the accounts: JSON, or a page to read where Accept
 *  prefers text/html, as browsers do. `ctx` is the seed_ledger; its server may
 *  be another one than the server that sends. */
SEED_API seed_step seed_ledger_send(seed_req *req, seed_res *res, void *ctx);

/** Adds a latency histogram for every function, and its CPU and waiting time,
 *  to metrics. Before the server runs. Returns 0, SEED_ENOMEM or SEED_EFULL. */
SEED_API int seed_ledger_metrics(seed_ledger *ledger, seed_metrics *metrics);

SEED_END_C

#endif
