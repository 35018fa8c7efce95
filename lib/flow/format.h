/* SPDX-License-Identifier: MIT */
/* Values to bytes, by jansson: its only door in this room. */
#ifndef FLOW_FORMAT_H
#define FLOW_FORMAT_H

#include "base/mem.h"
#include "base/str.h"

struct json_t;

/* Compact JSON text in the arena; a NULL `at` when the value cannot be written
 * or memory is exhausted. */
struct str seed__format_json(const struct json_t *value,
    struct arena *arena);

/* Drops one reference; NULL does nothing. */
void seed__format_release(struct json_t *value);

/* Gives jansson's allocations to base/mem; before jansson's first use. */
int seed__format_use_allocator(void);

#endif
