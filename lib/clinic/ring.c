/* SPDX-License-Identifier: MIT */
/* Slots are looked for from the first on, so that a process that is sampled
 * now and then touches few pages. The mapping stays: a handler may be late. */
#include "clinic/ring.h"

#include <sys/mman.h>

enum state { FREE, TAKEN, GIVEN };

static _Atomic unsigned char states[RING_SLOTS];
static _Atomic bool copied[SAMPLE_COPIES];
static _Atomic uint64_t dropped;
static struct sample *slots;
static unsigned char *copies;

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

bool seed__ring_open(void)
{
    if (!slots)
        slots = map(RING_SLOTS * sizeof *slots);
    if (!copies)
        copies = map((size_t)SAMPLE_COPIES * SAMPLE_COPY);
    return slots && copies;
}

struct sample *seed__ring_take(void)
{
    for (size_t i = 0; i < RING_SLOTS; i++) {
        unsigned char was = FREE;

        if (atomic_load_explicit(&states[i], memory_order_relaxed) == FREE
            && atomic_compare_exchange_strong(&states[i], &was, TAKEN)) {
            slots[i].copy = -1;
            return &slots[i];
        }
    }
    atomic_fetch_add(&dropped, 1);
    return NULL;
}

void seed__ring_give(struct sample *sample)
{
    atomic_store_explicit(&states[sample - slots], GIVEN,
        memory_order_release);
}

unsigned char *seed__ring_copy(struct sample *sample)
{
    for (int i = 0; i < SAMPLE_COPIES; i++) {
        if (atomic_exchange(&copied[i], true))
            continue;
        sample->copy = i;
        return copies + (size_t)i * SAMPLE_COPY;
    }
    return NULL;
}

size_t seed__ring_drain(void (*each)(const struct sample *sample,
    const unsigned char *copy, void *ctx), void *ctx)
{
    size_t count = 0;

    for (size_t i = 0; i < RING_SLOTS; i++) {
        int copy;

        if (atomic_load_explicit(&states[i], memory_order_acquire) != GIVEN)
            continue;
        copy = slots[i].copy;
        each(&slots[i],
            copy < 0 ? NULL : copies + (size_t)copy * SAMPLE_COPY, ctx);
        if (copy >= 0)
            atomic_store(&copied[copy], false);
        atomic_store_explicit(&states[i], FREE, memory_order_release);
        count++;
    }
    return count;
}

void seed__ring_reset(void)
{
    for (size_t i = 0; i < RING_SLOTS; i++)
        atomic_store(&states[i], FREE);
    for (size_t i = 0; i < SAMPLE_COPIES; i++)
        atomic_store(&copied[i], false);
}

uint64_t seed__ring_dropped(void)
{
    return atomic_load(&dropped);
}
