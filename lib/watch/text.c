/* SPDX-License-Identifier: MIT */
#include "watch/text.h"

#include <seed/server.h>

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SMALLEST = 4096 };

/* Room for so many more bytes and a NUL. */
static bool make_room(struct text *text, size_t more)
{
    size_t room = text->room ? text->room : SMALLEST;
    char *bytes;

    if (text->failed)
        return false;
    while (room <= text->length + more)
        room *= 2;
    if (room == text->room)
        return true;

    bytes = seed_resize(text->bytes, room);
    if (!bytes) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->room = room;
    return true;
}

static void add_bytes(struct text *text, const char *bytes, size_t length)
{
    if (!make_room(text, length))
        return;

    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void seed__text_add(struct text *text, const char *string)
{
    add_bytes(text, string, strlen(string));
}

void seed__text_printf(struct text *text, const char *format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (length < 0 || !make_room(text, (size_t)length))
        return;

    va_start(list, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, list);
    va_end(list);
    text->length += (size_t)length;
}

void seed__text_html(struct text *text, const char *string)
{
    static const struct {
        char letter;
        const char *entity;
    } entities[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
        { '"', "&quot;" }, { '\'', "&#39;" } };
    size_t plain;

    for (; *string; string++) {
        plain = strcspn(string, "&<>\"'");
        add_bytes(text, string, plain);
        string += plain;
        if (!*string)
            return;
        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            if (entities[i].letter == *string)
                seed__text_add(text, entities[i].entity);
    }
}

/* The decimal point is the locale's, and may be several bytes. */
static void mend_point(char *digits)
{
    char *from = digits, *to = digits;

    while (*from) {
        if (strchr("0123456789+-e", *from)) {
            *to++ = *from++;
            continue;
        }
        *to++ = '.';
        from += strcspn(from, "0123456789+-e");
    }
    *to = '\0';
}

void seed__text_number(struct text *text, double number)
{
    char digits[64];

    if (isnan(number)) {
        seed__text_add(text, "NaN");
        return;
    }
    if (isinf(number)) {
        seed__text_add(text, number > 0 ? "+Inf" : "-Inf");
        return;
    }
    if (number > -1e15 && number < 1e15 && number == (double)(int64_t)number)
        snprintf(digits, sizeof digits, "%" PRId64, (int64_t)number);
    else
        snprintf(digits, sizeof digits, "%.12g", number);
    mend_point(digits);
    seed__text_add(text, digits);
}

char *seed__text_take(struct text *text, size_t *length)
{
    char *bytes = text->bytes;

    if (text->failed || !make_room(text, 0)) {
        seed_release(bytes);
        *text = (struct text){ 0 };
        return NULL;
    }
    bytes = text->bytes;
    bytes[text->length] = '\0';
    if (length)
        *length = text->length;
    *text = (struct text){ 0 };
    return bytes;
}
