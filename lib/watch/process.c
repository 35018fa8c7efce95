/* SPDX-License-Identifier: MIT */
/* Linux and glibc: /proc, and mallinfo2(). Another system needs another file
 * like this one. */
#include "watch/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* A small file as text. */
static bool slurp(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, room - 1);

    if (fd >= 0)
        close(fd);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* proc_pid_stat(5): fields are counted from behind the name, which may hold
 * blanks and brackets; the third field is the first one there. */
static uint64_t stat_field(const char *text, int number)
{
    const char *at = strrchr(text, ')');

    for (int i = 2; at && i < number; i++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

static double boot_time(void)
{
    struct timespec wall, boot;

    if (clock_gettime(CLOCK_REALTIME, &wall)
        || clock_gettime(CLOCK_BOOTTIME, &boot))
        return 0;
    return (double)(wall.tv_sec - boot.tv_sec)
        + (double)(wall.tv_nsec - boot.tv_nsec) / 1e9;
}

static void look_at_stat(struct process *process)
{
    char text[1024];

    if (!slurp("/proc/self/stat", text, sizeof text))
        return;

    process->threads = stat_field(text, 20);
    process->started = boot_time() + (double)stat_field(text, 22)
        / (double)sysconf(_SC_CLK_TCK);
    process->virtual = stat_field(text, 23);
    process->resident = stat_field(text, 24) * (uint64_t)sysconf(_SC_PAGESIZE);
}

void seed__process_look(struct process *process)
{
    struct mallinfo2 heap = mallinfo2();
    struct rlimit limit;
    struct timespec cpu;

    memset(process, 0, sizeof *process);
    look_at_stat(process);
    process->heap = heap.uordblks + heap.hblkhd;
    if (!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu))
        process->cpu = (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9;
    if (!getrlimit(RLIMIT_NOFILE, &limit))
        process->max_fds = limit.rlim_cur;
}
