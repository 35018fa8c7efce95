/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <string.h>

bool seed__bytes_alike(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (a[i] != b[i] && seed__lower(a[i]) != seed__lower(b[i]))
            return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct str seed__str_trim(struct str text)
{
    while (text.length && is_blank(text.at[text.length - 1]))
        text.length--;
    while (text.length && is_blank(*text.at)) {
        text.at++;
        text.length--;
    }
    return text;
}

static size_t count_digits(unsigned long long number)
{
    size_t count = 1;

    for (; number >= 10000; number /= 10000)
        count += 4;
    return count + (number >= 10) + (number >= 100) + (number >= 1000);
}

/* Two digits a division: every answer has a length. */
size_t seed__str_decimal(char *out, unsigned long long number)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819"
        "2021222324252627282930313233343536373839"
        "4041424344454647484950515253545556575859"
        "6061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    size_t count = count_digits(number), at = count;

    for (; number >= 100; number /= 100)
        memcpy(out + (at -= 2), pairs + number % 100 * 2, 2);
    if (number >= 10)
        memcpy(out, pairs + number * 2, 2);
    else
        *out = (char)('0' + number);
    return count;
}

size_t seed__str_hex(char *out, unsigned long long number)
{
    char digits[16];
    size_t at = sizeof digits;

    do {
        digits[--at] = "0123456789abcdef"[number & 15];
        number >>= 4;
    } while (number);

    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
}
