/* SPDX-License-Identifier: MIT */
/* What a recording keeps: each stack once, with what it had. */
#ifndef CLINIC_STACKS_H
#define CLINIC_STACKS_H

#include "clinic/modules.h"
#include "clinic/ring.h"

enum { STACKS_MOST = 65536, STACKS_NO_SPAN = 0xffffffff };

struct stacked {
    uint32_t hash, span; /* span: its number, or STACKS_NO_SPAN         */
    uint32_t count;      /* of places                                   */
    uint32_t samples;
    size_t first;        /* of the places                               */
    uint64_t weight;     /* nanoseconds                                 */
    uint64_t began, ended; /* the first and the last sample, seed_now() */
    bool main;           /* the process's first thread                  */
    bool truncated;
};

struct stacks {
    struct stacked *all;
    size_t count, room;
    place *places;
    size_t place_count, place_room;
    struct sample_span *spans;
    size_t span_count, span_room;
    uint32_t *index; /* by hash, open: a stack's number + 1, or 0 */
    size_t mask;
};

/* A sample, its addresses resolved. `weight`, `when`, `span`, `tid` and
 * `truncated` are taken from it. False when there is no room for one more. */
bool seed__stacks_add(struct stacks *stacks, const struct sample *sample,
    const place *places, size_t count);

/* A copy to read while the other goes on; without the index. Returns 0 or
 * SEED_ENOMEM. */
int seed__stacks_copy(struct stacks *to, const struct stacks *from);
void seed__stacks_clear(struct stacks *stacks);

#endif
