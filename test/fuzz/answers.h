/* SPDX-License-Identifier: MIT */
/* A strict reader of answers, the fuzzers' oracle: RFC 9112 with nothing
 * forgiven. It is written apart from the library's own code, for a fault that
 * both shared would not be seen. */
#ifndef FUZZ_ANSWERS_H
#define FUZZ_ANSWERS_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct answer_read {
    int status;
    bool has_length, chunked, close, whole;
    uint64_t length;
    const char *body; /* its bytes as they came, framing included */
    size_t body_size;
};

static bool answer_is_token(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z')
        || (byte >= 'A' && byte <= 'Z')
        || (byte && strchr("!#$%&'*+-.^_`|~", byte));
}

static const char *answer_line_end(const char *at, const char *end)
{
    while (at + 1 < end && !(at[0] == '\r' && at[1] == '\n')) {
        assert(at[0] != '\r' && at[0] != '\n' && at[0] != '\0');
        at++;
    }
    return at + 1 < end ? at : NULL;
}

static void answer_field(struct answer_read *answer, const char *at,
    const char *end)
{
    const char *colon = memchr(at, ':', (size_t)(end - at));
    size_t name, value;

    assert(colon && colon > at);
    for (const char *byte = at; byte < colon; byte++)
        assert(answer_is_token(*byte));
    name = (size_t)(colon - at);
    for (at = colon + 1; at < end && (*at == ' ' || *at == '\t'); at++)
        ;
    value = (size_t)(end - at);
    for (size_t i = 0; i < value; i++)
        assert((unsigned char)at[i] >= ' ' || at[i] == '\t');

    if (name == 14 && !strncasecmp(colon - name, "Content-Length", name)) {
        assert(!answer->has_length && value && value < 19);
        answer->has_length = true;
        for (size_t i = 0; i < value; i++) {
            assert(at[i] >= '0' && at[i] <= '9');
            answer->length = answer->length * 10 + (uint64_t)(at[i] - '0');
        }
    }
    if (name == 17 && !strncasecmp(colon - name, "Transfer-Encoding", name)) {
        assert(!answer->chunked && value == 7 && !memcmp(at, "chunked", 7));
        answer->chunked = true;
    }
    if (name == 10 && !strncasecmp(colon - name, "Connection", name))
        answer->close = value == 5 && !strncasecmp(at, "close", 5);
}

/* Chunks up to the last one and its empty trailer section; NULL: cut off. */
static const char *answer_chunks(const char *at, const char *end)
{
    for (;;) {
        const char *line = answer_line_end(at, end);
        uint64_t size = 0;

        if (!line)
            return NULL;
        assert(line > at && line - at < 16);
        for (; at < line; at++) {
            const char *digits = "0123456789abcdef0123456789ABCDEF";
            const char *digit = memchr(digits, *at, 32);

            assert(digit);
            size = size * 16 + (uint64_t)(digit - digits) % 16;
        }
        at = line + 2;
        if (!size) {
            while ((line = answer_line_end(at, end)) && line > at)
                at = line + 2;
            return line ? line + 2 : NULL;
        }
        if (size + 2 > (uint64_t)(end - at))
            return NULL;
        at += size;
        assert(at[0] == '\r' && at[1] == '\n');
        at += 2;
    }
}

static const char *answer_body(struct answer_read *answer, const char *at,
    const char *end, bool to_head)
{
    bool bodiless = to_head || answer->status < 200 || answer->status == 204
        || answer->status == 304;

    assert(!(answer->chunked && answer->has_length));
    assert(!answer->chunked || (answer->status >= 200
                                   && answer->status != 204));
    answer->body = at;
    answer->whole = true;
    if (bodiless)
        return at;
    if (answer->chunked) {
        const char *after = answer_chunks(at, end);

        answer->whole = after != NULL;
        return after ? after : end;
    }
    if (!answer->has_length) {
        assert(answer->close); /* it ends with the connection */
        return end;
    }
    answer->whole = answer->length <= (uint64_t)(end - at);
    return answer->whole ? at + answer->length : end;
}

/* Reads one answer, interim ones included. NULL: there is no whole head. */
static const char *answer_read(struct answer_read *answer, const char *at,
    const char *end, bool to_head)
{
    const char *line = answer_line_end(at, end);

    *answer = (struct answer_read){ 0 };
    if (!line)
        return NULL;
    assert(line - at >= 13 && !memcmp(at, "HTTP/1.1 ", 9) && at[12] == ' ');
    for (int i = 9; i < 12; i++)
        assert(at[i] >= '0' && at[i] <= '9');
    answer->status = atoi(at + 9);
    assert(answer->status >= 100 && answer->status < 600);

    for (at = line + 2; (line = answer_line_end(at, end)); at = line + 2) {
        if (line == at) {
            at = answer_body(answer, at + 2, end, to_head);
            answer->body_size = (size_t)(at - answer->body);
            return at;
        }
        answer_field(answer, at, line);
    }
    return NULL;
}

#endif
