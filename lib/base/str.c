/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <string.h>

struct str seed__str(const char *string)
{
    return (struct str){ string, string ? strlen(string) : 0 };
}

bool seed__str_same(struct str a, struct str b)
{
    return a.length == b.length &&
        (!a.length || !memcmp(a.at, b.at, a.length));
}

char seed__lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool seed__str_alike(struct str a, struct str b)
{
    if (a.length != b.length)
        return false;

    for (size_t i = 0; i < a.length; i++) {
        if (a.at[i] != b.at[i] && seed__lower(a.at[i]) != seed__lower(b.at[i]))
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

/* Two digits a division: every answer has a length. */
size_t seed__str_decimal(char *out, unsigned long long number)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819"
        "2021222324252627282930313233343536373839"
        "4041424344454647484950515253545556575859"
        "6061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    char digits[20];
    size_t at = sizeof digits;

    for (; number >= 100; number /= 100)
        memcpy(digits + (at -= 2), pairs + number % 100 * 2, 2);
    if (number >= 10)
        memcpy(digits + (at -= 2), pairs + number * 2, 2);
    else
        digits[--at] = (char)('0' + number);

    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
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
