/* SPDX-License-Identifier: MIT */
#ifndef BASE_SLOTS_H
#define BASE_SLOTS_H

#include "base/mem.h"

/* Values under keys that are addresses: the places that plugins have in
 * requests (arena memory), workers and routes (heap memory). */
struct slot {
    const void *key;
    void *value;
    struct slot *next;
};

/* With an arena, memory is the arena's; with NULL, free by clear. Returns
 * false when memory is exhausted. A NULL value takes the place away. */
bool seed__slots_set(struct slot **slots, struct arena *arena, const void *key,
    void *value);
void *seed__slots_get(const struct slot *slots, const void *key);
void seed__slots_clear(struct slot **slots);

#endif
