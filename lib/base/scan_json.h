/* SPDX-License-Identifier: MIT */
/* What JSON text has to look for in strings: bytes that need an escape, and
 * bytes that are not UTF-8. */
#ifndef BASE_SCAN_JSON_H
#define BASE_SCAN_JSON_H

#include "base/scan.h"

#include <stdbool.h>
#include <stddef.h>

/* Shorter ones, as keys are, are copied byte by byte before the other way has
 * begun. */
enum { SCAN_JSON_LONG = 12 };
size_t seed__scan_json_copy_long(char *out, const char *bytes, size_t length);

/* Copies the bytes in front of the first one that is a control character, '"',
 * '\' or not ASCII; `out` has room for `length`, all of which may be written
 * to. Returns how many were copied. */
static inline size_t seed__scan_json_copy(char *out, const char *bytes,
    size_t length)
{
    size_t at = 0;

    if (length >= SCAN_JSON_LONG)
        return seed__scan_json_copy_long(out, bytes, length);
    for (; at < length && seed__byte_is(bytes[at], BYTE_JSON); at++)
        out[at] = bytes[at];
    return at;
}

/* Writes the escape of one ASCII byte (RFC 8259, 7), of at most six bytes.
 * Returns how many. */
size_t seed__json_escape(char *out, char byte);

/* The length of the character of UTF-8 that stands first (RFC 3629: no
 * surrogate, nothing over U+10FFFF, no longer form than needed). When there is
 * none, *whole is false and the length is that of what one U+FFFD replaces
 * (Unicode 3.9, "maximal subpart"). `length` is at least 1. */
size_t seed__scan_utf8(const char *bytes, size_t length, bool *whole);

#endif
