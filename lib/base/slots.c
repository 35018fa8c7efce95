/* SPDX-License-Identifier: MIT */
#include "base/slots.h"

static void take_away(struct slot **place, const struct arena *arena)
{
    struct slot *slot = *place;

    *place = slot->next;
    if (!arena)
        seed__release(slot);
}

bool seed__slots_set(struct slot **slots, struct arena *arena, const void *key,
    void *value)
{
    struct slot **place = slots, *slot;

    while (*place && (*place)->key != key)
        place = &(*place)->next;

    if (*place && value) {
        (*place)->value = value;
        return true;
    }
    if (*place)
        take_away(place, arena);
    if (!value)
        return true;

    slot = arena ? seed__arena_alloc(arena, sizeof *slot)
                 : seed__alloc(sizeof *slot);
    if (!slot)
        return false;

    *slot = (struct slot){ key, value, *slots };
    *slots = slot;
    return true;
}

void *seed__slots_get(const struct slot *slots, const void *key)
{
    while (slots && slots->key != key)
        slots = slots->next;
    return slots ? slots->value : NULL;
}

void seed__slots_clear(struct slot **slots)
{
    while (*slots)
        take_away(slots, NULL);
}
