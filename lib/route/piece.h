/* SPDX-License-Identifier: MIT */
/* Reads a pattern piece by piece. Who takes patterns apart and who builds a
 * path from one both live on this, so that they cannot disagree. */
#ifndef ROUTE_PIECE_H
#define ROUTE_PIECE_H

#include "base/str.h"

enum piece {
    PIECE_SLASH,
    PIECE_BYTE,  /* one byte of fixed text, decoded         */
    PIECE_PARAM,
    PIECE_WILD,
    PIECE_END,
    PIECE_BAD
};

struct pieces {
    const char *at;  /* where the pattern begins, at first      */
    struct str name; /* of PIECE_PARAM and PIECE_WILD, borrowed */
    char byte;       /* of PIECE_BYTE                           */
    const char *why; /* of PIECE_BAD: a static clause           */
};

/* The pattern begins with '/', as the caller has made sure. */
enum piece seed__piece_next(struct pieces *pieces);

#endif
