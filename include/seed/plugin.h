/* SPDX-License-Identifier: MIT */
#ifndef SEED_PLUGIN_H
#define SEED_PLUGIN_H

#include <seed/req.h>
#include <seed/types.h>

SEED_BEGIN_C

/* Middleware that comes with libseed. It is written on the public headers
 * alone, as yours is. */

/* --- bodies -------------------------------------------------------------- */

/** Limits of the body parsers; zero is the default. */
struct seed_parse_options {
    size_t max_body;  /* bytes, 0: the server's max_body; over it 413       */
    size_t max_depth; /* of JSON, 0: 32, at most 2,048; over it 400         */
    size_t max_pairs; /* of a form, 0: 1,000; over it 400                   */
};

/** Handlers that read and parse the body, for `use` or as the first of a
 *  route's handlers:
 *
 *      seed_route_then(seed_post(server, "/users", seed_parse_json, NULL),
 *          add_user, users);
 *
 *  ctx  a struct seed_parse_options, borrowed, or NULL
 *
 *  seed_parse_json  application/json and +json types: RFC 8259 in UTF-8, with
 *                   no name twice in an object and no NUL in a string; 400
 *                   says the position. Result: seed_req_json()
 *  seed_parse_form  application/x-www-form-urlencoded. Result: seed_req_form()
 *  seed_parse_body  whichever of the two the Content-Type names
 *
 *  A body of another type, or in a content coding, is a 415. A request without
 *  a body goes on without a result. Where seed_read_body() ran before, its
 *  bytes are parsed and stay readable. */
SEED_API seed_step seed_parse_json(seed_req *req, seed_res *res, void *ctx);
SEED_API seed_step seed_parse_form(seed_req *req, seed_res *res, void *ctx);
SEED_API seed_step seed_parse_body(seed_req *req, seed_res *res, void *ctx);

/** The parsed body, borrowed until the last `after`, or NULL. */
SEED_API struct json_t *seed_req_json(const seed_req *req);
SEED_API const seed_pairs *seed_req_form(const seed_req *req);

/* --- conditional requests, RFC 9110 13 ----------------------------------- */

/** What a request's preconditions ask for. */
enum seed_precondition {
    SEED_PROCEED,      /* do what was asked, or answer in full               */
    SEED_NOT_MODIFIED, /* answer 304: the client has it                      */
    SEED_FAILED        /* answer 412: the client means another version       */
};

/** Judges If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since
 *  in the order of RFC 9110 13.2.2 against what is there now. Nothing is
 *  answered.
 *
 *  etag           the value of the ETag field, quotes and W/ included, or NULL
 *  last_modified  the value of the Last-Modified field, or NULL. Both NULL:
 *                 there is nothing there yet
 *
 *  A list of entity-tags that is malformed matches nothing and lets nothing be
 *  changed; a date that is none is ignored. */
SEED_API enum seed_precondition seed_req_precondition(seed_req *req,
    const char *etag, const char *last_modified);

/** A handler for `use` or a route: gives every 200 answer to GET and HEAD an
 *  ETag, made from its bytes unless the answer has one, and turns it into 304
 *  or 412 where the preconditions ask for that. `ctx` is NULL.
 *
 *  A 304 keeps Cache-Control, Expires, Vary and the like and loses the fields
 *  that describe a body. Files and streams have no bytes to look at: they take
 *  part with the ETag or Last-Modified that their handler sets, and never turn
 *  into a 412. */
SEED_API seed_step seed_conditional(seed_req *req, seed_res *res, void *ctx);

/** Judges the request's preconditions against a key (a version, a timestamp,
 *  a row's revision), before the answer is made, or before a PUT changes
 *  anything:
 *
 *      if (seed_check_key(req, res, article->revision))
 *          return SEED_STOP;
 *
 *  The key in quotes becomes the strong ETag of the answer to GET and HEAD,
 *  and of a 412. Answers to other methods do not get it, for after a change it
 *  is nobody's ETag; nor do other errors.
 *
 *  key  not empty, without blanks, '"' and control characters; copied. NULL:
 *       there is nothing there yet (If-Match fails, If-None-Match: * holds)
 *
 *  Returns true when the request was answered by it: 304 or 412, or 500 for a
 *  key that cannot be one. */
SEED_API bool seed_check_key(seed_req *req, seed_res *res, const char *key);

/* --- digests ------------------------------------------------------------- */

/** What can be hashed with. */
enum seed_digest { SEED_SHA1, SEED_SHA256, SEED_SHA512 };

/** Hashes bytes into lower-case hex and a NUL: 41, 65 or 129 bytes of `out`.
 *  Returns 0, SEED_EFULL when `room` is too small, SEED_ENOMEM, SEED_ESYSTEM.
 *  Any thread. */
SEED_API int seed_digest_hex(enum seed_digest digest, const void *bytes,
    size_t length, char *out, size_t room);

SEED_END_C

#endif
