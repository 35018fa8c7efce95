/* SPDX-License-Identifier: MIT */
/* One counter for the allocations of libseed, libevent, jansson and OpenSSL
 * together; and how many descriptors are open. */
#include "fate.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DESCRIPTORS = 256 };

static _Atomic long live;

void *memory_allocate(size_t size)
{
    void *memory = fate_of(FATE_ALLOCATION) ? NULL : malloc(size);

    live += memory != NULL;
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *larger = fate_of(FATE_ALLOCATION) ? NULL : realloc(memory, size);

    live += larger && !memory;
    return larger;
}

void memory_release(void *memory)
{
    live -= memory != NULL;
    free(memory);
}

long memory_held(void)
{
    return live;
}

/* Past the fcntl() that fails. */
long descriptors_held(void)
{
    long held = 0;

    for (int fd = 0; fd < DESCRIPTORS; fd++)
        held += syscall(SYS_fcntl, fd, F_GETFD) >= 0;
    return held;
}
