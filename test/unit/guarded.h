/* SPDX-License-Identifier: MIT */
/* Bytes that end flush against an unreadable page, so that one read too many
 * is a crash even without a sanitizer. */
#ifndef UNIT_GUARDED_H
#define UNIT_GUARDED_H

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guarded {
    char *map;
    size_t room; /* bytes in front of the unreadable page */
};

static inline struct guarded guarded_open(size_t room)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guarded area = { NULL, (room + page - 1) / page * page };
    char *map = mmap(NULL, area.room + page, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (map == MAP_FAILED || mprotect(map + area.room, page, PROT_NONE))
        return area;

    area.map = map;
    return area;
}

static inline void guarded_close(struct guarded *area)
{
    munmap(area->map, area->room + (size_t)sysconf(_SC_PAGESIZE));
}

/* Borrowed until the next call. */
static inline const char *guarded_copy(struct guarded *area, const char *bytes,
    size_t length)
{
    char *copy = area->map + area->room - length;

    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

#endif
