/* SPDX-License-Identifier: MIT */
/* Linux and glibc: /proc, and mallinfo2(), which walks the lists of free
 * memory with the allocator's lock held. What that and the counting of files
 * take is measured, and they are done so seldom that it is one part in 500, but
 * twice a second at least: on a busy machine they seem to take long. */
#include "clinic/vitals.h"

#include <seed/async.h>

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { OFTEN = 50000000, SELDOM = 100000000, PART = 500,
    MOST = 500000000 };

void seed__vitals_open(struct vitals *vitals)
{
    *vitals = (struct vitals){ .rss = NAN, .heap = NAN, .mapped = NAN,
        .fds = NAN };
    vitals->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

void seed__vitals_close(struct vitals *vitals)
{
    if (vitals->statm >= 0)
        close(vitals->statm);
    vitals->statm = -1;
}

static uint64_t later(uint64_t began, uint64_t least)
{
    uint64_t now = seed_now(), rest = (now - began) * PART;

    rest = rest < MOST ? rest : MOST;
    return now + (rest > least ? rest : least);
}

/* "size resident ...", in pages. */
static double read_rss(int statm)
{
    char text[128], *at;
    ssize_t length = statm < 0 ? -1 : pread(statm, text, sizeof text - 1, 0);

    if (length <= 0)
        return NAN;
    text[length] = '\0';
    strtoull(text, &at, 10);
    return (double)strtoull(at, NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

/* A new kernel tells as the folder's size how many there are. */
static double count_fds(void)
{
    struct stat folder;
    DIR *list;
    double count = -3; /* ".", "..", and the list's own */

    if (stat("/proc/self/fd", &folder))
        return NAN;
    if (folder.st_size > 0)
        return (double)folder.st_size;
    if (!(list = opendir("/proc/self/fd")))
        return NAN;
    while (readdir(list))
        count++;
    closedir(list);
    return count;
}

static void look_at_heap(struct vitals *vitals)
{
    struct mallinfo2 heap = mallinfo2();

    vitals->heap = (double)(heap.uordblks + heap.hblkhd);
    vitals->mapped = (double)(heap.arena + heap.hblkhd);
}

void seed__vitals_look(struct vitals *vitals, uint64_t now)
{
    struct timespec cpu;

    if (!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu))
        vitals->cpu = (uint64_t)cpu.tv_sec * 1000000000u
            + (uint64_t)cpu.tv_nsec;
    if (now >= vitals->rss_due) {
        vitals->rss = read_rss(vitals->statm);
        vitals->rss_due = later(now, OFTEN);
    }
    if (now >= vitals->heap_due) {
        now = seed_now();
        look_at_heap(vitals);
        vitals->heap_due = later(now, SELDOM);
    }
    if (now >= vitals->fds_due) {
        now = seed_now();
        vitals->fds = count_fds();
        vitals->fds_due = later(now, SELDOM);
    }
}

uint64_t seed__vitals_most_fds(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
        return 0;
    return limit.rlim_cur;
}
