/* SPDX-License-Identifier: MIT */
#ifndef SEED_RES_H
#define SEED_RES_H

#include <seed/types.h>

SEED_BEGIN_C

/* A request gets one answer. Each seed_send_...() sends it and returns
 * SEED_STOP; a second one changes nothing, warns, and returns SEED_STOP too.
 * Content-Length, Date and Connection are libseed's; no Content-Type is
 * invented. HEAD, 204, 205 and 304 send no body, whatever is given (RFC 9110
 * 9.3.2, 15.3.5, 15.3.6, 15.4.5). A status outside of 200 to 599 becomes 500.
 * When the client is gone, sending does nothing. */

/** Sends a status without a body. */
SEED_API seed_step seed_send(seed_res *res, int status);

/** Sends text as "text/plain; charset=utf-8". `text` is copied. */
SEED_API seed_step seed_send_text(seed_res *res, int status,
    const char *text);

/** Sends a jansson value as compact "application/json".
 *
 *  value  taken: one reference is dropped after the last `after`, also on
 *         failure. NULL is a 500 */
SEED_API seed_step seed_send_json(seed_res *res, int status,
    struct json_t *value);

/** Sends bytes, copied, without a Content-Type. */
SEED_API seed_step seed_send_bytes(seed_res *res, int status,
    const void *bytes, size_t length);

/** Sends bytes without a copy.
 *
 *  bytes  borrowed until the last `after` of this request: a static array,
 *         a cache that outlives it, or memory of seed_req_alloc() */
SEED_API seed_step seed_send_static(seed_res *res, int status,
    const void *bytes, size_t length);

/** Sends a regular file by sendfile(2), as long as it is now. A path that
 *  does not exist or may not be read fails with 404 (the reason is the
 *  fault's cause). `path` is the application's word, not the client's: nothing
 *  in it is judged. */
SEED_API seed_step seed_send_file(seed_res *res, int status,
    const char *path);

/** Answers with a Location and no body.
 *
 *  status    301, 302, 303, 307 or 308; anything else is a 500
 *  location  a URI reference; copied. Bytes that may not stand in one are
 *            percent-encoded, CR and LF are refused with a 500 */
SEED_API seed_step seed_redirect(seed_res *res, int status,
    const char *location);

/** Sets, adds or removes a field of the answer, before it is sent.
 *
 *  name   a token (RFC 9110 5.1); compared without case, sent as it is spelled
 *  value  visible characters, blanks and bytes over 0x7f (RFC 9110 5.5); no
 *         CR, LF or NUL, so that an answer cannot be split. Copied; NULL is ""
 *
 *  `set` replaces all fields of that name, `append` adds one more, `remove`
 *  takes all of them away, and there need not be any. Returns 0, SEED_EHEADER
 *  for a name or value that is not allowed and for the framing fields that
 *  libseed writes (Content-Length, Transfer-Encoding, Connection, Date,
 *  Keep-Alive, Trailer, Upgrade), SEED_ESENT after the head, SEED_ENOMEM. */
SEED_API int seed_res_set(seed_res *res, const char *name, const char *value);
SEED_API int seed_res_append(seed_res *res, const char *name,
    const char *value);
SEED_API int seed_res_remove(seed_res *res, const char *name);

/** Like seed_res_set() without a copy or a check: name and value are borrowed
 *  until the last `after`, and the caller answers for their bytes. For fields
 *  that are constant. */
SEED_API int seed_res_set_unchecked(seed_res *res, const char *name,
    const char *value);

/** The first value of a field that was set, or NULL. Borrowed. */
SEED_API const char *seed_res_header(const seed_res *res, const char *name);

/** The fields that were set, one by one in that order: `index` from 0 on.
 *  Returns false past the last. Borrowed. */
SEED_API bool seed_res_field(const seed_res *res, size_t index,
    const char **name, const char **value);

/** The status that was or will be sent, 0 before there is one, 444 when the
 *  client went away before its answer. */
SEED_API int seed_res_status(const seed_res *res);

/** True once an answer was given to send. */
SEED_API bool seed_res_sent(const seed_res *res);

/** What was sent, borrowed until the last `after`: the jansson value of
 *  seed_send_json() or NULL; and the bytes of any answer but a file or a
 *  stream, or NULL. */
SEED_API struct json_t *seed_res_json(const seed_res *res);
SEED_API const char *seed_res_bytes(const seed_res *res, size_t *length);

/** Bytes handed to the kernel so far for this answer, head and body. */
SEED_API uint64_t seed_res_wire_bytes(const seed_res *res);

/** Tells the client to use another connection next: the answer carries
 *  `Connection: close`, and the connection closes after it. */
SEED_API void seed_res_close(seed_res *res);

/* --- the send stage: hooks of SEED_ON_SEND may change the answer --------- */

/** Changes the status of an answer in the send stage. Returns 0, SEED_EINVAL
 *  outside of 200 to 599, SEED_ESTATE at any other time. */
SEED_API int seed_res_change_status(seed_res *res, int status);

/** Replaces the body of an answer in the send stage. Not for files and
 *  streams.
 *
 *  bytes  borrowed until the last `after`; seed_req_alloc() is a good place
 *
 *  Returns 0, or SEED_ESTATE. */
SEED_API int seed_res_change_body(seed_res *res, const void *bytes,
    size_t length);

/* --- streams ------------------------------------------------------------- */

/** Opens an answer whose body comes in pieces.
 *
 *  length  the number of bytes that will follow, or SEED_UNLIMITED when it is
 *          not known (chunked; for HTTP/1.0 the connection's close ends it)
 *
 *  Returns 0, or SEED_EINVAL for a status outside of 200 to 599, SEED_ESENT,
 *  SEED_EGONE, SEED_ENOMEM. */
SEED_API int seed_stream_open(seed_res *res, int status, size_t length);

/** Sends a piece of a stream. `bytes` is copied, where they cannot be given to
 *  the kernel at once.
 *
 *  Returns 0; 1 when the piece was taken but more than max_output waits now:
 *  write no more until the drain hook; SEED_EFULL for bytes over the length
 *  of seed_stream_open() (nothing was taken), SEED_EGONE, SEED_ESTATE. */
SEED_API int seed_stream_write(seed_res *res, const void *bytes,
    size_t length);

/** Ends a stream. One with fewer bytes than it promised aborts the connection,
 *  so that the client sees that it is cut. Returns SEED_STOP. */
SEED_API seed_step seed_stream_end(seed_res *res);

/** Cuts an answer off: the connection is reset, the client cannot take what it
 *  has for the whole. For errors in the middle of a stream. */
SEED_API seed_step seed_stream_abort(seed_res *res);

/** Called when what waits has fallen below half of max_output, after a write
 *  returned 1; never from inside that write, nor for a client that is gone. One
 *  function an answer. `ctx` is borrowed. */
typedef void seed_drain_hook(seed_res *res, void *ctx);
SEED_API void seed_on_drain(seed_res *res, seed_drain_hook *hook, void *ctx);

SEED_END_C

#endif
