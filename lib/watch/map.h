/* SPDX-License-Identifier: MIT */
/* From an address to what is known of it, for one thread. Nothing is ever
 * taken out: registrations and routes are few and stay. */
#ifndef WATCH_MAP_H
#define WATCH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    const void *key;
    void *value; /* NULL: nothing here */
};

struct map {
    struct map_entry *entries;
    size_t mask, count; /* mask + 1 entries, a power of two, when there are
                         * entries at all                                   */
};

/* Puts a value that is not NULL in the place of a key that is not there yet.
 * False when memory is exhausted. */
bool seed__map_put(struct map *map, const void *key, void *value);
void seed__map_clear(struct map *map);

/* Where a search begins: addresses differ in their middle bits. */
static inline size_t map_hash(const void *key)
{
    return (size_t)(((uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u) >> 32);
}

/* Returns the value, or NULL. The key may be NULL. */
static inline void *map_find(const struct map *map, const void *key)
{
    const struct map_entry *entry;
    size_t at;

    if (!map->entries)
        return NULL;
    for (at = map_hash(key);; at++) {
        entry = &map->entries[at & map->mask];
        if (entry->key == key || !entry->value)
            return entry->value;
    }
}

#endif
