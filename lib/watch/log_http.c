/* SPDX-License-Identifier: MIT */
/* Requests, answers and errors in the shape of pino-std-serializers, fields
 * named and joined as node does: names in lower case, each once. */
#include "watch/log_http.h"

#include <seed/error.h>
#include <seed/log.h>
#include <seed/req.h>
#include <seed/res.h>

#include <stdlib.h>
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

static size_t lower(char out[NAME_ROOM], const char *name)
{
    size_t length = 0;

    for (; name[length] && length < NAME_ROOM; length++)
        out[length] = (char)(name[length] >= 'A' && name[length] <= 'Z'
                ? name[length] | 0x20 : name[length]);
    return length;
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
        seed__line_string(line, NULL, value);
    }
    seed__line_leave(line);
}

/* One bit for a name: no two fields with one bit are no two of one name. */
static uint64_t bit_of(const char *name)
{
    size_t length = strlen(name);

    return (uint64_t)1 << ((length * 7 + (unsigned char)(*name | 0x20)) & 63);
}

static void put_req_field(struct line *line, seed_req *req, size_t index,
    bool repeated)
{
    const char *name, *value;
    enum repeat repeat;
    char key[NAME_ROOM];

    seed_req_field(req, index, &name, &value);
    if (repeated && find(read_req, req, 0, name) < index)
        return;
    if (!seed__line_open(line, key, lower(key, name)))
        return;

    repeat = repeated ? repeat_of(name) : REPEAT_FIRST;
    if (repeat == REPEAT_LIST)
        put_list(line, read_req, req, index);
    else
        put_joined(line, req, index, repeat);
}

static void put_req_fields(struct line *line, seed_req *req)
{
    const char *name, *value;
    uint64_t seen = 0;
    bool repeated = false;

    if (!seed__line_enter(line, "headers", 7, '{'))
        return;

    for (size_t i = 0; seed_req_field(req, i, &name, &value); i++) {
        repeated |= (seen & bit_of(name)) != 0;
        seen |= bit_of(name);
    }
    for (size_t i = 0; seed_req_field(req, i, &name, &value); i++)
        put_req_field(line, req, i, repeated);
    seed__line_leave(line);
}

/* A field that was appended to is a list, as in res.getHeaders(). */
static void put_res_fields(struct line *line, const seed_res *res)
{
    const char *name, *value;
    char key[NAME_ROOM];

    if (!seed__line_enter(line, "headers", 7, '{'))
        return;

    for (size_t i = 0; seed_res_field(res, i, &name, &value); i++) {
        bool again = find(read_res, res, i + 1, name) != SIZE_MAX;

        if (find(read_res, res, 0, name) < i
            || !seed__line_open(line, key, lower(key, name)))
            continue;
        if (again)
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
        seed__line_text(line, NULL, pair->value, pair->value_length);
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
    if (!seed__line_enter(line, "query", 5, '{'))
        return;

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

    if (!seed__line_enter(line, "params", 6, '{'))
        return;

    for (size_t i = 0; seed_req_param_at(req, i, &name, &value); i++)
        seed__line_string(line, name, value);
    seed__line_leave(line);
}

/* --- requests and answers ------------------------------------------------- */

/* "127.0.0.1:80", "[::1]:80"; a Unix socket has neither address nor port. */
static void put_peer(struct line *line, const char *peer)
{
    const char *colon = strrchr(peer, ':');
    size_t bracket = *peer == '[';

    if (!colon || !colon[1])
        return;
    seed__line_text(line, "remoteAddress", peer + bracket,
        (size_t)(colon - peer) - 2 * bracket);
    seed__line_uint(line, "remotePort", strtoul(colon + 1, NULL, 10));
}

void seed__line_req(struct line *line, const seed_log_field *field)
{
    seed_req *req = (seed_req *)(uintptr_t)field->value.thing;

    seed__line_push(line, '{');
    seed__line_id(line, "id", req);
    seed__line_string(line, "method", seed_req_method(req));
    seed__line_string(line, "url", seed_req_target(req));
    if (!line->brief) {
        put_query(line, req);
        put_params(line, req);
        put_req_fields(line, req);
    }
    put_peer(line, seed_req_peer(req));
    seed__line_leave(line);
}

void seed__line_res(struct line *line, const seed_log_field *field)
{
    const seed_res *res = field->value.thing;
    int status = seed_res_status(res);

    seed__line_push(line, '{');
    if (status && seed_res_sent(res))
        seed__line_uint(line, "statusCode", (uint64_t)status);
    else
        seed__line_null(line, "statusCode");
    if (!line->brief)
        put_res_fields(line, res);
    seed__line_leave(line);
}
