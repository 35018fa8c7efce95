/* SPDX-License-Identifier: MIT */
/* Cuts a path at its slashes. Decoding comes after cutting, so that "%2F" does
 * not cut; and it is done once, so that "%252F" stays "%2F". */
#include "route/tree.h"

#include "http/uri.h"

#include <string.h>

/* What lies beyond the deepest pattern is not cut: nothing but "*" can match
 * it, which takes it as one piece. */
static void cut(struct walk *walk, struct str path)
{
    const char *at = path.at, *end = path.at + path.length;
    struct str *segment = walk->segments;

    while (at < end && segment < walk->segments + PATTERN_DEPTH) {
        const char *start = ++at;

        while (at < end && *at != '/')
            at++;
        *segment++ = (struct str){ start, (size_t)(at - start) };
    }
    if (at < end)
        *segment++ = (struct str){ at + 1, (size_t)(end - at - 1) };
    walk->count = (unsigned)(segment - walk->segments);
    walk->end = end;
}

static bool decode(struct walk *walk, char *to)
{
    for (unsigned i = 0; i < walk->count; i++) {
        struct str *segment = &walk->segments[i];
        long length = seed__percent_decode(to, *segment, false, false);

        if (length < 0)
            return false;
        *segment = (struct str){ to, (size_t)length };
        to += length;
        *to++ = '/';
    }
    walk->end = to - 1;
    return true;
}

enum router_verdict seed__walk_cut(struct walk *walk, struct str path,
    struct arena *arena)
{
    char *decoded;

    walk->count = 0;
    walk->steps = 0;
    if (!path.length || *path.at != '/')
        return ROUTER_NO_PATH;

    cut(walk, path);
    if (!memchr(path.at, '%', path.length))
        return ROUTER_FOUND;

    decoded = seed__arena_bytes(arena, path.length);
    if (!decoded)
        return ROUTER_NO_MEMORY;

    return decode(walk, decoded) ? ROUTER_FOUND : ROUTER_BAD_PATH;
}
