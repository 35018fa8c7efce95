/* SPDX-License-Identifier: MIT */
/* Requests, answers and errors in the shape of pino-std-serializers, fields
 * named and joined as node does: names in lower case, each once. */
#include "watch/log_http.h"

#include <seed/error.h>
#include <seed/log.h>
#include <seed/req.h>
#include <seed/res.h>

#include <strings.h>

enum { NAME_ROOM = 256, QUERY_MOST = 100 };

/* Fields of a request or of an answer, by index. */
typedef bool field_reader(const void *of, size_t index, const char **name,
    const char **value);

static bool read_req(const void *of, size_t index, const char **name,
    const char **value)
{
    return seed_req_field(of, index, name, value);
}

static bool read_res(const void *of, size_t index, const char **name,
    const char **value)
{
    return seed_res_field(of, index, name, value);
}

/* The first field at or behind `index` that has this name, or SIZE_MAX. */
static size_t find(field_reader *read, const void *of, size_t index,
    const char *name)
{
    const char *other, *value;

    for (; read(of, index, &other, &value); index++) {
        if (!strcasecmp(name, other))
            return index;
    }
    return SIZE_MAX;
}

static uint64_t lower_word(uint64_t word)
{
    uint64_t low = word & EVERY_BYTE(0x7f);
    uint64_t from_a = low + EVERY_BYTE(0x80 - 'A');
    uint64_t behind_z = low + EVERY_BYTE(0x80 - 'Z' - 1);

    return word | ((from_a & ~behind_z & ~word & EVERY_BYTE(0x80)) >> 2);
}

/* Eight bytes. Returns whether one of them needs an escape, as no token's
 * does; what the application set unchecked may. */
static inline bool lower_eight(char *out, const char *name)
{
    uint64_t word, low;

    memcpy(&word, name, sizeof word);
    low = lower_word(word);
    memcpy(out, &low, sizeof low);
    return seed__text_special(word) != 0;
}

/* The last eight bytes of a longer name overlap those before. */
static bool lower(char *out, const char *name, size_t length)
{
    bool odd = false;
    size_t at = 0;

    for (; at + 8 <= length; at += 8)
        odd |= lower_eight(out + at, name + at);
    if (at && at < length)
        return lower_eight(out + length - 8, name + length - 8) || odd;
    for (; at < length; at++) {
        odd |= seed__text_special(EVERY_BYTE((uint64_t)(uint8_t)name[at])) != 0;
        out[at] = (char)lower_word((unsigned char)name[at]);
    }
    return odd;
}

/* The place of a field, where the name is redacted, odd, or short of room. */
static bool open_slowly(struct line *line, const char *name, size_t length)
{
    char key[NAME_ROOM];

    lower(key, name, length);
    return seed__line_open(line, key, length);
}

/* Opens the place of a field. */
static bool open_field(struct line *line, const char *name)
{
    size_t length = strlen(name);
    char *at = line->out.at;

    length = length < NAME_ROOM ? length : NAME_ROOM;
    if (line->redact || out_room(&line->out) < length + 4)
        return open_slowly(line, name, length);

    *at = ',';
    at += !line->first;
    *at++ = '"';
    if (lower(at, name, length))
        return open_slowly(line, name, length);
    at += length;
    *at++ = '"';
    *at++ = ':';
    line->out.at = at;
    line->first = false;
    return true;
}

/* What node does with a field that came again. */
enum repeat { REPEAT_COMMA, REPEAT_SEMICOLON, REPEAT_FIRST, REPEAT_LIST };

static enum repeat repeat_of(const char *name)
{
    static const char *const once[] = { "age", "authorization",
        "content-length", "content-type", "etag", "expires", "from", "host",
        "if-modified-since", "if-unmodified-since", "last-modified",
        "location", "max-forwards", "proxy-authorization", "referer",
        "retry-after", "server", "user-agent" };

    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        if (!strcasecmp(name, once[i]))
            return REPEAT_FIRST;
    }
    if (!strcasecmp(name, "cookie"))
        return REPEAT_SEMICOLON;
    return strcasecmp(name, "set-cookie") ? REPEAT_COMMA : REPEAT_LIST;
}

static void put_joined(struct line *line, seed_req *req, size_t index,
    enum repeat repeat)
{
    const char *name, *value;

    seed_req_field(req, index, &name, &value);
    seed__put_char(&line->out, '"');
    seed__put_escaped(&line->out, value, strlen(value));
    while (repeat != REPEAT_FIRST
        && (index = find(read_req, req, index + 1, name)) != SIZE_MAX) {
        seed_req_field(req, index, &name, &value);
        if (repeat == REPEAT_SEMICOLON)
            PUT(&line->out, "; ");
        else
            PUT(&line->out, ", ");
        seed__put_escaped(&line->out, value, strlen(value));
    }
    seed__put_char(&line->out, '"');
}

static void put_list(struct line *line, field_reader *read, const void *of,
    size_t index)
{
    const char *name, *value;

    seed__line_push(line, '[');
    for (; index != SIZE_MAX; index = find(read, of, index + 1, name)) {
        read(of, index, &name, &value);
        seed__line_element(line, value, strlen(value));
    }
    seed__line_leave(line);
}

/* One bit for a name: no two fields with one bit are no two of one name. */
static uint64_t bit_of(const char *name)
{
    unsigned first = (unsigned char)(name[0] | 0x20);
    unsigned second = (unsigned char)(name[1] | 0x20);

    return (uint64_t)1 << ((first * 31 + second) & 63);
}

static void put_req_field(struct line *line, seed_req *req, size_t index,
    bool repeated)
{
    const char *name, *value;
    enum repeat repeat;

    seed_req_field(req, index, &name, &value);
    if (repeated && find(read_req, req, 0, name) < index)
        return;
    if (!open_field(line, name))
        return;

    repeat = repeated ? repeat_of(name) : REPEAT_FIRST;
    if (repeat == REPEAT_LIST)
        put_list(line, read_req, req, index);
    else
        put_joined(line, req, index, repeat);
}

/* Whether any name may be there twice. */
static bool may_repeat(field_reader *read, const void *of)
{
    const char *name, *value;
    uint64_t seen = 0;

    for (size_t i = 0; read(of, i, &name, &value); i++) {
        if (seen & bit_of(name))
            return true;
        seen |= bit_of(name);
    }
    return false;
}

static void put_req_fields(struct line *line, seed_req *req)
{
    const char *name, *value;
    bool repeated = may_repeat(read_req, req);

    if (!LINE_OPEN(line, "headers"))
        return;

    seed__line_push(line, '{');
    for (size_t i = 0; seed_req_field(req, i, &name, &value); i++)
        put_req_field(line, req, i, repeated);
    seed__line_leave(line);
}

/* A field that was appended to is a list, as in res.getHeaders(). */
static void put_res_fields(struct line *line, const seed_res *res)
{
    const char *name, *value;
    bool repeated = may_repeat(read_res, res);

    if (!LINE_OPEN(line, "headers"))
        return;

    seed__line_push(line, '{');
    for (size_t i = 0; seed_res_field(res, i, &name, &value); i++) {
        if (repeated && find(read_res, res, 0, name) < i)
            continue;
        if (!open_field(line, name))
            continue;
        if (repeated && find(read_res, res, i + 1, name) != SIZE_MAX)
            put_list(line, read_res, res, i);
        else
            seed__put_quoted(&line->out, value, strlen(value));
    }
    seed__line_leave(line);
}

/* --- query and parameters ------------------------------------------------- */

static void put_values(struct line *line, const seed_pairs *pairs,
    const seed_pair *pair, const char *name)
{
    seed__line_push(line, '[');
    for (; pair; pair = seed_pairs_find(pairs, name, pair))
        seed__line_element(line, pair->value, pair->value_length);
    seed__line_leave(line);
}

static void put_query(struct line *line, seed_req *req)
{
    const seed_pairs *pairs = *seed_req_query_string(req)
        ? seed_req_query_pairs(req)
        : NULL;
    /* Names are compared with each other: only so many. */
    seed_pairs some = pairs ? *pairs : (seed_pairs){ NULL, 0 };

    some.count = some.count < QUERY_MOST ? some.count : QUERY_MOST;
    if (!LINE_OPEN(line, "query"))
        return;

    seed__line_push(line, '{');
    for (size_t i = 0; i < some.count; i++) {
        const seed_pair *pair = &some.pairs[i];

        if (seed_pairs_find(&some, pair->name, NULL) < pair
            || !seed__line_open(line, pair->name, pair->name_length))
            continue;
        if (seed_pairs_find(&some, pair->name, pair))
            put_values(line, &some, pair, pair->name);
        else
            seed__put_quoted(&line->out, pair->value, pair->value_length);
    }
    seed__line_leave(line);
}

static void put_params(struct line *line, seed_req *req)
{
    const char *name, *value;

    if (!LINE_OPEN(line, "params"))
        return;

    seed__line_push(line, '{');
    for (size_t i = 0; seed_req_param_at(req, i, &name, &value); i++) {
        if (seed__line_open(line, name, strlen(name)))
            seed__line_string(line, value);
    }
    seed__line_leave(line);
}

/* Most requests have neither. */
static void put_targets(struct line *line, seed_req *req)
{
    const char *name, *value;

    if (!line->redact && !*seed_req_query_string(req)
        && !seed_req_param_at(req, 0, &name, &value)) {
        PUT(&line->out, ",\"query\":{},\"params\":{}");
        return;
    }
    put_query(line, req);
    put_params(line, req);
}

/* --- requests and answers ------------------------------------------------- */

/* "127.0.0.1:80", "[::1]:80"; a Unix socket has neither address nor port. */
static void put_peer(struct line *line, const char *peer)
{
    const char *colon = strrchr(peer, ':');
    size_t bracket = *peer == '[';

    if (!colon || !colon[1])
        return;
    if (LINE_OPEN(line, "remoteAddress"))
        seed__put_quoted(&line->out, peer + bracket,
            (size_t)(colon - peer) - 2 * bracket);
    if (LINE_OPEN(line, "remotePort"))
        seed__put(&line->out, colon + 1, strlen(colon + 1));
}

void seed__line_req(struct line *line, const seed_log_field *field)
{
    seed_req *req = (seed_req *)(uintptr_t)field->value.thing;

    seed__line_push(line, '{');
    if (LINE_OPEN(line, "id"))
        seed__line_id(line, req);
    if (LINE_OPEN(line, "method"))
        seed__line_string(line, seed_req_method(req));
    if (LINE_OPEN(line, "url"))
        seed__line_string(line, seed_req_target(req));
    if (!line->brief) {
        put_targets(line, req);
        put_req_fields(line, req);
    }
    put_peer(line, seed_req_peer(req));
    seed__line_leave(line);
}

static void put_status(struct line *line, int status)
{
    if (status)
        seed__put_int(&line->out, status);
    else
        PUT(&line->out, "null");
}

void seed__line_res(struct line *line, const seed_log_field *field)
{
    const seed_res *res = field->value.thing;
    int status = seed_res_status(res);

    seed__line_push(line, '{');
    if (LINE_OPEN(line, "statusCode"))
        put_status(line, status && seed_res_sent(res) ? status : 0);
    if (!line->brief)
        put_res_fields(line, res);
    seed__line_leave(line);
}
