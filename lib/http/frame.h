/* SPDX-License-Identifier: MIT */
/* Where a request body begins and ends: Content-Length, or the chunked coding
 * (RFC 9112 6 and 7). It hands out the body's bytes where they stand and
 * copies nothing but trailers. */
#ifndef HTTP_FRAME_H
#define HTTP_FRAME_H

#include "http/head.h"

enum frame_step {
    FRAME_MORE, /* all given bytes are used up; give more          */
    FRAME_DATA, /* a piece of the body                             */
    FRAME_END,  /* the message ends here                           */
    FRAME_BAD   /* malformed: answer 400 and close                 */
};

enum { FRAME_TRAILER_ROOM = 4096, FRAME_TRAILER_FIELDS = 16 };

struct frame {
    uint64_t left;           /* bytes of the body or of the chunk            */
    uint32_t extension;      /* bytes of chunk extensions so far             */
    uint8_t state, digits;
    uint8_t trailer_count;
    uint16_t trailer_length;
    char *trailers;          /* FRAME_TRAILER_ROOM bytes of the caller's, or
                              * NULL: trailer lines are judged and dropped.
                              * Filled as "name\0value\0name\0value\0"       */
};

void seed__frame_begin(struct frame *frame, const struct head *head);

/* Reads on at *at, at most to `end`, and moves *at behind what it used. For
 * FRAME_DATA, *data and *length are the piece. */
enum frame_step seed__frame_next(struct frame *frame, const char **at,
    const char *end, const char **data, size_t *length);

/* True when nothing of the body is left. */
bool seed__frame_ended(const struct frame *frame);

#endif
