/* SPDX-License-Identifier: MIT */
#include "fate.h"

#include <errno.h>
#include <stdatomic.h>

static const char *const names[FATES] = {
    [FATE_ALLOCATION] = "allocation",
#define X(name) [FATE_##name] = #name,
    CALLS(X)
#undef X
};

_Thread_local bool fate_spares;

static struct {
    _Atomic int which, error;
    _Atomic long left, seen[FATES];
    _Atomic bool met, paused;
} now = { .left = -1, .paused = true };

const char *fate_name(enum fate fate)
{
    return names[fate];
}

void fate_set(enum fate fate, int error, long n)
{
    now.paused = true;
    now.which = (int)fate;
    now.error = error;
    now.left = n;
    now.met = false;
    for (int i = 0; i < FATES; i++)
        now.seen[i] = 0;
    now.paused = false;
}

void fate_pause(void)
{
    now.paused = true;
}

void fate_go_on(void)
{
    now.paused = false;
}

bool fate_met(void)
{
    return now.met;
}

long fate_seen(enum fate fate)
{
    return now.seen[fate];
}

int fate_of(enum fate fate)
{
    if (fate_spares || now.paused)
        return 0;
    now.seen[fate]++;
    if (now.which != (int)fate || now.left < 0 || now.left-- > 0)
        return 0;
    now.met = true;
    return now.error;
}
