/* SPDX-License-Identifier: MIT */
/* How time spreads over turns of different length: for each length, how much
 * time went by in turns of it. A long turn counts for as long as it is, so
 * that one of a second weighs as much as a thousand of a millisecond; counted
 * by number, the one would be lost among the thousand.
 *
 * Lengths are kept log-linearly: 32 steps for each doubling, 3 % wide. One
 * thread adds; any thread reads. */
#ifndef WATCH_SPREAD_H
#define WATCH_SPREAD_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    SPREAD_STEP_BITS = 5,
    SPREAD_UNIT_BITS = 10, /* 1,024 ns */
    SPREAD_STEPS = 896     /* up to 73 minutes, where all that is longer ends */
};

struct spread {
    _Atomic uint64_t weights[SPREAD_STEPS]; /* nanoseconds */
};

/* The place of a length, and the middle of the lengths that have a place; both
 * in nanoseconds. */
unsigned seed__spread_place(uint64_t length);
uint64_t seed__spread_length(unsigned place);

/* Adds time that went by in a turn of this length. */
void seed__spread_add(struct spread *spread, uint64_t length,
    uint64_t weight);

/* What was added since the last time: `last` is the reader's own, zeroed at
 * first; `out` receives the difference added to what it holds. */
void seed__spread_take(const struct spread *spread,
    uint64_t last[SPREAD_STEPS], uint64_t out[SPREAD_STEPS]);

/* The length within which the share `of` (0 to 1) of all time lies, where
 * `idle` nanoseconds went by in no turn at all: 0 when that is enough. */
uint64_t seed__spread_within(const uint64_t weights[SPREAD_STEPS],
    uint64_t idle, double of);

/* The longest length that has any weight, or 0. */
uint64_t seed__spread_longest(const uint64_t weights[SPREAD_STEPS]);

#endif
