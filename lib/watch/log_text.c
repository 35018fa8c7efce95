/* SPDX-License-Identifier: MIT */
#include "watch/log_text.h"

/* U+FFFD in UTF-8. */
#define REPLACEMENT "\xef\xbf\xbd"

enum { WORD = sizeof(uint64_t), HALF = sizeof(uint32_t) };

/* Bytes that stand for themselves in a JSON string are 0; the others are the
 * letter of their escape, 'u' for one by number, or 'x' for what may be part of
 * UTF-8. */
#define U 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u'
#define X 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x'
static const char escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u',
    'u', U, U, ['"'] = '"', ['\\'] = '\\',
    [0x80] = X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
#undef U
#undef X

size_t seed__utf8_step(const char *text, size_t length, size_t *bad)
{
    unsigned char lead = (unsigned char)text[0];
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    if (lead < 0x80)
        return 1;

    *bad = 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    for (; *bad < size; ++*bad) {
        unsigned char next = *bad < length ? (unsigned char)text[*bad] : 0;

        if (next < low || next > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return size;
}

static uint64_t read_word(const char *text)
{
    uint64_t word;

    memcpy(&word, text, WORD);
    return word;
}

/* Four to seven bytes: the first and the last half, which may overlap. False,
 * and nothing is copied, when one of them is special. */
static bool copy_half(char *to, const char *text, size_t length)
{
    uint32_t first, last;

    memcpy(&first, text, HALF);
    memcpy(&last, text + length - HALF, HALF);
    if (seed__text_special((uint64_t)first << 32 | last))
        return false;
    memcpy(to, &first, HALF);
    memcpy(to + length - HALF, &last, HALF);
    return true;
}

/* Copies what stands for itself, up to the first byte that does not. Returns
 * how much that was. There is room for all of it. */
static size_t copy_plain(char *to, const char *text, size_t length)
{
    size_t at = 0;
    uint64_t word;

    for (; length - at >= WORD; at += WORD) {
        word = read_word(text + at);
        if (seed__text_special(word))
            break;
        memcpy(to + at, &word, WORD);
    }
    if (at && at < length && length - at < WORD) {
        word = read_word(text + length - WORD);
        if (!seed__text_special(word)) {
            memcpy(to + length - WORD, &word, WORD);
            return length;
        }
    }
    if (!at && length >= HALF && length < WORD && copy_half(to, text, length))
        return length;
    for (; at < length && !escapes[(unsigned char)text[at]]; at++)
        to[at] = text[at];
    return at;
}

static void put_number(struct out *out, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    char escape[6] = { '\\', 'u', '0', '0', digits[byte >> 4],
        digits[byte & 15] };

    seed__put(out, escape, sizeof escape);
}

/* U+0080 to U+009F: JSON lets them be, and a terminal that shows the log obeys
 * them (U+009B is what ESC [ is). */
static bool is_control(const char *text, size_t size)
{
    return size == 2 && (unsigned char)text[0] == 0xc2
        && (unsigned char)text[1] < 0xa0;
}

/* Writes the one thing that begins here; returns its length. */
static size_t put_special(struct out *out, const char *text, size_t length)
{
    unsigned char byte = (unsigned char)*text;
    size_t size, bad = 0;

    if (byte < 0x80) {
        if (escapes[byte] == 'u')
            put_number(out, byte);
        else
            seed__put(out, (char[]){ '\\', escapes[byte] }, 2);
        return 1;
    }

    size = seed__utf8_step(text, length, &bad);
    if (is_control(text, size))
        put_number(out, (unsigned char)text[1]);
    else if (size)
        seed__put(out, text, size);
    else
        PUT(out, REPLACEMENT);
    return size ? size : bad;
}

/* Most strings need no escape and have room. */
void seed__put_quoted(struct out *out, const char *text, size_t length)
{
    size_t plain;

    if (out_room(out) < length + 2) {
        seed__put_char(out, '"');
        seed__put_escaped(out, text, length);
        seed__put_char(out, '"');
        return;
    }
    out->at[0] = '"';
    plain = copy_plain(out->at + 1, text, length);
    out->at += 1 + plain;
    if (plain < length)
        seed__put_escaped(out, text + plain, length - plain);
    seed__put_char(out, '"');
}

void seed__put_escaped(struct out *out, const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end && !out->full) {
        size_t left = (size_t)(end - text);
        size_t room = out_room(out);
        size_t plain = copy_plain(out->at, text, left < room ? left : room);

        out->at += plain;
        text += plain;
        if (text == end)
            return;
        text += put_special(out, text, (size_t)(end - text));
    }
}

void seed__put_uint(struct out *out, uint64_t number)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819"
        "2021222324252627282930313233343536373839"
        "4041424344454647484950515253545556575859"
        "6061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    char digits[20], *at = digits + sizeof digits;

    while (number >= 100) {
        at -= 2;
        memcpy(at, pairs + number % 100 * 2, 2);
        number /= 100;
    }
    at -= 2;
    memcpy(at, pairs + number * 2, 2);
    at += number < 10;
    seed__put(out, at, (size_t)(digits + sizeof digits - at));
}

void seed__put_int(struct out *out, int64_t number)
{
    if (number < 0)
        seed__put_char(out, '-');
    seed__put_uint(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void seed__put_raw(struct out *out, const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end && !out->full) {
        size_t bad = 1;
        size_t size = (unsigned char)*text < 0x20
            ? 0
            : seed__utf8_step(text, (size_t)(end - text), &bad);

        if ((unsigned char)*text < 0x20)
            seed__put_char(out, ' ');
        else if (is_control(text, size))
            put_number(out, (unsigned char)text[1]);
        else if (size)
            seed__put(out, text, size);
        else
            PUT(out, REPLACEMENT);
        text += size ? size : bad;
    }
}
