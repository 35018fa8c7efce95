/* SPDX-License-Identifier: MIT */
/* Reads the bytes of an answer of our own. They are well formed, but may end
 * early, when the answer was cut. */
#include "server/reply.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct seed_reply {
    int status;
    size_t length;       /* of raw                                         */
    size_t body_length;
    char *head;          /* its fields, with NULs behind names and values  */
    char *head_end;
    char *body;          /* without chunk framing, a NUL behind it         */
    char raw[];          /* then the copies that head and body point to    */
};

/* Returns where the head ends, behind its empty line, or NULL. */
static const char *find_end(const char *at, const char *end)
{
    const char *found = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);

    return found ? found + 4 : NULL;
}

/* The status of the head at `at`, or 0. */
static int read_status(const char *at, const char *end)
{
    if (end - at < 13 || memcmp(at, "HTTP/1.", 7))
        return 0;
    return (int)strtol(at + 9, NULL, 10);
}

/* Moves to the final answer. Returns the end of its head, or NULL. */
static const char *skip_interim(const char **at, const char *end, int *status)
{
    const char *head_end;

    while ((head_end = find_end(*at, end))) {
        *status = read_status(*at, end);
        if (*status < 100 || *status >= 200 || *status == 101)
            break;
        *at = head_end;
    }
    return head_end;
}

/* Puts NULs behind the names and values of the head's copy. */
static void cut_fields(char *at, const char *end)
{
    while (at < end) {
        char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
        char *colon = memchr(at, ':', (size_t)(line_end - at));

        *line_end = '\0';
        if (colon)
            *colon = '\0';
        at = line_end + 2;
    }
}

/* Copies a chunked body without its framing. Returns its length. */
static size_t copy_chunks(char *out, const char *at, const char *end)
{
    char *to = out;

    while (at < end) {
        char *digits_end;
        size_t size = strtoull(at, &digits_end, 16);
        const char *data = memmem(digits_end, (size_t)(end - digits_end),
            "\r\n", 2);

        if (!size || !data)
            break;
        data += 2;
        if (size > (size_t)(end - data))
            size = (size_t)(end - data);
        memcpy(to, data, size);
        to += size;
        at = data + size < end - 2 ? data + size + 2 : end;
    }
    return (size_t)(to - out);
}

static bool is_chunked(const seed_reply *reply)
{
    const char *coding = seed_reply_header(reply, "Transfer-Encoding");

    return coding && seed__str_alike(seed__str(coding), STR("chunked"));
}

seed_reply *seed__reply_new(const char *raw, size_t length)
{
    const char *at = raw, *end = raw + length, *sent;
    int status = 0;
    const char *head_end = skip_interim(&at, end, &status);
    seed_reply *reply;
    size_t head;

    if (!head_end || !status)
        return NULL;

    /* The bytes and a NUL; the head's copy; the body's and a NUL. */
    reply = seed__alloc(sizeof *reply + 2 * length + 2);
    if (!reply)
        return NULL;

    head = (size_t)(head_end - at);
    reply->status = status;
    reply->length = length;
    memcpy(reply->raw, raw, length);
    reply->raw[length] = '\0';

    reply->head = reply->raw + length + 1;
    reply->head_end = reply->head + head - 2;
    memcpy(reply->head, at, head);
    cut_fields(reply->head, reply->head_end);

    sent = reply->raw + (head_end - raw);
    reply->body = reply->head + head;
    reply->body_length = (size_t)(end - head_end);
    if (is_chunked(reply))
        reply->body_length = copy_chunks(reply->body, sent,
            sent + reply->body_length);
    else
        memcpy(reply->body, sent, reply->body_length);
    reply->body[reply->body_length] = '\0';
    return reply;
}

void seed_reply_free(seed_reply *reply)
{
    seed__release(reply);
}

int seed_reply_status(const seed_reply *reply)
{
    return reply ? reply->status : 0;
}

const char *seed_reply_header(const seed_reply *reply, const char *name)
{
    const char *line = reply ? reply->head : NULL;
    struct str wanted = seed__str(name);

    while (line && line < reply->head_end) {
        const char *value = line + strlen(line) + 1;
        bool field = *value != '\n';

        if (field && seed__str_alike(seed__str(line), wanted))
            return value + strspn(value, " \t");

        /* A line is name NUL value NUL LF, but for the first: text NUL LF. */
        if (field)
            value += strlen(value) + 1;
        line = value + 1;
    }
    return NULL;
}

const char *seed_reply_body(const seed_reply *reply, size_t *length)
{
    if (length)
        *length = reply ? reply->body_length : 0;
    return reply ? reply->body : NULL;
}

const char *seed_reply_raw(const seed_reply *reply, size_t *length)
{
    if (length)
        *length = reply ? reply->length : 0;
    return reply ? reply->raw : NULL;
}
