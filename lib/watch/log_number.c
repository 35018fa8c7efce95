/* SPDX-License-Identifier: MIT */
/* Numbers with a fraction, in the digits of JavaScript (ECMA-262 6.1.6.1.20):
 * the fewest that give the same number back.
 *
 * Most that are logged have a short fraction (12.5, 0.031), and are found by
 * trying how many tenths, hundredths, ... they are. libc does the rest. */
#include "watch/log_text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGITS_MOST = 17 };

/* A number as 0.DIGITS times ten to a power. */
struct decimal {
    char digits[DIGITS_MOST];
    int count, point;
};

/* Up to here a double and a decimal of 15 digits are one to one, so that the
 * first fraction that fits is the shortest. */
static const double whole_most = 1e15;

static void put_fraction(struct out *out, uint64_t scaled, int places)
{
    char text[DIGITS_MOST + 2];
    int at = (int)sizeof text;

    for (int i = 0; i < places; i++) {
        text[--at] = (char)('0' + scaled % 10);
        scaled /= 10;
    }
    text[--at] = '.';
    seed__put_uint(out, scaled);
    seed__put(out, text + at, sizeof text - (size_t)at);
}

/* Both the whole number and the power of ten are exact as doubles, and so is
 * their quotient rounded as reading the text would be. */
static bool put_short(struct out *out, double size)
{
    static const double tens[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
        1e9 };

    for (int places = 1; places < 10; places++) {
        double scaled = size * tens[places];
        uint64_t whole;

        if (scaled >= whole_most)
            return false;
        whole = (uint64_t)(scaled + 0.5);
        if ((double)whole / tens[places] == size) {
            put_fraction(out, whole, places);
            return true;
        }
    }
    return false;
}

/* libc writes the locale's decimal point, which may be several bytes: only
 * digits are taken. */
static void find_digits(struct decimal *out, double size)
{
    int digits = size < DBL_MIN ? 1 : DBL_DIG;
    char text[48];
    const char *at;

    for (; digits <= DIGITS_MOST; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, size);
        if (strtod(text, NULL) == size)
            break;
    }

    out->count = 0;
    for (at = text; *at && *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9' && out->count < DIGITS_MOST)
            out->digits[out->count++] = *at;
    }
    while (out->count > 1 && out->digits[out->count - 1] == '0')
        out->count--;
    out->point = *at ? atoi(at + 1) + 1 : 1;
}

static void put_zeros(struct out *out, int count)
{
    while (count-- > 0)
        seed__put_char(out, '0');
}

static void put_digits(struct out *out, const struct decimal *number, int from,
    int to)
{
    to = to < number->count ? to : number->count;
    if (from < to)
        seed__put(out, number->digits + from, (size_t)(to - from));
}

static void put_exponent(struct out *out, const struct decimal *number)
{
    put_digits(out, number, 0, 1);
    if (number->count > 1)
        seed__put_char(out, '.');
    put_digits(out, number, 1, number->count);
    seed__put_char(out, 'e');
    seed__put_char(out, number->point > 0 ? '+' : '-');
    seed__put_uint(out, (uint64_t)abs(number->point - 1));
}

static void put_decimal(struct out *out, const struct decimal *number)
{
    int count = number->count, point = number->point;

    if (point > 21 || point < -5) {
        put_exponent(out, number);
        return;
    }
    if (point <= 0) {
        PUT(out, "0.");
        put_zeros(out, -point);
        put_digits(out, number, 0, count);
        return;
    }
    put_digits(out, number, 0, point);
    put_zeros(out, point - count);
    if (count > point) {
        seed__put_char(out, '.');
        put_digits(out, number, point, count);
    }
}

void seed__put_double(struct out *out, double number)
{
    struct decimal decimal;
    double size = fabs(number);

    if (!isfinite(number)) {
        PUT(out, "null");
        return;
    }
    if (number < 0)
        seed__put_char(out, '-');
    if (size < whole_most && size == (double)(uint64_t)size) {
        seed__put_uint(out, (uint64_t)size);
        return;
    }
    if (size >= 1e-6 && put_short(out, size))
        return;

    find_digits(&decimal, size);
    put_decimal(out, &decimal);
}
