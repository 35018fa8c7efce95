/* SPDX-License-Identifier: MIT */
/* How often one network may connect: so many times a second, and a second's
 * worth at once. It is the generic cell rate algorithm (ITU-T I.371), one time
 * for each network, in a table that does not grow. */
#ifndef WIRE_THROTTLE_H
#define WIRE_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct throttle;

/* The seed is a secret: who chooses networks must not choose their places.
 * Returns NULL when memory is exhausted. */
struct throttle *seed__throttle_new(size_t per_second, uint64_t seed);
void seed__throttle_free(struct throttle *throttle);

/* False when it comes too often. `now` in nanoseconds, not 0. One thread at a
 * time. */
bool seed__throttle_admit(struct throttle *throttle, uint64_t network,
    uint64_t now);

#endif
