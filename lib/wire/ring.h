/* SPDX-License-Identifier: MIT */
/* A list whose members are linked in both directions and know how to leave it.
 * A member that is in no list points at itself. */
#ifndef WIRE_RING_H
#define WIRE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
    struct ring *next, *prev;
};

#define RING_OWNER(member, type, field) \
    ((type *)(void *)((char *)(member) - offsetof(type, field)))

static inline void ring_init(struct ring *ring)
{
    ring->next = ring->prev = ring;
}

static inline bool ring_empty(const struct ring *ring)
{
    return ring->next == ring;
}

/* Adds at the end; `member` is in no list. */
static inline void ring_add(struct ring *ring, struct ring *member)
{
    member->prev = ring->prev;
    member->next = ring;
    ring->prev->next = member;
    ring->prev = member;
}

static inline void ring_remove(struct ring *member)
{
    member->prev->next = member->next;
    member->next->prev = member->prev;
    ring_init(member);
}

/* Moves all members of `from`, which is then empty, to `to`, which was. */
static inline void ring_move(struct ring *to, struct ring *from)
{
    ring_init(to);
    if (ring_empty(from))
        return;

    *to = *from;
    to->next->prev = to->prev->next = to;
    ring_init(from);
}

#endif
