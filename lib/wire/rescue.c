/* SPDX-License-Identifier: MIT */
#include "wire/rescue.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

/* A connection takes a dozen blocks, and few are accepted in one turn. */
enum { BLOCKS = 256, BLOCK = 1024 };

static _Alignas(16) char blocks[BLOCKS][BLOCK];
static _Atomic bool taken[BLOCKS];
static _Thread_local bool is_open;

void seed__rescue_open(void)
{
    is_open = true;
}

void seed__rescue_close(void)
{
    is_open = false;
}

static bool is_ours(const void *memory)
{
    uintptr_t at = (uintptr_t)memory, first = (uintptr_t)blocks;

    return at >= first && at < first + sizeof blocks;
}

static void *take(size_t size)
{
    if (!is_open || size > BLOCK)
        return NULL;
    for (int i = 0; i < BLOCKS; i++) {
        bool free = false;

        if (atomic_compare_exchange_strong(&taken[i], &free, true))
            return blocks[i];
    }
    return NULL;
}

void *seed__rescue_alloc(size_t size)
{
    void *memory = seed__alloc(size);

    return memory ? memory : take(size);
}

void seed__rescue_release(void *memory)
{
    if (!is_ours(memory)) {
        seed__release(memory);
        return;
    }
    atomic_store(&taken[((uintptr_t)memory - (uintptr_t)blocks) / BLOCK],
        false);
}

/* A block that grows leaves the rescue, or stays where it is. */
static void *move_out(void *memory, size_t size)
{
    void *larger = seed__alloc(size);

    if (!larger)
        return size <= BLOCK ? memory : NULL;
    memcpy(larger, memory, size < BLOCK ? size : BLOCK);
    seed__rescue_release(memory);
    return larger;
}

void *seed__rescue_resize(void *memory, size_t size)
{
    void *larger;

    if (is_ours(memory))
        return move_out(memory, size);
    larger = seed__resize(memory, size);
    /* What is new is not in need of a copy; what is old stays as it is. */
    return larger || memory ? larger : take(size);
}

unsigned seed__rescue_used(void)
{
    unsigned used = 0;

    for (int i = 0; i < BLOCKS; i++)
        used += atomic_load(&taken[i]);
    return used;
}
