/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include "base/str.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to here every whole number is one of its own, and short. */
static const double whole_limit = 1e15;

static size_t write_whole(char *out, double number)
{
    size_t length = 0;

    if (number < 0)
        out[length++] = '-';
    length += seed__str_decimal(out + length,
        (unsigned long long)fabs(number));
    memcpy(out + length, ".0", 2);
    return length + 2;
}

/* A normal number has 15 digits that count, and needs at most 17; one that is
 * too small to be normal may need a single one. Both functions of libc speak
 * the locale's decimal point, so that they understand each other. */
static void print_shortest(char *text, size_t room, double number)
{
    int digits = fabs(number) < DBL_MIN ? 1 : DBL_DIG;

    for (; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, room, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            return;
    }
}

/* Copies digits, and a '.' for whatever stands between them; returns how many
 * bytes there are now. */
static size_t copy_mantissa(char *out, const char **text)
{
    const char *at = *text;
    size_t length = 0;

    while (*at && *at != 'e') {
        bool digit = *at == '-' || (*at >= '0' && *at <= '9');

        if (digit)
            out[length++] = *at;
        else if (out[length - 1] != '.')
            out[length++] = '.';
        at++;
    }
    *text = at;
    return length;
}

static size_t copy_exponent(char *out, const char *text)
{
    size_t length = 0;

    out[length++] = *text++;
    if (*text == '-')
        out[length++] = '-';
    text += strspn(text, "+-0");
    while (*text)
        out[length++] = *text++;
    return length;
}

size_t seed__number_tidy(char out[NUMBER_ROOM], const char *printed)
{
    size_t length = copy_mantissa(out, &printed);

    if (*printed)
        return length + copy_exponent(out + length, printed);
    if (memchr(out, '.', length))
        return length;

    memcpy(out + length, ".0", 2);
    return length + 2;
}

size_t seed__number_write(char out[NUMBER_ROOM], double number)
{
    char text[NUMBER_ROOM];

    if (number != 0 && fabs(number) < whole_limit
        && number == (double)(long long)number)
        return write_whole(out, number);

    print_shortest(text, sizeof text, number);
    return seed__number_tidy(out, text);
}
