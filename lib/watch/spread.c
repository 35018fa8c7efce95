/* SPDX-License-Identifier: MIT */
#include "watch/spread.h"

unsigned seed__spread_place(uint64_t length)
{
    uint64_t units = length >> SPREAD_UNIT_BITS;
    unsigned shift = 0;

    if (units > UINT32_MAX)
        units = UINT32_MAX;
    while (units >> shift >= 2 << SPREAD_STEP_BITS)
        shift++;
    return (shift << SPREAD_STEP_BITS) + (unsigned)(units >> shift);
}

uint64_t seed__spread_length(unsigned place)
{
    unsigned steps = 1 << SPREAD_STEP_BITS;
    unsigned shift = place < 2 * steps ? 0 : place / steps - 1;
    uint64_t first = place - shift * steps;

    return ((first << shift) << SPREAD_UNIT_BITS)
        + ((UINT64_C(1) << shift) << SPREAD_UNIT_BITS) / 2;
}

/* One thread writes: a load and a store, no locked instruction. */
void seed__spread_add(struct spread *spread, uint64_t length, uint64_t weight)
{
    _Atomic uint64_t *at = &spread->weights[seed__spread_place(length)];

    atomic_store_explicit(at,
        atomic_load_explicit(at, memory_order_relaxed) + weight,
        memory_order_relaxed);
}

void seed__spread_take(const struct spread *spread,
    uint64_t last[SPREAD_STEPS], uint64_t out[SPREAD_STEPS])
{
    for (unsigned i = 0; i < SPREAD_STEPS; i++) {
        uint64_t now = atomic_load_explicit(&spread->weights[i],
            memory_order_relaxed);

        out[i] += now - last[i];
        last[i] = now;
    }
}

uint64_t seed__spread_within(const uint64_t weights[SPREAD_STEPS],
    uint64_t idle, double of)
{
    uint64_t all = idle, so_far = idle;

    for (unsigned i = 0; i < SPREAD_STEPS; i++)
        all += weights[i];
    for (unsigned i = 0; i < SPREAD_STEPS; i++) {
        if ((double)so_far >= of * (double)all)
            return i ? seed__spread_length(i - 1) : 0;
        so_far += weights[i];
    }
    return seed__spread_longest(weights);
}

uint64_t seed__spread_longest(const uint64_t weights[SPREAD_STEPS])
{
    unsigned i = SPREAD_STEPS;

    while (i && !weights[i - 1])
        i--;
    return i ? seed__spread_length(i - 1) : 0;
}
