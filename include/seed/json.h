/* SPDX-License-Identifier: MIT */
#ifndef SEED_JSON_H
#define SEED_JSON_H

#include <seed/types.h>

SEED_BEGIN_C

/* Direct JSON: text written straight into the answer's memory, without a tree
 * of values to build and serialise first.
 *
 *      seed_json json;
 *
 *      seed_json_start(&json, res);
 *      seed_json_object(&json, NULL);
 *      seed_json_string(&json, "name", user->name);
 *      seed_json_array(&json, "tags");
 *      seed_json_string(&json, NULL, "new");
 *      seed_json_end(&json);
 *      seed_json_end(&json);
 *      return seed_json_send(&json, 200);
 *
 * `key` is the member's name inside an object and NULL inside an array and at
 * the top. A value in a wrong place, one that is left open, or exhausted
 * memory makes seed_json_send() answer 500 and warn; no call needs a check.
 * Strings that are not UTF-8 get U+FFFD for what is wrong (RFC 8259 8.1). */

/** A JSON text in the making: on the caller's stack, its text in the
 *  request's memory. The fields are private. */
typedef struct seed_json {
    seed_res *res;
    char *text;
    size_t length, room;
    uint64_t kinds;       /* one bit a level: set for an object */
    unsigned char depth;  /* at most 64 levels                  */
    unsigned char comma, failed, spaced;
} seed_json;

/** Starts a text, in compact form. */
SEED_API void seed_json_start(seed_json *json, seed_res *res);

/** Starts a text with one blank behind each ":" and ",". */
SEED_API void seed_json_start_spaced(seed_json *json, seed_res *res);

/** Makes room for `length` more bytes at once. Optional. */
SEED_API void seed_json_reserve(seed_json *json, size_t length);

/** Open an object or an array; seed_json_end() closes the innermost. */
SEED_API void seed_json_object(seed_json *json, const char *key);
SEED_API void seed_json_array(seed_json *json, const char *key);
SEED_API void seed_json_end(seed_json *json);

/** Values. A NULL string is null; a number that is not finite is null. */
SEED_API void seed_json_string(seed_json *json, const char *key,
    const char *value);
SEED_API void seed_json_bytes(seed_json *json, const char *key,
    const char *value, size_t length);
SEED_API void seed_json_integer(seed_json *json, const char *key,
    int64_t value);
SEED_API void seed_json_number(seed_json *json, const char *key,
    double value);
SEED_API void seed_json_bool(seed_json *json, const char *key, bool value);
SEED_API void seed_json_null(seed_json *json, const char *key);

/** Text that is JSON already; nothing in it is looked at. The key is escaped
 *  as ever. */
SEED_API void seed_json_raw(seed_json *json, const char *key,
    const char *text, size_t length);

/** A string whose bytes are known to need no escape (hex digits, say). */
SEED_API void seed_json_raw_string(seed_json *json, const char *key,
    const char *value, size_t length);

/** The text so far, borrowed from the request, or NULL after a mistake. */
SEED_API const char *seed_json_text(const seed_json *json, size_t *length);

/** Sends the text as "application/json", without a copy. Returns SEED_STOP. */
SEED_API seed_step seed_json_send(seed_json *json, int status);

/** The same without a Content-Type. */
SEED_API seed_step seed_json_send_untyped(seed_json *json, int status);

SEED_END_C

#endif
