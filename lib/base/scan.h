/* SPDX-License-Identifier: MIT */
/* Runs over bytes of one class, sixteen at a time where the machine can. Each
 * returns the first byte that is not of the class, or `end`, and never reads
 * at or behind `end`. */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BYTE_TOKEN = 1, /* RFC 9110 5.6.2's tchar                                */
    BYTE_HOST = 2,  /* RFC 3986 3.2.2's reg-name, but for '%'                */
    BYTE_HEX = 4,
    BYTE_PLAIN = 8, /* RFC 3986 2.3's unreserved                             */
    BYTE_DIGIT = 16,
    BYTE_TEXT = 32, /* RFC 9110 5.5: no control character but a tab          */
    BYTE_JSON = 64  /* stands as it is in a string (RFC 8259 7), ASCII only  */
};

extern const uint8_t seed__byte_class[256];

static inline bool seed__byte_is(char byte, int classes)
{
    return (seed__byte_class[(unsigned char)byte] & classes) != 0;
}

/* Bytes of the given classes, one at a time: for short runs. */
static inline const char *seed__scan_class(const char *at, const char *end,
    int classes)
{
    while (at < end && seed__byte_is(*at, classes))
        at++;
    return at;
}

/* All but control characters; a tab is not one (RFC 9110 5.5). */
const char *seed__scan_text(const char *at, const char *end);

/* Visible ASCII but '#'. */
const char *seed__scan_target(const char *at, const char *end);

/* The value of a hex digit. */
static inline unsigned seed__hex_value(char digit)
{
    return (unsigned)((digit & 15) + (digit > '9' ? 9 : 0));
}

#endif
