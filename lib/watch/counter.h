/* SPDX-License-Identifier: MIT */
/* Numbers that one thread writes and any thread reads: a load and a store, no
 * locked instruction. A reader may see one number newer than its neighbour. */
#ifndef WATCH_COUNTER_H
#define WATCH_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter;

static inline uint64_t counter_get(const counter *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static inline void counter_set(counter *to, uint64_t value)
{
    atomic_store_explicit(to, value, memory_order_relaxed);
}

static inline void counter_add(counter *to, uint64_t more)
{
    counter_set(to, counter_get(to) + more);
}

#endif
