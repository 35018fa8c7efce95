/* SPDX-License-Identifier: MIT */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>

/* A request target taken apart (RFC 9112 3.2). */
struct target {
    struct str authority; /* of absolute form; empty otherwise            */
    struct str path;      /* "/" for an absolute form without one; "*"    */
    struct str query;     /* without "?"                                  */
    struct str url;       /* path and query as one piece ("/?q" is made in
                           * the arena when the absolute form has no path) */
};

/* `target` was accepted by head. False when memory is exhausted. */
bool seed__target_split(struct target *out, struct str target,
    struct arena *arena);

/* True for what may be an origin-form target (RFC 9112 3.2.1). */
bool seed__target_valid(struct str target);

/* Decodes percent-encoding once into `out` (text.length bytes suffice).
 * Returns the length, or -1 for a malformed '%' and for %00 unless `nul`. */
long seed__percent_decode(char *out, struct str text, bool plus_is_blank,
    bool nul);

/* Encodes everything but unreserved characters (RFC 3986 2.3); `out` has room
 * for three times the length. Returns the length. */
size_t seed__percent_encode(char *out, struct str text);

#endif
