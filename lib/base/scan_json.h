/* SPDX-License-Identifier: MIT */
/* What JSON text has to look for in strings: bytes that need an escape, and
 * bytes that are not UTF-8. */
#ifndef BASE_SCAN_JSON_H
#define BASE_SCAN_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the bytes in front of the first one that is a control character, '"',
 * '\' or not ASCII; `out` has room for `length`, all of which may be written
 * to. Returns how many were copied. */
size_t seed__scan_json_copy(char *out, const char *bytes, size_t length);

/* Writes the escape of one ASCII byte (RFC 8259, 7), of at most six bytes.
 * Returns how many. */
size_t seed__json_escape(char *out, char byte);

/* The length of the character of UTF-8 that stands first (RFC 3629: no
 * surrogate, nothing over U+10FFFF, no longer form than needed). When there is
 * none, *whole is false and the length is that of what one U+FFFD replaces
 * (Unicode 3.9, "maximal subpart"). `length` is at least 1. */
size_t seed__scan_utf8(const char *bytes, size_t length, bool *whole);

#endif
