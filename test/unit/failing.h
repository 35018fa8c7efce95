/* SPDX-License-Identifier: MIT */
/* An allocator whose n-th allocation fails, and which counts what lives. */
#ifndef UNIT_FAILING_H
#define UNIT_FAILING_H

#include "base/mem.h"

#include <stdlib.h>

static struct {
    _Atomic long left; /* allocations until the one that fails; < 0: none */
    _Atomic long live;
    _Atomic long asked;
} failing = { -1, 0, 0 };

static bool failing_now(void)
{
    failing.asked++;
    return failing.left >= 0 && failing.left-- == 0;
}

static void *failing_allocate(size_t size)
{
    void *memory = failing_now() ? NULL : malloc(size);

    failing.live += memory != NULL;
    return memory;
}

static void *failing_resize(void *memory, size_t size)
{
    void *larger = failing_now() ? NULL : realloc(memory, size);

    failing.live += larger && !memory;
    return larger;
}

static void failing_release(void *memory)
{
    failing.live -= memory != NULL;
    free(memory);
}

/* Before the first allocation of the program. Returns 0. */
static inline int failing_install(void)
{
    return seed__mem_replace(failing_allocate, failing_resize,
        failing_release);
}

#endif
