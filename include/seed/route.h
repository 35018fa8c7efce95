/* SPDX-License-Identifier: MIT */
#ifndef SEED_ROUTE_H
#define SEED_ROUTE_H

#include <seed/types.h>

SEED_BEGIN_C

/** Adds a handler that runs before routing, for every request, also for one
 *  that no route will match. It may rewrite the URL: seed_req_rewrite().
 *
 *  handler  runs in the order of the calls
 *  ctx      borrowed; must outlive the server */
#define seed_pre(server, handler, ...) \
    seed_pre_at((server), (handler), (__VA_ARGS__), SEED_HERE(handler))
SEED_API void seed_pre_at(seed_server *server, seed_handler *handler,
    void *ctx, const char *function, const char *file, int line);

/** Adds a handler that runs for every request that a route matches, before
 *  the handlers of that route, whether the route was added before or after.
 *  Arguments as for seed_pre(). */
#define seed_use(server, handler, ...) \
    seed_use_at((server), (handler), (__VA_ARGS__), SEED_HERE(handler))
SEED_API void seed_use_at(seed_server *server, seed_handler *handler,
    void *ctx, const char *function, const char *file, int line);

/** Adds a route and its first handler.
 *
 *      seed_get(server, "/users/:id", show_user, users);
 *
 *  pattern  a path, copied. A segment may hold parameters: "/users/:id",
 *           "/at/:lat,:lon", "/files/:name.:ext"; a parameter never matches
 *           nothing. The last segment may be "*", which matches the rest, or
 *           nothing: seed_req_param(req, "*"). "::" is a colon. What is fixed
 *           beats ":param" beats "*"; order of adding does not matter. At
 *           most 64 segments
 *  handler  what answers; more of them by seed_route_then()
 *  ctx      borrowed; must outlive the server
 *
 *  Returns the route, borrowed from the server, or NULL after a setup error
 *  (which sticks to the server; every call on a NULL route does nothing). */
#define seed_get(server, pattern, handler, ...) \
    seed_route_at((server), "GET", (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
#define seed_head(server, pattern, handler, ...) \
    seed_route_at((server), "HEAD", (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
#define seed_post(server, pattern, handler, ...) \
    seed_route_at((server), "POST", (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
#define seed_put(server, pattern, handler, ...) \
    seed_route_at((server), "PUT", (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
#define seed_patch(server, pattern, handler, ...) \
    seed_route_at((server), "PATCH", (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
#define seed_del(server, pattern, handler, ...) \
    seed_route_at((server), "DELETE", (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
#define seed_opts(server, pattern, handler, ...) \
    seed_route_at((server), "OPTIONS", (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))

/** The same for any method, a token as in RFC 9110 9.1 ("PROPFIND"), or for
 *  all methods: "*". A method that libseed does not know becomes known by
 *  having a route; others are answered 501. CONNECT is refused. */
#define seed_route_add(server, method, pattern, handler, ...) \
    seed_route_at((server), (method), (pattern), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
SEED_API seed_route *seed_route_at(seed_server *server, const char *method,
    const char *pattern, seed_handler *handler, void *ctx,
    const char *function, const char *file, int line);

/** Adds one more handler to a route, run when the one before it returned
 *  SEED_NEXT. Returns the route. */
#define seed_route_then(route, handler, ...) \
    seed_route_then_at((route), (handler), (__VA_ARGS__), SEED_HERE(handler))
SEED_API seed_route *seed_route_then_at(seed_route *route,
    seed_handler *handler, void *ctx, const char *function, const char *file,
    int line);

/** Names a route, for seed_route_url(). A name that is taken is a setup
 *  error. Copied. Returns the route. */
SEED_API seed_route *seed_route_name(seed_route *route, const char *name);

/** Gives a route's handlers a deadline: a request that has no whole answer so
 *  many milliseconds after it began is answered 503 and the connection closes
 *  (an answer that has begun is cut); seed_on_cancel() tells the handler. A
 *  handler that holds its thread is not interrupted: this is for those that
 *  wait. Kept as coarsely as the deadlines of struct seed_options.
 *
 *  milliseconds  0: the server's handler_deadline; SEED_UNLIMITED: none
 *
 *  Before seed_listen(). Returns the route. */
SEED_API seed_route *seed_route_deadline(seed_route *route,
    size_t milliseconds);

/** Answers a route also when there are as many requests as max_in_flight lets
 *  be: those of a load balancer that asks for health, which would otherwise
 *  take a busy server for a dead one. It is looked up by the request's target
 *  before `pre`. seed_shed_class(route, SEED_EXEMPT) does this too.
 *
 *  Before seed_listen(). Returns the route. */
SEED_API seed_route *seed_route_exempt(seed_route *route, bool exempt);

/** Builds the path of a named route: parameters percent-encoded, then the
 *  query.
 *
 *      seed_route_url(server, "user", buf, sizeof buf, "id", "7", NULL)
 *
 *  out   receives the path and a NUL; at most `room` bytes
 *  ...   parameter name, value, name, value, ..., NULL. A name that the
 *        pattern does not have is added to the query
 *
 *  Returns the length without the NUL, or SEED_ENOROUTE, SEED_EINVAL for a
 *  parameter that is missing, SEED_EFULL when `room` is too small. Any
 *  thread, once the server is set up. */
SEED_API int seed_route_url(const seed_server *server, const char *name,
    char *out, size_t room, ...);

/* What a route is, for logs, metrics and listings. Borrowed; never NULL but
 * for a route without a name. */
SEED_API const char *seed_route_method(const seed_route *route);
SEED_API const char *seed_route_pattern(const seed_route *route);
SEED_API const char *seed_route_title(const seed_route *route);

/** Calls `each` for every route, in the order in which they were added. */
SEED_API void seed_each_route(const seed_server *server,
    void (*each)(const seed_route *route, void *ctx), void *ctx);

/** A place of a plugin's own in a route (its limit, its class, its schema).
 *
 *  key    any address that is the caller's own; borrowed
 *  value  borrowed; NULL takes it away
 *
 *  Set before seed_listen(); read by any thread. */
SEED_API seed_route *seed_route_set(seed_route *route, const void *key,
    void *value);
SEED_API void *seed_route_slot(const seed_route *route, const void *key);

SEED_END_C

#endif
