/* SPDX-License-Identifier: MIT */
/* JSON text (RFC 8259) written into the request's arena as it is said. The
 * text is the arena's newest piece as long as the handler allocates nothing
 * else, and then grows where it stands.
 *
 * A level is one bit of `kinds`; `comma` tells whether the innermost level has
 * a value already, and at the top, whether the text has its one value. */
#include "base/number.h"
#include "base/scan_json.h"
#include "flow/req.h"

#include <seed/error.h>
#include <seed/json.h>

#include <math.h>
#include <string.h>

enum {
    FIRST_ROOM = 256,
    MAX_DEPTH = 64,
    LONGEST_ESCAPE = 6,
    LONGEST_INTEGER = 20, /* its sign included */
    AROUND_KEY = 6 /* a comma, a colon, a blank each, two quotes */
};

enum failure {
    FAILED_NOT,
    FAILED_MEMORY,
    FAILED_KEY,
    FAILED_NO_KEY,
    FAILED_TWO_TOPS,
    FAILED_DEPTH,
    FAILED_END,
    FAILED_OPEN
};

static const char *const sentences[] = {
    [FAILED_MEMORY] = "memory is exhausted",
    [FAILED_KEY] = "a value outside of an object has a key",
    [FAILED_NO_KEY] = "a value in an object has no key",
    [FAILED_TWO_TOPS] = "there is a second value at the top",
    [FAILED_DEPTH] = "there are more than 64 levels",
    [FAILED_END] = "seed_json_end() has nothing to end",
    [FAILED_OPEN] = "an object or array was left open, or nothing was written",
};

void seed_json_start(seed_json *json, seed_res *res)
{
    *json = (seed_json){ .res = res };
}

void seed_json_start_spaced(seed_json *json, seed_res *res)
{
    *json = (seed_json){ .res = res, .spaced = 1 };
}

static void fail(seed_json *json, enum failure why)
{
    if (!json->failed)
        json->failed = (unsigned char)why;
}

/* --- room ---------------------------------------------------------------- */

static bool move(seed_json *json, struct arena *arena, size_t room)
{
    char *text = seed__arena_bytes(arena, SEND_HEAD_ROOM + room);

    if (!text)
        return false;
    text += SEND_HEAD_ROOM;
    if (json->text)
        memcpy(text, json->text, json->length);
    json->text = text;
    json->room = room;
    return true;
}

static bool grow(seed_json *json, size_t more)
{
    struct arena *arena = &seed_res_req(json->res)->arena;
    size_t needed, room = 2 * json->room;

    if (more > SIZE_MAX / 4 - json->length) {
        fail(json, FAILED_MEMORY);
        return false;
    }
    needed = json->length + more;
    if (room < needed + FIRST_ROOM)
        room = needed + FIRST_ROOM;

    if (json->text
        && seed__arena_extend(arena, json->text, json->room, room)) {
        json->room = room;
        return true;
    }
    if (move(json, arena, room))
        return true;

    fail(json, FAILED_MEMORY);
    return false;
}

/* Makes sure of `more` bytes and a NUL. */
static inline bool has_room(seed_json *json, size_t more)
{
    return json->room - json->length > more || grow(json, more + 1);
}

void seed_json_reserve(seed_json *json, size_t length)
{
    if (!json->failed)
        has_room(json, length);
}

static void put_byte(seed_json *json, char byte)
{
    if (has_room(json, 1))
        json->text[json->length++] = byte;
}

static void put(seed_json *json, const char *bytes, size_t length)
{
    if (!has_room(json, length))
        return;
    if (length)
        memcpy(json->text + json->length, bytes, length);
    json->length += length;
}

/* --- strings ------------------------------------------------------------- */

/* Writes what stands first, which is not plain; at most LONGEST_ESCAPE bytes.
 * Returns how many bytes of the string are done with. */
static size_t put_special(seed_json *json, const char *bytes, size_t length)
{
    char *out = json->text + json->length;
    bool whole;
    size_t used;

    if ((unsigned char)*bytes < 0x80) {
        json->length += seed__json_escape(out, *bytes);
        return 1;
    }

    used = seed__scan_utf8(bytes, length, &whole);
    memcpy(out, whole ? bytes : "\xef\xbf\xbd", whole ? used : 3);
    json->length += whole ? used : 3;
    return used;
}

static void put_escaped(seed_json *json, const char *bytes, size_t length)
{
    while (length && has_room(json, length + LONGEST_ESCAPE)) {
        size_t used = 0;

        if ((unsigned char)*bytes < 0x80)
            used = seed__scan_json_copy(json->text + json->length, bytes,
                length);
        json->length += used;
        if (used < length)
            used += put_special(json, bytes + used, length - used);
        bytes += used;
        length -= used;
    }
}

/* There is room for it as it stands. */
static void put_quoted(seed_json *json, const char *bytes, size_t length)
{
    char *out = json->text + json->length;
    size_t plain;

    *out++ = '"';
    plain = seed__scan_json_copy(out, bytes, length);
    out += plain;
    if (plain == length)
        *out++ = '"';
    json->length = (size_t)(out - json->text);
    if (plain < length) {
        put_escaped(json, bytes + plain, length - plain);
        put_byte(json, '"');
    }
}

/* --- places -------------------------------------------------------------- */

static bool in_object(const seed_json *json)
{
    return json->depth && (json->kinds >> (json->depth - 1) & 1);
}

/* Why no value may come here. */
static enum failure misplaced(const seed_json *json, const char *key)
{
    bool object = in_object(json);

    if (object != (key != NULL))
        return object ? FAILED_NO_KEY : FAILED_KEY;

    return !json->depth && json->comma ? FAILED_TWO_TOPS : FAILED_NOT;
}

/* There is room. */
static void put_mark(seed_json *json, char mark)
{
    char *out = json->text + json->length;

    json->length += 1 + json->spaced;
    out[0] = mark;
    out[1] = ' ';
}

/* Comma and key in front of a value; false when no value may come here. */
static bool begin(seed_json *json, const char *key)
{
    size_t length = key ? strlen(key) : 0;

    if (!json->failed)
        json->failed = (unsigned char)misplaced(json, key);
    if (json->failed || !has_room(json, length + AROUND_KEY))
        return false;

    if (json->comma)
        put_mark(json, ',');
    if (key) {
        put_quoted(json, key, length);
        if (has_room(json, 2))
            put_mark(json, ':');
    }
    json->comma = 1;
    return !json->failed;
}

static void open_level(seed_json *json, const char *key, bool object)
{
    uint64_t bit;

    if (!begin(json, key))
        return;
    if (json->depth == MAX_DEPTH) {
        fail(json, FAILED_DEPTH);
        return;
    }

    bit = (uint64_t)1 << json->depth++;
    json->kinds = object ? json->kinds | bit : json->kinds & ~bit;
    json->comma = 0;
    put_byte(json, object ? '{' : '[');
}

void seed_json_object(seed_json *json, const char *key)
{
    open_level(json, key, true);
}

void seed_json_array(seed_json *json, const char *key)
{
    open_level(json, key, false);
}

void seed_json_end(seed_json *json)
{
    bool object = in_object(json);

    if (!json->depth) {
        fail(json, FAILED_END);
        return;
    }
    json->depth--;
    json->comma = 1;
    if (!json->failed)
        put_byte(json, object ? '}' : ']');
}

/* --- values -------------------------------------------------------------- */

void seed_json_raw(seed_json *json, const char *key, const char *text,
    size_t length)
{
    if (begin(json, key))
        put(json, text, length);
}

void seed_json_raw_string(seed_json *json, const char *key, const char *value,
    size_t length)
{
    char *out;

    if (!begin(json, key) || !has_room(json, length + 2))
        return;

    out = json->text + json->length;
    *out = '"';
    if (length)
        memcpy(out + 1, value, length);
    out[length + 1] = '"';
    json->length += length + 2;
}

void seed_json_bytes(seed_json *json, const char *key, const char *value,
    size_t length)
{
    if (begin(json, key) && has_room(json, length + 2))
        put_quoted(json, value, length);
}

void seed_json_string(seed_json *json, const char *key, const char *value)
{
    if (value)
        seed_json_bytes(json, key, value, strlen(value));
    else
        seed_json_null(json, key);
}

void seed_json_null(seed_json *json, const char *key)
{
    seed_json_raw(json, key, "null", 4);
}

void seed_json_bool(seed_json *json, const char *key, bool value)
{
    seed_json_raw(json, key, value ? "true" : "false", value ? 4 : 5);
}

void seed_json_integer(seed_json *json, const char *key, int64_t value)
{
    size_t sign = value < 0;
    uint64_t size = sign ? 0 - (uint64_t)value : (uint64_t)value;
    char *out;

    if (!begin(json, key) || !has_room(json, LONGEST_INTEGER))
        return;

    out = json->text + json->length;
    *out = '-';
    json->length += sign + seed__str_decimal(out + sign, size);
}

void seed_json_number(seed_json *json, const char *key, double value)
{
    char text[NUMBER_ROOM];

    if (isfinite(value))
        seed_json_raw(json, key, text, seed__number_write(text, value));
    else
        seed_json_null(json, key);
}

/* --- the end ------------------------------------------------------------- */

const char *seed_json_text(const seed_json *json, size_t *length)
{
    if (length)
        *length = json->failed ? 0 : json->length;
    if (json->failed)
        return NULL;
    if (!json->text)
        return "";

    json->text[json->length] = '\0';
    return json->text;
}

static seed_step send_failure(seed_json *json)
{
    seed_req *req = seed_res_req(json->res);
    const char *why = sentences[json->failed];

    seed__warn_mistake(req, MISTAKE_JSON,
        "the JSON for %s %s is not whole: %s",
        seed_req_method(req), seed_req_path(req), why);
    return seed_fail_with(json->res, &(seed_fault){
        .status = 500,
        .message = "the answer could not be written as JSON",
        .cause = why,
    });
}

seed_step seed_json_send_untyped(seed_json *json, int status)
{
    if (json->depth || !json->comma)
        fail(json, FAILED_OPEN);
    if (json->failed)
        return send_failure(json);

    json->res->roomy = json->text;
    return seed_send_static(json->res, status, json->text, json->length);
}

seed_step seed_json_send(seed_json *json, int status)
{
    if (!json->failed)
        seed_res_set_unchecked(json->res, "Content-Type",
            "application/json");
    return seed_json_send_untyped(json, status);
}
