/* SPDX-License-Identifier: MIT */
/* What plugins and watchers keep in a server. Slots are few and set before it
 * runs, so that a list is enough, and reading needs no lock. */
#include "server/server.h"

#include <seed/error.h>

struct server_slot {
    const void *key;
    void *value;
    void (*release)(void *value);
    struct server_slot *next;
};

static struct server_slot **find(seed_server *server, const void *key)
{
    struct server_slot **place = &server->slots;

    while (*place && (*place)->key != key)
        place = &(*place)->next;
    return place;
}

static void take_away(struct server_slot **place)
{
    struct server_slot *slot = *place;

    if (!slot)
        return;
    *place = slot->next;
    seed__release(slot);
}

int seed_server_set(seed_server *server, const void *key, void *value,
    void (*release)(void *value))
{
    struct server_slot *slot, **place;

    if (!server)
        return SEED_ENOMEM;
    if (seed__server_state(server) != SERVER_SETUP)
        return SEED_ESTATE;

    place = find(server, key);
    if (!value) {
        take_away(place);
        return 0;
    }
    if (!*place && !(*place = seed__alloc_zeroed(sizeof *slot)))
        return SEED_ENOMEM;

    slot = *place;
    slot->key = key;
    slot->value = value;
    slot->release = release;
    return 0;
}

void *seed_server_slot(const seed_server *server, const void *key)
{
    const struct server_slot *slot = server ? server->slots : NULL;

    while (slot && slot->key != key)
        slot = slot->next;
    return slot ? slot->value : NULL;
}

/* The newest first: what was set later may use what was there before. */
void seed__server_slots_clear(seed_server *server)
{
    while (server->slots) {
        struct server_slot **last = &server->slots;
        struct server_slot slot;

        while ((*last)->next)
            last = &(*last)->next;
        slot = **last;
        take_away(last);
        if (slot.release)
            slot.release(slot.value);
    }
}
