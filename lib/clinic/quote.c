/* SPDX-License-Identifier: MIT */
#include "clinic/quote.h"

#include <string.h>

/* The length of the UTF-8 sequence at a byte, 0 for none (RFC 3629, 4). */
static size_t sequence(const unsigned char *at)
{
    static const struct {
        unsigned char from, to, low, high; /* of the second byte */
        size_t length;
    } kinds[] = { { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
        { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 } };

    if (*at < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = kinds[i].length;

        if (*at < kinds[i].from || *at > kinds[i].to)
            continue;
        if (at[1] < kinds[i].low || at[1] > kinds[i].high)
            return 0;
        for (size_t k = 2; k < length; k++)
            if ((at[k] & 0xc0) != 0x80)
                return 0;
        return length;
    }
    return 0;
}

void seed__quote(struct text *text, const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    size_t length;

    seed__text_add(text, "\"");
    for (; *at; at += length ? length : 1) {
        length = sequence(at);
        if (!length)
            seed__text_add(text, "\\ufffd");
        else if (*at < ' ' || *at == 0x7f)
            seed__text_printf(text, "\\u%04x", *at);
        else if (*at == '"' || *at == '\\')
            seed__text_printf(text, "\\%c", *at);
        else if (*at == '<' && at[1] == '/')
            seed__text_add(text, "<\\"); /* "/" comes next */
        else
            seed__text_printf(text, "%.*s", (int)length, at);
    }
    seed__text_add(text, "\"");
}
