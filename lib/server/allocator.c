/* SPDX-License-Identifier: MIT */
/* seed_use_allocator(): ours first, for everybody else is sent there. */
#include "base/digest.h"
#include "base/mem.h"
#include "flow/format.h"
#include "wire/loop.h"

#include <seed/error.h>
#include <seed/server.h>

int seed_use_allocator(void *(*allocate)(size_t size),
    void *(*resize)(void *memory, size_t size), void (*release)(void *memory))
{
    static int (*const others[])(void) = { seed__loop_use_allocator,
        seed__digest_use_allocator, seed__format_use_allocator };

    if (!allocate || !resize || !release)
        return SEED_EINVAL;
    if (seed__mem_replace(allocate, resize, release))
        return SEED_ESTATE;

    for (size_t i = 0; i < COUNT(others); i++) {
        if (others[i]())
            return SEED_ESTATE;
    }
    return 0;
}

void *seed_resize(void *memory, size_t size)
{
    return seed__resize(memory, size);
}

void seed_release(void *memory)
{
    seed__release(memory);
}
