/* SPDX-License-Identifier: MIT */
#ifndef SEED_FIELD_H
#define SEED_FIELD_H

#include <seed/types.h>

#include <string.h>

SEED_BEGIN_C

struct seed_fault;

/* What a line of a log holds, as typed values (log.h). A field keeps the
 * pointers that it is made of: what they point to stays until the call that
 * takes the field returns. Nothing here allocates, and nothing can fail.
 *
 *     seed_log_info(log, "stored", seed_str("key", key), seed_int("n", 3));
 *
 *     const seed_log_field fields[] = {
 *         seed_str("key", key), seed_int("n", 3), seed_no_more()};
 *
 *     seed_log_write(log, SEED_LOG_INFO, "stored", fields);
 *
 * Both write `"key":"...","n":3,"msg":"stored"`. `key` is a C string. */

/* The kinds of field; private. */
enum seed_log_kind {
    SEED_LOG_LAST,
    SEED_LOG_NULL,
    SEED_LOG_TEXT,
    SEED_LOG_INT,
    SEED_LOG_UINT,
    SEED_LOG_DOUBLE,
    SEED_LOG_BOOL,
    SEED_LOG_RAW,
    SEED_LOG_OBJECT,
    SEED_LOG_ARRAY,
    SEED_LOG_END,
    SEED_LOG_REQ,
    SEED_LOG_RES,
    SEED_LOG_FAULT,
    SEED_LOG_ERRNO,
    SEED_LOG_KINDS
};

/** A member of a line, made by the functions below. Its insides are
 *  private. */
typedef struct seed_log_field {
    const char *key;
    uint32_t key_length;
    uint32_t kind;
    union {
        const void *thing;
        int64_t integer;
        uint64_t natural;
        double number;
    } value;
    size_t length;
} seed_log_field;

/* What the others are made with; private. */
static inline seed_log_field seed_log_field_of(enum seed_log_kind kind,
    const char *key, const void *thing, size_t length)
{
    seed_log_field field;

    field.key = key;
    field.key_length = key ? (uint32_t)strlen(key) : 0;
    field.kind = (uint32_t)(thing ? kind : SEED_LOG_NULL);
    field.value.thing = thing;
    field.length = length;
    return field;
}

/** A string. NULL is null. Bytes that are not UTF-8 become U+FFFD. */
static inline seed_log_field seed_str(const char *key, const char *value)
{
    return seed_log_field_of(SEED_LOG_TEXT, key, value,
        value ? strlen(value) : 0);
}

/** The same for bytes with a length. */
static inline seed_log_field seed_text(const char *key, const char *value,
    size_t length)
{
    return seed_log_field_of(SEED_LOG_TEXT, key, value, length);
}

/** A whole number. */
static inline seed_log_field seed_int(const char *key, int64_t value)
{
    seed_log_field field = seed_log_field_of(SEED_LOG_INT, key, "", 0);

    field.value.integer = value;
    return field;
}

/** A whole number that is never negative. */
static inline seed_log_field seed_uint(const char *key, uint64_t value)
{
    seed_log_field field = seed_log_field_of(SEED_LOG_UINT, key, "", 0);

    field.value.natural = value;
    return field;
}

/** A number, in the digits of JavaScript; one that is not finite is null. */
static inline seed_log_field seed_num(const char *key, double value)
{
    seed_log_field field = seed_log_field_of(SEED_LOG_DOUBLE, key, "", 0);

    field.value.number = value;
    return field;
}

/** true or false. */
static inline seed_log_field seed_bool(const char *key, bool value)
{
    seed_log_field field = seed_log_field_of(SEED_LOG_BOOL, key, "", 0);

    field.value.integer = value;
    return field;
}

/** null. */
static inline seed_log_field seed_null(const char *key)
{
    return seed_log_field_of(SEED_LOG_NULL, key, NULL, 0);
}

/** A text that is JSON already (json_dumps() of jansson, say). Line ends in it
 *  become blanks; nothing else is looked at, unless there is something to
 *  redact in it: then a text that is no JSON is redacted whole. */
static inline seed_log_field seed_raw(const char *key, const char *json,
    size_t length)
{
    return seed_log_field_of(SEED_LOG_RAW, key, length ? json : NULL, length);
}

/** Begins an object, whose members follow, up to seed_end(). At most 16 are
 *  open at a time; deeper ones are null. */
static inline seed_log_field seed_obj(const char *key)
{
    return seed_log_field_of(SEED_LOG_OBJECT, key, "", 0);
}

/** Begins an array, whose elements follow with a key of NULL. */
static inline seed_log_field seed_arr(const char *key)
{
    return seed_log_field_of(SEED_LOG_ARRAY, key, "", 0);
}

/** Ends the innermost object or array. */
static inline seed_log_field seed_end(void)
{
    return seed_log_field_of(SEED_LOG_END, NULL, "", 0);
}

/** A request as pino-http says it, under "req": id, method, url, query,
 *  params, headers, remoteAddress, remotePort. On its worker's thread. */
static inline seed_log_field seed_as_req(seed_req *req)
{
    return seed_log_field_of(SEED_LOG_REQ, "req", req, 0);
}

/** An answer, under "res": statusCode and headers, those that were set. On
 *  its worker's thread. */
static inline seed_log_field seed_as_res(seed_res *res)
{
    return seed_log_field_of(SEED_LOG_RES, "res", res, 0);
}

/** A fault, under "err": type, message and stack, each with its cause, code
 *  and statusCode. */
static inline seed_log_field seed_as_err(const struct seed_fault *fault)
{
    return seed_log_field_of(SEED_LOG_FAULT, "err", fault, 0);
}

/** A failed system call, under "err": type, message, stack, errno, code and
 *  syscall, as node's. `number` is an errno. */
static inline seed_log_field seed_as_errno(const char *call, int number)
{
    seed_log_field field = seed_log_field_of(SEED_LOG_ERRNO, "err", call,
        (size_t)number);

    field.kind = SEED_LOG_ERRNO;
    return field;
}

/** Ends a list of fields that is not written by a macro. */
static inline seed_log_field seed_no_more(void)
{
    return seed_log_field_of(SEED_LOG_LAST, NULL, "", 0);
}

SEED_END_C

#endif
