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

enum {
    FRAME_EXTENSION_LIMIT = 4096, /* bytes of chunk extensions in a message */
    FRAME_TRAILER_ROOM = 4096,    /* bytes of all trailer lines             */
    FRAME_TRAILER_FIELDS = 16
};

/* The caller sets `trailers` between begin and the first next, or leaves it.
 * Trailers that would change how the message is framed, routed or allowed
 * (RFC 9110 6.5.1) are judged but never kept. */
struct frame {
    uint64_t left;           /* bytes of the body or of the chunk            */
    uint16_t extension;      /* bytes of chunk extensions so far             */
    uint8_t state, digits;
    uint8_t trailer_count;   /* lines, kept or not                           */
    bool dropped;            /* this trailer line is not kept                */
    bool roomless;           /* one came without room: no more are kept      */
    uint16_t trailer_bytes;  /* of all trailer lines so far                  */
    uint16_t trailer_start;  /* where the newest pair begins                 */
    uint16_t trailer_length; /* what of `trailers` is filled                 */
    char *trailers;          /* FRAME_TRAILER_ROOM bytes of the caller's, or
                              * NULL: trailer lines are judged and dropped.
                              * Filled as "name\0value\0name\0value\0"       */
};

void seed__frame_begin(struct frame *frame, const struct head *head);

/* Reads on at *at, at most to `end`, and moves *at behind what it used. For
 * FRAME_DATA, *data and *length are the piece. FRAME_END and FRAME_BAD are
 * final and come again when asked again. */
enum frame_step seed__frame_next(struct frame *frame, const char **at,
    const char *end, const char **data, size_t *length);

/* True when nothing of the body is left. */
bool seed__frame_ended(const struct frame *frame);

#endif
