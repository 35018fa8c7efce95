/* SPDX-License-Identifier: MIT */
#include "watch/pace.h"

#include <time.h>

enum { PART = 400, ANEW = 500000000, MOST = 1000000000 };

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now))
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t seed__pace_rest(uint64_t own, uint64_t whole, uint64_t wakes,
    uint64_t elapsed)
{
    double rest;

    if (!wakes || !own)
        return 0;
    if (!whole)
        return MOST;
    rest = (double)own / (double)wakes * PART * (double)elapsed
        / (double)whole;
    return rest < MOST ? (uint64_t)rest : MOST;
}

void seed__pace_wake(struct pace *pace, uint64_t now)
{
    struct pace last = *pace;

    pace->wakes++;
    if (last.since && now - last.since < ANEW)
        return;

    *pace = (struct pace){ .rest = last.rest, .since = now,
        .own = read_clock(CLOCK_THREAD_CPUTIME_ID),
        .whole = read_clock(CLOCK_PROCESS_CPUTIME_ID) };
    if (last.since)
        pace->rest = seed__pace_rest(pace->own - last.own,
            pace->whole - last.whole, last.wakes + 1, now - last.since);
}
