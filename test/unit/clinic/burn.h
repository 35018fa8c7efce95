/* SPDX-License-Identifier: MIT */
/* Work for a profiler to see. */
#ifndef UNIT_CLINIC_BURN_H
#define UNIT_CLINIC_BURN_H

#include <stdint.h>
#include <time.h>

static _Thread_local volatile unsigned burn_count;

/* ThreadSanitizer holds signals back until the thread calls something. */
#ifdef __SANITIZE_THREAD__
#define BURN_TSAN true
#else
#define BURN_TSAN false
#endif

static uint64_t burn_clock(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t burn_computed(void)
{
    return burn_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* Milliseconds of the calling thread's CPU time. The loop is between the
 * clock's calls, and has nearly all of it. */
__attribute__((noinline, unused)) static void burn_here(unsigned msec)
{
    uint64_t until = burn_computed() + msec * (uint64_t)1000000;

    while (burn_computed() < until)
        for (int i = 0; i < 20000; i++)
            burn_count++;
}

#endif
