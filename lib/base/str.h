/* SPDX-License-Identifier: MIT */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A piece of text that something else owns. */
struct str {
    const char *at;
    size_t length;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The short ones are here, so that they cost no call: most pieces differ in
 * their lengths, and the lengths of most are constants. */
static inline struct str seed__str(const char *string)
{
    return (struct str){ string, string ? strlen(string) : 0 };
}

static inline bool seed__str_same(struct str a, struct str b)
{
    return a.length == b.length
        && (!a.length || !memcmp(a.at, b.at, a.length));
}

static inline char seed__lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool seed__bytes_alike(const char *a, const char *b, size_t length);

/* Without regard to the case of ASCII letters. */
static inline bool seed__str_alike(struct str a, struct str b)
{
    return a.length == b.length && seed__bytes_alike(a.at, b.at, a.length);
}

/* Without blanks and tabs around it (RFC 9110's OWS). */
struct str seed__str_trim(struct str text);

/* Writes a number in decimal; returns how many digits (at most 20; no NUL). */
size_t seed__str_decimal(char *out, unsigned long long number);

/* Writes one to sixteen hex digits, lower case, without leading zeros; returns
 * how many. */
size_t seed__str_hex(char *out, unsigned long long number);

#endif
