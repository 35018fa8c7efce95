/* SPDX-License-Identifier: MIT */
/* One sampler a process, from the first recording to the last: timers and a
 * handler make samples, a thread of its own collects them for all recordings.
 *
 *     thread's timer --signal--> handler --ring--> collector --> recordings
 *
 * After fork() the child has neither timers nor collector, and the recordings
 * there have ended. */
#ifndef CLINIC_SAMPLER_H
#define CLINIC_SAMPLER_H

#include "clinic/stacks.h"

#include <seed/flame.h>

enum sampler_unwinder {
    UNWINDER_CHOSEN, /* by a look at the first samples */
    UNWINDER_TABLES,
    UNWINDER_SEARCH
};

/* A recording: the sampler's part of it. */
struct recorded {
    struct stacks stacks;
    struct seed_flame_counts counts;
    struct seed_flame_counts before; /* of what is counted for all of them */
    uint64_t began, ended;           /* seed_now(); ended 0: not yet       */
    unsigned hertz;
    bool running;
    bool counted;    /* it was started */
    struct recorded *next;
};

/* `hertz` is set, the rest zero. Returns 0 or an errno. */
int seed__sampler_start(struct recorded *recorded);

/* What was sampled until now is in the recording when it returns. */
void seed__sampler_stop(struct recorded *recorded);

/* Ends it, and with the last of those that were started what addresses mean. */
void seed__sampler_forget(struct recorded *recorded);

/* Keeps the collector away from all recordings. */
void seed__sampler_lock(void);
void seed__sampler_unlock(void);

/* With the lock held: what `recorded` has. */
struct seed_flame_counts seed__sampler_counts(const struct recorded *recorded);

/* How recordings that are started from now on unwind; for tests. */
void seed__sampler_unwind(enum sampler_unwinder unwinder);

#endif
