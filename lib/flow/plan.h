/* SPDX-License-Identifier: MIT */
/* What a server was told at setup: its handlers, routes and limits. Filled by
 * one thread, then frozen and read by all workers. */
#ifndef FLOW_PLAN_H
#define FLOW_PLAN_H

#include "base/slots.h"
#include "flow/hooks.h"
#include "http/head.h"
#include "route/router.h"

#include <seed/server.h>
#include <seed/req.h>
#include <seed/trace.h>

struct evhttp_request;

/* One handler of a chain. */
struct link {
    seed_handler *handler;
    void *ctx;
    seed_site *site; /* owned */
};

struct chain {
    struct link *links;
    unsigned count, room;
};

/* What the options say in milliseconds, in nanoseconds; NEVER: no deadline. */
#define NEVER UINT64_MAX
struct deadlines {
    uint64_t first_byte, head, idle, body, body_stall, write_stall, linger;
    uint64_t handler, age;
};

struct seed_route {
    struct plan *plan;
    char *method, *pattern, *name;
    struct chain chain;
    uint64_t deadline;           /* nanoseconds, NEVER, or 0: the server's   */
    bool exempt;                 /* from max_in_flight                       */
    struct slot *slots;
    struct seed_route *next;     /* in the order of adding */

    /* A mounted evhttp callback, else NULL. */
    void (*lent)(struct evhttp_request *request, void *ctx);
    void *lent_ctx;
};

struct error_link {
    char *name; /* NULL: every fault */
    struct link link;
    struct error_link *next;
};

struct plan {
    struct seed_options options; /* every default filled in                  */
    struct head_limits limits;
    struct deadlines deadlines;
    uint64_t most_in_flight;     /* requests, in one worker                  */
    struct str server_name;      /* value of the Server field                */
    seed_server *server;

    struct chain pre, use;
    struct chain foreign_chain;  /* lends to the application's own evhttp    */
    struct error_link *errors;
    struct router *router;
    seed_route *routes, *last_route;
    struct hooks hooks;          /* copied into each worker                  */
    seed_tracer tracers[8];
    unsigned tracer_count;
    struct {
        void (*hear)(const char *line, void *ctx);
        void *ctx;
    } listeners[4];              /* to warnings                              */
    unsigned listener_count;
    bool frozen;
    bool foreign;                /* what no route matches goes to the
                                  * application's own evhttp callbacks       */
};

/* Fills in the defaults. Returns 0, SEED_ENOMEM, or SEED_EINVAL with *why a
 * static sentence. */
int seed__plan_init(struct plan *plan, const struct seed_options *options,
    seed_server *server, const char **why);
void seed__plan_clear(struct plan *plan);

/* Makes every path that no route matches go to the application's evhttp. */
int seed__plan_foreign(struct plan *plan);

/* Milliseconds in nanoseconds; NEVER for what is more than a clock counts. */
uint64_t seed__plan_time(size_t milliseconds);

/* The shortest deadline of all, routes' included; not linger, which is none.
 */
uint64_t seed__plan_shortest(const struct plan *plan);

/* Adds a handler to a route's chain. Returns 0 or SEED_ENOMEM. */
int seed__route_then(seed_route *route, seed_handler *handler, void *ctx,
    const char *function, const char *file, int line);

/* Makes a route that is served by an evhttp callback. */
int seed__route_lend(seed_route *route,
    void (*callback)(struct evhttp_request *, void *), void *ctx);

/* A registration's name and place; copies nothing, the strings are literals. */
seed_site *seed__site_new(const char *kind, const void *address,
    const char *function, const char *file, int line);

/* Each returns 0 or SEED_ENOMEM. */
int seed__chain_add(struct chain *chain, const char *kind,
    seed_handler *handler, void *ctx, const char *function, const char *file,
    int line);
int seed__plan_on_error(struct plan *plan, const char *name,
    seed_handler *handler, void *ctx, const char *function, const char *file,
    int line);

/* Adds a route whose chain is still empty. Errors as seed__router_add(); for
 * SEED_EDUP *out is the route that has the place, else NULL. */
int seed__plan_route(struct plan *plan, const char *method,
    const char *pattern, seed_route **out, const char **why);

#endif
