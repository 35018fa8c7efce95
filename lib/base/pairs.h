/* SPDX-License-Identifier: MIT */
#ifndef BASE_PAIRS_H
#define BASE_PAIRS_H

#include "base/mem.h"
#include "base/str.h"

/* Names and values in the order in which they were added: the fields of an
 * answer. Memory is the arena's. Names compare without case. */
struct pair {
    struct str name, value; /* each with a NUL behind it */
};

struct pairs {
    struct pair *list;
    unsigned count, room;
};

/* Copies both strings; false when memory is exhausted. */
bool seed__pairs_add(struct pairs *pairs, struct arena *arena, struct str name,
    struct str value);

/* Keeps the pointers instead of copying. */
bool seed__pairs_add_borrowed(struct pairs *pairs, struct arena *arena,
    struct str name, struct str value);
const struct pair *seed__pairs_find(const struct pairs *pairs,
    struct str name);

/* Removes every pair of that name; returns how many there were. */
unsigned seed__pairs_remove(struct pairs *pairs, struct str name);

#endif
