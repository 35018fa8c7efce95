/* SPDX-License-Identifier: MIT */
/* Copying and looking are one pass: the vector that was loaded to be tested is
 * in a register anyway. */
#include "base/scan_json.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#if defined(__SSE2__)

/* Ones where a byte is not plain: a signed comparison with ' ' finds controls
 * and bytes over 0x7f at once. */
static __m128i special(__m128i bytes)
{
    __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));

    return _mm_or_si128(low, _mm_or_si128(quote, slash));
}

static __m128i load(const char *bytes)
{
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

static void store(char *out, __m128i bytes)
{
    _mm_storeu_si128((__m128i *)(void *)out, bytes);
}

/* Returns how many of the bytes stand in whole steps without a special one;
 * if a step has one, those before it are counted too and *stopped is true. */
static size_t copy_steps(char *out, const char *bytes, size_t length,
    bool *stopped)
{
    size_t at = 0;

    for (; at + 32 <= length; at += 32) {
        __m128i a = load(bytes + at), b = load(bytes + at + 16);
        unsigned low = (unsigned)_mm_movemask_epi8(special(a));
        unsigned high = (unsigned)_mm_movemask_epi8(special(b));

        store(out + at, a);
        store(out + at + 16, b);
        if (low | high) {
            *stopped = true;
            return at + (size_t)__builtin_ctz(low | high << 16);
        }
    }
    return at;
}

#else

static size_t copy_steps(char *out, const char *bytes, size_t length,
    bool *stopped)
{
    (void)out;
    (void)bytes;
    (void)length;
    (void)stopped;
    return 0;
}

#endif

/* The same in the eight bytes of a word: taking 0x20 from a control, or 1 from
 * what is zero where a quote or backslash stood, borrows from the top bit. */
static bool plain_word(uint64_t bytes)
{
    const uint64_t ones = 0x0101010101010101, tops = 0x80 * ones;
    uint64_t quote = bytes ^ '"' * ones, slash = bytes ^ '\\' * ones;

    return !((bytes | (bytes - ' ' * ones) | (quote - ones) | (slash - ones)) &
        tops);
}

static size_t copy_words(char *out, const char *bytes, size_t length)
{
    uint64_t word;
    size_t at = 0;

    for (; at + sizeof word <= length; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        if (!plain_word(word))
            break;
        memcpy(out + at, &word, sizeof word);
    }
    return at;
}

size_t seed__scan_json_copy_long(char *out, const char *bytes, size_t length)
{
    bool stopped = false;
    size_t at = copy_steps(out, bytes, length, &stopped);

    if (stopped)
        return at;
    at += copy_words(out + at, bytes + at, length - at);
    for (; at < length && seed__byte_is(bytes[at], BYTE_JSON); at++)
        out[at] = bytes[at];
    return at;
}

size_t seed__json_escape(char *out, char byte)
{
    static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    static const char hex[] = "0123456789ABCDEF";

    out[0] = '\\';
    for (size_t i = 0; i + 1 < sizeof letters; i += 2)
        if (letters[i] == byte) {
            out[1] = letters[i + 1];
            return 2;
        }

    memcpy(out + 1, "u00", 3);
    out[4] = hex[byte >> 4 & 7];
    out[5] = hex[byte & 15];
    return 6;
}

/* Table 3-7 of Unicode: what may follow a first byte. */
static const struct {
    unsigned char first, last; /* of the first byte  */
    unsigned char low, high;   /* of the second byte */
    unsigned char length;
} shapes[] = {
    {0x00, 0x7f, 0x00, 0x00, 1},
    {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool between(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

size_t seed__scan_utf8(const char *bytes, size_t length, bool *whole)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t shape = 0, got = 1;

    while (shape < COUNT(shapes)
        && !between(*at, shapes[shape].first, shapes[shape].last))
        shape++;
    *whole = false;
    if (shape == COUNT(shapes))
        return 1;

    if (shapes[shape].length > 1 && length > 1
        && between(at[1], shapes[shape].low, shapes[shape].high))
        got = 2;
    while (got > 1 && got < shapes[shape].length && got < length
        && between(at[got], 0x80, 0xbf))
        got++;

    *whole = got == shapes[shape].length;
    return got;
}
