/* SPDX-License-Identifier: MIT */
/* JSON text into a room of bytes: what JSON.stringify() would say, and UTF-8
 * whatever comes in. Nothing is written past the room's end; what did not fit
 * is remembered, and the line is made again where there is more of it. */
#ifndef WATCH_LOG_TEXT_H
#define WATCH_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One byte in each place of a word. */
#define EVERY_BYTE(byte) (0x0101010101010101u * (byte))

struct out {
    char *at, *end;
    bool full; /* something did not fit */
};

static inline size_t out_room(const struct out *out)
{
    return (size_t)(out->end - out->at);
}

static inline void seed__put(struct out *out, const char *bytes, size_t length)
{
    if (out_room(out) < length) {
        out->full = true;
        return;
    }
    memcpy(out->at, bytes, length);
    out->at += length;
}

static inline void seed__put_char(struct out *out, char byte)
{
    if (out->at == out->end) {
        out->full = true;
        return;
    }
    *out->at++ = byte;
}

#define PUT(out, literal) seed__put((out), (literal), sizeof(literal) - 1)

/* Not 0 when one of eight bytes does not stand for itself in a string. */
static inline uint64_t seed__text_special(uint64_t word)
{
    uint64_t quote = word ^ EVERY_BYTE('"'), slash = word ^ EVERY_BYTE('\\');

    return (word | ((word - EVERY_BYTE(0x20)) & ~word)
               | ((quote - EVERY_BYTE(1)) & ~quote)
               | ((slash - EVERY_BYTE(1)) & ~slash))
        & EVERY_BYTE(0x80);
}

/* A string in quotes. */
void seed__put_quoted(struct out *out, const char *text, size_t length);

/* The inside of one: for a string that is made of pieces. */
void seed__put_escaped(struct out *out, const char *text, size_t length);

/* Numbers; log_number.c has those with a fraction. */
void seed__put_uint(struct out *out, uint64_t number);
void seed__put_int(struct out *out, int64_t number);
void seed__put_double(struct out *out, double number);

/* Text that is JSON already: its line ends and other control characters become
 * blanks, and what is not UTF-8 U+FFFD. */
void seed__put_raw(struct out *out, const char *text, size_t length);

/* How many bytes of UTF-8 begin here, 1 to 4; or 0, and then so many in *bad
 * are together one U+FFFD (WHATWG Encoding 8.1.1). `length` is not 0. */
size_t seed__utf8_step(const char *text, size_t length, size_t *bad);

#endif
