/* SPDX-License-Identifier: MIT */
/* Writes an injection as a client would send it. What the caller says stands
 * as it is, so that malformed requests can be injected too. */
#include "server/inject.h"

#include <stdio.h>
#include <string.h>

static bool has_header(const struct seed_injection *injection,
    const char *name)
{
    const char *const *at = injection->headers;

    for (; at && at[0] && at[1]; at += 2) {
        if (seed__str_alike(seed__str(at[0]), seed__str(name)))
            return true;
    }
    return false;
}

static bool lacks_length(const struct seed_injection *injection)
{
    return injection->length && !has_header(injection, "Content-Length") &&
        !has_header(injection, "Transfer-Encoding");
}

/* Text in the making: counts first, then writes into what was counted. */
struct text {
    char *out;
    size_t length;
};

static void put(struct text *text, const void *bytes, size_t length)
{
    if (text->out && length)
        memcpy(text->out + text->length, bytes, length);
    text->length += length;
}

static void put_string(struct text *text, const char *string)
{
    put(text, string, strlen(string));
}

static void put_field(struct text *text, const char *name, const char *value)
{
    put_string(text, name);
    put_string(text, ": ");
    put_string(text, value);
    put_string(text, "\r\n");
}

static void write_all(struct text *text,
    const struct seed_injection *injection)
{
    const char *const *at = injection->headers;
    char digits[24];

    put_string(text, injection->method ? injection->method : "GET");
    put_string(text, " ");
    put_string(text, injection->url ? injection->url : "/");
    put_string(text, " HTTP/1.1\r\n");
    if (!has_header(injection, "Host"))
        put_field(text, "Host", "localhost");
    for (; at && at[0] && at[1]; at += 2)
        put_field(text, at[0], at[1]);
    if (lacks_length(injection)) {
        snprintf(digits, sizeof digits, "%zu", injection->length);
        put_field(text, "Content-Length", digits);
    }
    put_string(text, "\r\n");
    put(text, injection->body, injection->length);
}

char *seed__inject_message(const struct seed_injection *injection,
    size_t *length)
{
    struct text text = { NULL, 0 };

    write_all(&text, injection);
    text.out = seed__alloc(text.length);
    text.length = 0;
    if (text.out)
        write_all(&text, injection);
    *length = text.length;
    return text.out;
}
