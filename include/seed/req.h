/* SPDX-License-Identifier: MIT */
#ifndef SEED_REQ_H
#define SEED_REQ_H

#include <seed/types.h>

SEED_BEGIN_C

/* Every pointer that these functions return is borrowed from the request and
 * valid until its last `after` hook. Strings end with NUL. They are called on
 * the thread of the request's worker, but for seed_resume() (async.h). */

/** The method as it was sent: "GET". */
SEED_API const char *seed_req_method(const seed_req *req);

/** The target in origin form, path and query: "/users/7?full=1". What a `pre`
 *  handler rewrote; of an absolute-form target only its path and query. */
SEED_API const char *seed_req_url(const seed_req *req);

/** The target exactly as it was sent, in whatever form, before any rewrite. */
SEED_API const char *seed_req_target(const seed_req *req);

/** The path as it was sent, not decoded: "/users/J%C3%B6rg". */
SEED_API const char *seed_req_path(const seed_req *req);

/** The query as it was sent, without "?"; "" when there is none. */
SEED_API const char *seed_req_query_string(const seed_req *req);

/** Replaces path and query before routing.
 *
 *  url  starts with "/"; copied
 *
 *  Returns 0, SEED_EINVAL for what could not be a request target (RFC 9112
 *  3.2.1), SEED_ESTATE outside of `pre`. */
SEED_API int seed_req_rewrite(seed_req *req, const char *url);

/** The minor version of HTTP/1: 0 or 1 (2 to 9 count as 1). */
SEED_API int seed_req_minor_version(const seed_req *req);

/** The authority that the client asked for, from the target or Host (RFC 9112
 *  3.3): "example.org:8080"; "" for HTTP/1.0 without Host. */
SEED_API const char *seed_req_host(const seed_req *req);

/** A parameter of the route's pattern, percent-decoded once, or NULL. "*" is
 *  what a wildcard matched. It holds no NUL: a path with %00 is refused. */
SEED_API const char *seed_req_param(const seed_req *req, const char *name);

/** The parameters one by one in the pattern's order: `index` from 0 on.
 *  Returns false past the last, and when no route matched. */
SEED_API bool seed_req_param_at(seed_req *req, size_t index,
    const char **name, const char **value);

/** The first value of a query parameter, decoded, or NULL when the query does
 *  not have it or is malformed. For repeated names and for bytes that may
 *  hold NUL: seed_req_query_pairs(). */
SEED_API const char *seed_req_query(seed_req *req, const char *name);

/** Decoded names and values in the order in which they were sent. */
typedef struct seed_pair {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
} seed_pair;

/** A list of them. */
typedef struct seed_pairs {
    const seed_pair *pairs;
    size_t count;
} seed_pairs;

/** The whole query as application/x-www-form-urlencoded (at most 1,000
 *  pairs), or NULL when it is malformed or over that limit. Parsed once. */
SEED_API const seed_pairs *seed_req_query_pairs(seed_req *req);

/** Finds a name in pairs, starting behind `after` (NULL: at the first), or
 *  returns NULL: walk a repeated name by passing what was found last. Nothing
 *  is found in NULL, which a malformed query is. */
SEED_API const seed_pair *seed_pairs_find(const seed_pairs *pairs,
    const char *name, const seed_pair *after);

/** Parses application/x-www-form-urlencoded bytes into the request's memory.
 *
 *  limit  how many pairs at most
 *
 *  Returns NULL when they are malformed, too many, or memory is exhausted. */
SEED_API const seed_pairs *seed_parse_pairs(seed_req *req, const char *bytes,
    size_t length, size_t limit);

/** The value of the first field with this name (compared without case), or
 *  NULL. Without the white space around it; holds no NUL. */
SEED_API const char *seed_req_header(const seed_req *req, const char *name);

/** All values of a list field, joined by ", " (RFC 9110 5.3), or NULL. */
SEED_API const char *seed_req_header_list(seed_req *req, const char *name);

/** The fields one by one as they came: `index` from 0 on. Returns false past
 *  the last. Trailers never appear here. */
SEED_API bool seed_req_field(const seed_req *req, size_t index,
    const char **name, const char **value);

/** The declared length of the body: 0 without one, SEED_UNLIMITED when it is
 *  chunked. */
SEED_API size_t seed_req_content_length(const seed_req *req);

/** The media type of Content-Type in lower case without parameters, or "". */
SEED_API const char *seed_req_content_type(seed_req *req);

/** The route that matched, or NULL before routing and without a match. */
SEED_API const seed_route *seed_req_route(const seed_req *req);

/** The server and the worker that this request belongs to. */
SEED_API seed_server *seed_req_server(const seed_req *req);
SEED_API seed_worker *seed_req_worker(const seed_req *req);

/** A number of its own for each request of a process, from 1 on. */
SEED_API uint64_t seed_req_number(const seed_req *req);

/** The client's address, "127.0.0.1:40312", "[::1]:40312", "unix:" or
 *  "inject:". */
SEED_API const char *seed_req_peer(seed_req *req);

/** When the head was accepted, in nanoseconds of the monotonic clock
 *  (seed_now()). */
SEED_API uint64_t seed_req_begun(const seed_req *req);

/** How long the request's bytes had waited to be read when it began, in
 *  nanoseconds, from the kernel's own account (TCP_INFO; a system call; its
 *  grain is a kernel tick), or 0 where it is not known. */
SEED_API uint64_t seed_req_socket_wait(const seed_req *req);

/** What is known of the client. */
enum seed_peer_state {
    SEED_PEER_OPEN,
    SEED_HALF_CLOSED, /* it will send no more, and may wait for the answer  */
    SEED_GONE         /* reset or closed: no answer can reach it            */
};
SEED_API enum seed_peer_state seed_req_peer_state(const seed_req *req);

/** Called when the client half-closes, and when it is gone. After SEED_GONE
 *  the request is settled: no further handler runs, its status is 444 and
 *  sends return SEED_EGONE. One function a request; NULL takes it away.
 *
 *  A request that waits wants its seed_resume() all the same, of which the
 *  hook is a good place. A server that ends tells those that it cuts off, too.
 *  A reset is told at once, but within half a second when it comes together
 *  with the request.
 *
 *  ctx  borrowed until the last `after` */
typedef void seed_peer_hook(seed_req *req, enum seed_peer_state state,
    void *ctx);
SEED_API void seed_on_peer(seed_req *req, seed_peer_hook *hook, void *ctx);

/** Why a request is over before its handlers are. */
enum seed_cancel {
    SEED_CANCEL_GONE,    /* the client is gone, or the server has ended it  */
    SEED_CANCEL_DEADLINE /* seed_route_deadline(): it was answered 503      */
};

/** Called once when a request ends while its handlers are still at it: there
 *  is nobody to answer any more, and the place to stop what was begun for it.
 *  The request is settled, as after SEED_GONE, which the peer hook is then not
 *  told; without a cancel hook it is, also at the deadline. What waits wants
 *  its seed_resume() all the same. One function a request; NULL takes it away.
 *
 *  ctx  borrowed until the last `after` */
typedef void seed_cancel_hook(seed_req *req, enum seed_cancel why, void *ctx);
SEED_API void seed_on_cancel(seed_req *req, seed_cancel_hook *hook, void *ctx);

/** Memory that lives as long as the request: nothing to free. Aligned for any
 *  type. NULL when memory is exhausted. */
SEED_API void *seed_req_alloc(seed_req *req, size_t size);

/** A formatted string in that memory, or NULL. */
SEED_API char *seed_req_printf(seed_req *req, const char *format, ...)
    SEED_PRINTF(2, 3);

/** Called once after the request's last `after` hook, in the reverse order of
 *  adding, to free what the request's own memory cannot hold. Returns 0 or
 *  SEED_ENOMEM (then it was called at once). */
SEED_API int seed_req_cleanup(seed_req *req, void (*cleanup)(void *ctx),
    void *ctx);

/** A place of a middleware's own in the request.
 *
 *      static char user_key;
 *      seed_req_set(req, &user_key, user);
 *
 *  key    any address that is the caller's own; borrowed
 *  value  borrowed; NULL takes it away
 *
 *  Returns 0 or SEED_ENOMEM. */
SEED_API int seed_req_set(seed_req *req, const void *key, void *value);
SEED_API void *seed_req_slot(const seed_req *req, const void *key);

/** The answer of this request, and the request of this answer. */
SEED_API seed_res *seed_req_res(seed_req *req);
SEED_API seed_req *seed_res_req(const seed_res *res);

SEED_END_C

#endif
