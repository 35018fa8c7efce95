/* SPDX-License-Identifier: MIT */
/* One thread a process that looks at loops from outside, for all watchers of
 * all servers: it keeps time by the clock and not by a loop, so that it looks
 * when a loop does not turn. It runs from the first task to the last.
 *
 * The child of a fork() has no such thread, and no task is on there; it may
 * start tasks of its own, and stopping those of its parent does nothing. */
#ifndef WATCH_MONITOR_H
#define WATCH_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

/* What is done again and again. The watcher's, who leaves it alone from start
 * to stop, but for `ctx`'s own things under the lock. */
struct monitored {
    void (*tick)(uint64_t now, void *ctx); /* on the monitor, under its lock */
    void *ctx;
    unsigned period;  /* milliseconds, at least 1 */
    uint64_t due;     /* the monitor's, from here on */
    bool on;
    struct monitored *next;
};

/* Ticks come at multiples of the period, the first in one to two periods from
 * now; those that could not be kept are left out. Where waking takes long, one
 * may come up to a period late (watch/pace.h). Any thread but the monitor's.
 * Returns 0, or SEED_ENOMEM when there can be no thread. Once more does
 * nothing. */
int seed__monitor_start(struct monitored *task);

/* No tick runs when it returns, nor will one. More than once is fine. */
void seed__monitor_stop(struct monitored *task);

/* Nanoseconds of CPU time that the thread has had; 0 when there is none. Any
 * thread but the monitor's. */
uint64_t seed__monitor_cpu(void);

/* Keeps ticks away: for what a watcher shows to its tick, when a worker begins
 * or ends. */
void seed__monitor_lock(void);
void seed__monitor_unlock(void);

#endif
