/* SPDX-License-Identifier: MIT */
/* Measures first, then writes: one allocation of the exact size and nothing
 * to check while writing. */
#include "http/answer.h"

#include "http/words.h"

#include <string.h>

#define DATE_LENGTH 29

static const struct str chunked = STR("Transfer-Encoding: chunked\r\n");
static const struct str closing = STR("Connection: close\r\n");
static const struct str keeping = STR("Connection: keep-alive\r\n");
static const struct str server_name = STR("Server: ");
static const struct str date_name = STR("Date: ");
static const struct str length_name = STR("Content-Length: ");

/* What stands behind the fields that the user set. */
struct tail {
    struct str coding;     /* a whole line, or empty */
    struct str connection; /* a whole line, or empty */
    char digits[20];
    size_t digit_count; /* 0: no Content-Length */
};

static void choose_tail(struct tail *tail, const struct answer *answer)
{
    tail->coding = answer->framing == ANSWER_CHUNKED ? chunked : STR("");
    tail->connection = answer->close ? closing
        : answer->keep_alive         ? keeping
                                     : STR("");
    tail->digit_count = answer->framing == ANSWER_LENGTH
        ? seed__str_decimal(tail->digits, answer->length)
        : 0;
}

static size_t measure(const struct answer *answer, const struct tail *tail)
{
    const struct pairs *fields = answer->fields;
    size_t size = date_name.length + DATE_LENGTH + 2 + tail->coding.length +
        tail->connection.length + 2;

    if (answer->server.length)
        size += server_name.length + answer->server.length + 2;
    if (tail->digit_count)
        size += length_name.length + tail->digit_count + 2;
    for (unsigned i = 0; fields && i < fields->count; i++)
        size += fields->list[i].name.length + fields->list[i].value.length + 4;
    return size;
}

static char *put(char *out, const char *bytes, size_t length)
{
    if (length)
        memcpy(out, bytes, length);
    return out + length;
}

static char *put_str(char *out, struct str text)
{
    return put(out, text.at, text.length);
}

static char *put_fields(char *out, const struct pairs *fields)
{
    for (unsigned i = 0; fields && i < fields->count; i++) {
        out = put_str(out, fields->list[i].name);
        out = put(out, ": ", 2);
        out = put_str(out, fields->list[i].value);
        out = put(out, "\r\n", 2);
    }
    return out;
}

struct str seed__answer_head(const struct answer *answer, struct arena *arena)
{
    char scratch[64], *start, *out;
    struct str line = seed__status_line(answer->status, scratch);
    struct tail tail;
    size_t size;

    choose_tail(&tail, answer);
    size = line.length + measure(answer, &tail);
    start = out = seed__arena_bytes(arena, size);
    if (!out)
        return (struct str){ NULL, 0 };

    out = put_str(out, line);
    if (answer->server.length) {
        out = put_str(out, server_name);
        out = put_str(out, answer->server);
        out = put(out, "\r\n", 2);
    }
    out = put_fields(out, answer->fields);
    out = put_str(out, date_name);
    out = put(out, answer->date, DATE_LENGTH);
    out = put(out, "\r\n", 2);
    if (tail.digit_count) {
        out = put_str(out, length_name);
        out = put(out, tail.digits, tail.digit_count);
        out = put(out, "\r\n", 2);
    }
    out = put_str(out, tail.coding);
    out = put_str(out, tail.connection);
    put(out, "\r\n", 2);
    return (struct str){ start, size };
}
