/* SPDX-License-Identifier: MIT */
#include "base/pairs.h"

#include <string.h>

enum { FIRST_ROOM = 8 };

static bool grow(struct pairs *pairs, struct arena *arena)
{
    unsigned room = pairs->room ? 2 * pairs->room : FIRST_ROOM;
    struct pair *list;

    if (room < pairs->room)
        return false;

    list = seed__arena_alloc(arena, room * sizeof *list);
    if (!list)
        return false;

    if (pairs->count)
        memcpy(list, pairs->list, pairs->count * sizeof *list);
    pairs->list = list;
    pairs->room = room;
    return true;
}

static bool make_room(struct pairs *pairs, struct arena *arena)
{
    return pairs->count < pairs->room || grow(pairs, arena);
}

bool seed__pairs_add_borrowed(struct pairs *pairs, struct arena *arena,
    struct str name, struct str value)
{
    if (!make_room(pairs, arena))
        return false;

    pairs->list[pairs->count++] = (struct pair){ name, value };
    return true;
}

bool seed__pairs_add(struct pairs *pairs, struct arena *arena, struct str name,
    struct str value)
{
    if (!make_room(pairs, arena))
        return false;

    name.at = seed__arena_copy(arena, name.at, name.length);
    value.at = seed__arena_copy(arena, value.at, value.length);
    if (!name.at || !value.at)
        return false;

    pairs->list[pairs->count++] = (struct pair){ name, value };
    return true;
}

const struct pair *seed__pairs_find(const struct pairs *pairs, struct str name)
{
    for (unsigned i = 0; i < pairs->count; i++) {
        if (seed__str_alike(pairs->list[i].name, name))
            return &pairs->list[i];
    }
    return NULL;
}

unsigned seed__pairs_remove(struct pairs *pairs, struct str name)
{
    unsigned kept = 0, removed;

    /* Nearly always there is none, and nothing to move. */
    while (kept < pairs->count
        && !seed__str_alike(pairs->list[kept].name, name))
        kept++;
    for (unsigned i = kept; i < pairs->count; i++) {
        if (!seed__str_alike(pairs->list[i].name, name))
            pairs->list[kept++] = pairs->list[i];
    }
    removed = pairs->count - kept;
    pairs->count = kept;
    return removed;
}
