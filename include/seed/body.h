/* SPDX-License-Identifier: MIT */
#ifndef SEED_BODY_H
#define SEED_BODY_H

#include <seed/types.h>

SEED_BEGIN_C

/* Handlers run as soon as the head is accepted; nothing waits for the body
 * unless it is asked for. The first ask sends 100 Continue to a client that
 * expects it. A body that nobody asked for is read and thrown away while it
 * is small (max_drain), else the connection closes after the answer. */

/** Waits for the whole body, then goes on with the next handler:
 *
 *      return seed_read_body(req, 0);
 *
 *  limit  bytes; 0: the server's max_body; over it the request fails with
 *         413, decided on Content-Length before a byte is read when there is
 *         one, and the same for a chunked body
 *
 *  Returns what the handler must return: SEED_NEXT when the body is there
 *  already (or there is none), else SEED_WAIT; seed_resume() is not needed. */
SEED_API seed_step seed_read_body(seed_req *req, size_t limit);

/** The body that seed_read_body() waited for, or NULL before that. Borrowed
 *  from the request. A NUL follows its last byte.
 *
 *  length  receives the number of bytes; may be NULL */
SEED_API const char *seed_req_body(const seed_req *req, size_t *length);

/** Receives a piece of the body; `bytes` is borrowed for the call. The end of
 *  the body is one call with NULL and 0, in which the handler's chain goes on
 *  by seed_resume(). Resuming it earlier ends the calls; what is left of the
 *  body is passed over. When the client goes away first there is no such call:
 *  seed_on_peer() tells. Nor is there for a body that turns out malformed or
 *  over its limit: the request fails. What must be undone in every case has
 *  its place in seed_req_cleanup(). */
typedef void seed_body_hook(seed_req *req, const char *bytes, size_t length,
    void *ctx);

/** Streams the body to a function, piece by piece as it arrives:
 *
 *      return seed_on_body(req, SEED_UNLIMITED, store_piece, file);
 *
 *  limit  bytes, as for seed_read_body()
 *  ctx    borrowed until the last `after`
 *
 *  Returns what the handler must return: SEED_WAIT (the hook is called later,
 *  also for a request without a body), or SEED_STOP when the request failed.
 *  An answer may be sent before the body has ended. */
SEED_API seed_step seed_on_body(seed_req *req, size_t limit,
    seed_body_hook *hook, void *ctx);

/** Stops and restarts the calls of the body hook. While stopped nothing is
 *  read, so that the client is slowed down. Both are counted as switches, not
 *  as pairs. */
SEED_API void seed_body_pause(seed_req *req);
SEED_API void seed_body_resume(seed_req *req);

/** The trailer fields of a chunked body that has ended (RFC 9110 6.5), by
 *  name without case, or NULL. They are never merged with the header. */
SEED_API const char *seed_req_trailer(const seed_req *req, const char *name);

SEED_END_C

#endif
