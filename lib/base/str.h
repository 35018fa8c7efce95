/* SPDX-License-Identifier: MIT */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of text that something else owns. */
struct str {
    const char *at;
    size_t length;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct str seed__str(const char *string);
bool seed__str_same(struct str a, struct str b);

/* Without regard to the case of ASCII letters. */
bool seed__str_alike(struct str a, struct str b);
char seed__lower(char c);

/* Without blanks and tabs around it (RFC 9110's OWS). */
struct str seed__str_trim(struct str text);

/* Writes a number in decimal; returns how many digits (at most 20; no NUL). */
size_t seed__str_decimal(char *out, unsigned long long number);

/* Writes one to sixteen hex digits, lower case, without leading zeros; returns
 * how many. */
size_t seed__str_hex(char *out, unsigned long long number);

#endif
