/* SPDX-License-Identifier: MIT */
#include "watch/map.h"

#include <seed/server.h>

#include <string.h>

enum { SMALLEST = 16 };

static void place(struct map *map, const void *key, void *value)
{
    size_t at = map_hash(key) & map->mask;

    while (map->entries[at].value)
        at = (at + 1) & map->mask;
    map->entries[at] = (struct map_entry){ key, value };
}

/* At most half full, so that a search ends soon. */
static bool grow(struct map *map)
{
    size_t old_room = map->entries ? map->mask + 1 : 0;
    size_t room = old_room ? old_room * 2 : SMALLEST;
    struct map_entry *old = map->entries;

    map->entries = seed_resize(NULL, room * sizeof *map->entries);
    if (!map->entries) {
        map->entries = old;
        return false;
    }
    memset(map->entries, 0, room * sizeof *map->entries);
    map->mask = room - 1;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].value)
            place(map, old[i].key, old[i].value);
    seed_release(old);
    return true;
}

bool seed__map_put(struct map *map, const void *key, void *value)
{
    if ((!map->entries || map->count * 2 > map->mask) && !grow(map))
        return false;

    place(map, key, value);
    map->count++;
    return true;
}

void seed__map_clear(struct map *map)
{
    seed_release(map->entries);
    memset(map, 0, sizeof *map);
}
