/* SPDX-License-Identifier: MIT */
/* What the system says of this process. */
#ifndef WATCH_PROCESS_H
#define WATCH_PROCESS_H

#include <stdint.h>

struct process {
    double cpu;          /* seconds, user and system                         */
    double started;      /* seconds since 1970                               */
    uint64_t resident;   /* bytes                                            */
    uint64_t virtual;
    uint64_t heap;       /* bytes that malloc() has given out                */
    uint64_t threads, max_fds;
};

/* What cannot be known is 0. Any thread; some microseconds. */
void seed__process_look(struct process *process);

#endif
