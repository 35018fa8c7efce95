/* SPDX-License-Identifier: MIT */
/* How often the monitor may wake. Where that is cheap, whenever a task is due;
 * on a virtual machine it may take a hundred times longer, and a program that
 * waits most of the time would be watched more than it works. */
#ifndef WATCH_PACE_H
#define WATCH_PACE_H

#include <stdint.h>

struct pace {
    uint64_t rest;    /* nanoseconds between two wakes, at least */
    uint64_t since;   /* what follows was read then              */
    uint64_t own;     /* CPU time of the monitor's thread        */
    uint64_t whole;   /* and of the process                      */
    uint64_t wakes;
};

/* The rest that makes the monitor one part in 400 of the process, from what was
 * spent in `elapsed` nanoseconds with so many wakes. */
uint64_t seed__pace_rest(uint64_t own, uint64_t whole, uint64_t wakes,
    uint64_t elapsed);

/* Once a wake, on the monitor's thread: reads clocks twice a second. A pace of
 * zeros begins. */
void seed__pace_wake(struct pace *pace, uint64_t now);

#endif
