/* SPDX-License-Identifier: MIT */
#include "wire/throttle.h"

#include "base/mem.h"

enum { SECOND = 1000000000, SETS = 1024, WAYS = 4 };

/* A network is forgotten when its time is over, or when the places of its set
 * are wanted by others whose time is longer. */
struct visitor {
    uint64_t network;
    uint64_t due; /* when it would have come, had it come as often as it may */
};

struct throttle {
    uint64_t seed, step;
    struct visitor sets[SETS][WAYS];
};

struct throttle *seed__throttle_new(size_t per_second, uint64_t seed)
{
    struct throttle *throttle = seed__alloc_zeroed(sizeof *throttle);

    if (!throttle)
        return NULL;

    throttle->seed = seed;
    throttle->step = SECOND / (per_second < SECOND ? per_second : SECOND);
    return throttle;
}

void seed__throttle_free(struct throttle *throttle)
{
    seed__release(throttle);
}

static struct visitor *set_of(struct throttle *throttle, uint64_t network)
{
    uint64_t mix = (network ^ throttle->seed) * UINT64_C(0x9e3779b97f4a7c15);

    mix = (mix ^ mix >> 31) * UINT64_C(0x94d049bb133111eb);
    return throttle->sets[mix >> 32 & (SETS - 1)];
}

/* Its place, or the one that is soonest free. */
static struct visitor *find(struct visitor *set, uint64_t network)
{
    struct visitor *soonest = set;

    for (struct visitor *at = set; at < set + WAYS; at++) {
        if (at->due && at->network == network)
            return at;
        if (at->due < soonest->due)
            soonest = at;
    }
    *soonest = (struct visitor){ network, 0 };
    return soonest;
}

bool seed__throttle_admit(struct throttle *throttle, uint64_t network,
    uint64_t now)
{
    struct visitor *visitor = find(set_of(throttle, network), network);
    uint64_t due = visitor->due > now ? visitor->due : now;

    if (due + throttle->step > now + SECOND)
        return false;

    visitor->due = due + throttle->step;
    return true;
}
