/* SPDX-License-Identifier: MIT */
/* Writes the head of an answer (RFC 9112 4 to 6). */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "base/mem.h"
#include "base/pairs.h"

#include <stdint.h>

enum answer_framing {
    ANSWER_NONE,    /* 204, 304 without a length, 1xx: no framing field  */
    ANSWER_LENGTH,  /* Content-Length                                    */
    ANSWER_CHUNKED, /* Transfer-Encoding: chunked                        */
    ANSWER_CLOSE    /* ends with the connection (to HTTP/1.0 only)       */
};

struct answer {
    int status;
    enum answer_framing framing;
    uint64_t length;            /* for ANSWER_LENGTH                       */
    struct str server;          /* the Server field's value; empty: none   */
    const char *date;           /* 29 bytes                                */
    const struct pairs *fields;
    bool close;                 /* Connection: close                       */
    bool keep_alive;            /* Connection: keep-alive, for HTTP/1.0    */
};

/* Returns the head's bytes in the arena, the empty line included; an empty
 * string with a NULL `at` when memory is exhausted. Names and values were
 * checked when they were set. */
struct str seed__answer_head(const struct answer *answer, struct arena *arena);

#endif
