/* SPDX-License-Identifier: MIT */
/* The way back: from a pattern and values to a path.
 *
 * shape: parameters: where to build it, where values come from, what lacked. */
#include "route/router.h"

#include "http/uri.h"
#include "route/piece.h"

#include <seed/error.h>

#include <limits.h>
#include <string.h>

/* A path in the making; `length` counts also what found no room. */
struct building {
    char *out;
    size_t room, length;
};

static void put(struct building *to, const char *bytes, size_t length)
{
    if (to->length < to->room && length < to->room - to->length)
        memcpy(to->out + to->length, bytes, length);
    to->length += length;
}

/* Fixed text keeps what RFC 3986 3.3 allows in a segment. */
static void put_encoded(struct building *to, char c, const char *keep)
{
    char code[3];

    if (c && strchr(keep, c))
        put(to, &c, 1);
    else
        put(to, code, seed__percent_encode(code, (struct str){ &c, 1 }));
}

static bool put_value(struct building *to, enum piece piece, struct str value)
{
    if (!value.at || (!value.length && piece != PIECE_WILD))
        return false;

    for (size_t i = 0; i < value.length; i++)
        put_encoded(to, value.at[i], piece == PIECE_WILD ? "/" : "");
    return true;
}

int seed__pattern_build(const char *pattern, char *out, size_t room,
    struct str (*value)(struct str name, void *ctx), void *ctx,
    struct str *missing)
{
    struct building to = { .out = out, .room = room };
    struct pieces pieces = { .at = pattern };
    enum piece piece;

    if (*pattern != '/')
        return SEED_EPATTERN;

    while ((piece = seed__piece_next(&pieces)) != PIECE_END) {
        if (piece == PIECE_BAD)
            return SEED_EPATTERN;
        if (piece == PIECE_SLASH) {
            put(&to, "/", 1);
        } else if (piece == PIECE_BYTE) {
            put_encoded(&to, pieces.byte, "!$&'()*+,;=:@");
        } else if (!put_value(&to, piece, value(pieces.name, ctx))) {
            *missing = pieces.name;
            return SEED_EINVAL;
        }
    }
    if (to.length >= room || to.length > INT_MAX)
        return SEED_EFULL;

    out[to.length] = '\0';
    return (int)to.length;
}
