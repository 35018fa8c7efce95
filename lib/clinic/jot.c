/* SPDX-License-Identifier: MIT */
#include "clinic/jot.h"

#include "watch/log_text.h"

#include <stdio.h>
#include <string.h>

/* In pieces that surely fit, whatever escaping does to them. A piece ends where
 * a character does. */
enum { PIECE = 512, QUOTED = 6 * PIECE + 2 };

static size_t piece_of(const char *text)
{
    size_t length = strnlen(text, PIECE), whole = length;

    if (length < PIECE)
        return length;
    while (whole > PIECE - 4 && ((unsigned char)text[whole] & 0xc0) == 0x80)
        whole--;
    return whole ? whole : length;
}

/* The quotes around a piece are left out. */
static void add_piece(struct text *text, const char *from, size_t length)
{
    char room[QUOTED + 1], *at = room + 1, *slash;
    struct out out = { room, room + QUOTED, false };

    seed__put_quoted(&out, from, length);
    out.at[-1] = '\0';
    while ((slash = strstr(at, "</"))) {
        *slash = '\0';
        seed__text_add(text, at);
        seed__text_add(text, "<\\/");
        at = slash + 2;
    }
    seed__text_add(text, at);
}

static void add_string(struct text *text, const char *string)
{
    seed__text_add(text, "\"");
    while (*string) {
        size_t length = piece_of(string);

        /* "<" at a piece's end would not see the "/" behind it. */
        if (length > 1 && string[length - 1] == '<')
            length--;
        add_piece(text, string, length);
        string += length;
    }
    seed__text_add(text, "\"");
}

static void begin(struct jot *jot, const char *key)
{
    if (jot->comma)
        seed__text_add(&jot->text, ",");
    jot->comma = true;
    if (!key)
        return;
    add_string(&jot->text, key);
    seed__text_add(&jot->text, ":");
}

void seed__jot_open(struct jot *jot, const char *key, char bracket)
{
    begin(jot, key);
    seed__text_add(&jot->text, bracket == '{' ? "{" : "[");
    jot->comma = false;
}

void seed__jot_close(struct jot *jot, char bracket)
{
    seed__text_add(&jot->text, bracket == '}' ? "}" : "]");
    jot->comma = true;
}

void seed__jot_string(struct jot *jot, const char *key, const char *value)
{
    begin(jot, key);
    add_string(&jot->text, value);
}

void seed__jot_bool(struct jot *jot, const char *key, bool value)
{
    begin(jot, key);
    seed__text_add(&jot->text, value ? "true" : "false");
}

/* Whole and broken part as integers: no locale has a say in that. */
void seed__jot_number(struct jot *jot, const char *key, double value,
    int decimals)
{
    static const double tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
    double all = (value < 0 ? -value : value) * tens[decimals] + 0.5;
    unsigned long long whole, unit = (unsigned long long)tens[decimals];
    char text[64], *end;

    begin(jot, key);
    if (!(all < 1e18)) { /* nor is a NAN */
        seed__text_add(&jot->text, "null");
        return;
    }
    whole = (unsigned long long)all;
    snprintf(text, sizeof text, "%s%llu.%0*llu", value < 0 && whole ? "-" : "",
        whole / unit, decimals, whole % unit);
    end = text + strlen(text);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        *--end = '\0';
    seed__text_add(&jot->text, text);
}
