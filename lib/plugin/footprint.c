/* SPDX-License-Identifier: MIT */
/* Linux and glibc: /proc, and mallinfo2(). Another system needs another file
 * like this one. */
#include "plugin/footprint.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t seed__footprint_heap(void)
{
    struct mallinfo2 heap = mallinfo2();

    return heap.uordblks + heap.hblkhd;
}

/* proc_pid_statm(5): size, resident, ... in pages. */
uint64_t seed__footprint_rss(void)
{
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    const char *second;

    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return 0;

    text[length] = '\0';
    second = strchr(text, ' ');
    return second ? strtoull(second, NULL, 10)
            * (uint64_t)sysconf(_SC_PAGESIZE)
                  : 0;
}
