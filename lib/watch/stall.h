/* SPDX-License-Identifier: MIT */
/* A stall on its way from the tick that finds it to those who are told. */
#ifndef WATCH_STALL_H
#define WATCH_STALL_H

#include "watch/stack.h"
#include "watch/track.h"

struct stall {
    seed_stall told; /* its pointers go into the rest */
    struct place place;
    char call[160];
    void *frames[STACK_FRAMES];
    char stack[460];
};

/* Writes the frames' names into `stack`, as many as there is room for. */
void seed__stall_name_stack(struct stall *stall);

/* The line about what and who; at most `room` bytes.
 *
 * more  stalls of this cause that were not reported since the last one */
char *seed__stall_line(const seed_stall *stall, unsigned long more, char *out,
    size_t room);

#endif
