/* SPDX-License-Identifier: MIT */
/* A timer of CPU time for every thread of the process, made from outside. */
#ifndef CLINIC_TIMERS_H
#define CLINIC_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct timer {
    long tid;
    timer_t timer;
    bool made; /* false: the system has no more of them */
    bool seen; /* in this look */
};

struct timers {
    struct timer *all; /* by no order; seed_release() by clear */
    size_t count, room;
    int signal;
    uint64_t period;   /* nanoseconds; the signal carries them */
    uint64_t threads;  /* that were ever given one */
    long skip;         /* this thread gets none */
};

/* Looks at the process's threads: those that came get a timer, those that went
 * lose theirs. False when not one thread could be given one (errno). */
bool seed__timers_look(struct timers *timers);

/* With another period each timer is made anew. */
void seed__timers_set(struct timers *timers, int signal, uint64_t period);

/* Deletes all of them. `inherited`: they are a parent's, of before a fork. */
void seed__timers_clear(struct timers *timers, bool inherited);

#endif
