/* SPDX-License-Identifier: MIT */
#include "base/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Rows of sixteen; scan_test says the same in words. */
const uint8_t seed__byte_class[256] = {
    /* clang-format off */
      0,  0,  0,  0,  0,  0,  0,  0,  0, 32,  0,  0,  0,  0,  0,  0,
      0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
     96, 99, 32, 97, 99, 97, 99, 99, 98, 98, 99, 99, 98,107,107, 96,
    127,127,127,127,127,127,127,127,127,127, 96, 98, 96, 98, 96, 96,
     96,111,111,111,111,111,111,107,107,107,107,107,107,107,107,107,
    107,107,107,107,107,107,107,107,107,107,107, 96, 32, 96, 97,107,
     97,111,111,111,111,111,111,107,107,107,107,107,107,107,107,107,
    107,107,107,107,107,107,107,107,107,107,107, 96, 97, 96,107, 64,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
     32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    /* clang-format on */
};

static bool is_target(unsigned char byte)
{
    return byte > 0x20 && byte < 0x7f && byte != '#';
}

#ifdef __SSE2__

const char *seed__scan_text(const char *at, const char *end)
{
    const __m128i last_control = _mm_set1_epi8(0x1f);
    const __m128i tab = _mm_set1_epi8('\t'), del = _mm_set1_epi8(0x7f);

    for (; end - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i low =
            _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
        __m128i bad = _mm_or_si128(
            _mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low),
            _mm_cmpeq_epi8(bytes, del));
        unsigned where = (unsigned)_mm_movemask_epi8(bad);

        if (where)
            return at + __builtin_ctz(where);
    }
    return seed__scan_class(at, end, BYTE_TEXT);
}

const char *seed__scan_target(const char *at, const char *end)
{
    const __m128i first_good = _mm_set1_epi8(0x21);
    const __m128i hash = _mm_set1_epi8('#'), del = _mm_set1_epi8(0x7f);

    for (; end - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* Signed: what has the eighth bit is below 0. */
        __m128i bad = _mm_or_si128(_mm_cmplt_epi8(bytes, first_good),
            _mm_or_si128(_mm_cmpeq_epi8(bytes, hash),
                _mm_cmpeq_epi8(bytes, del)));
        unsigned where = (unsigned)_mm_movemask_epi8(bad);

        if (where)
            return at + __builtin_ctz(where);
    }
    while (at < end && is_target((unsigned char)*at))
        at++;
    return at;
}

#else

const char *seed__scan_text(const char *at, const char *end)
{
    return seed__scan_class(at, end, BYTE_TEXT);
}

const char *seed__scan_target(const char *at, const char *end)
{
    while (at < end && is_target((unsigned char)*at))
        at++;
    return at;
}

#endif
