/* SPDX-License-Identifier: MIT */
/* A worker's loop as it is seen from any thread: which turn it is in, and for
 * how long. On a loop of libseed's own the loop says so itself, and that costs
 * nothing more. On the application's loop, other events are at work that
 * libseed does not see: a timer of 10 ms goes there, and when it is late the
 * loop is taken to be in a turn. */
#ifndef WATCH_PULSE_H
#define WATCH_PULSE_H

#include "watch/thread.h"

#include <seed.h>

#include <stdatomic.h>

enum { PULSE_PERIOD = 10, PULSE_WORKERS = 256 };

struct pulse {
    _Atomic(seed_worker *) worker; /* NULL: closed */
    struct thread thread;
    seed_timer *timer;             /* NULL: it is a loop of our own */
    _Atomic uint64_t beats, beat;  /* of the timer: how many, and the last */
    void (*on_beat)(struct pulse *pulse, uint64_t elapsed);
};

/* The turn under way; age 0 means that there is none. On the application's loop
 * the number is that of the beat that is waited for. */
struct turn {
    uint64_t number, age;
};

/* In SEED_ON_LISTEN, on the worker's thread.
 *
 * on_beat  called by the timer with the time since the last beat; or NULL
 *
 * Returns 0 or SEED_ENOMEM. */
int seed__pulse_open(struct pulse *pulse, seed_worker *worker,
    void (*on_beat)(struct pulse *pulse, uint64_t elapsed));

/* In SEED_ON_STOP. */
void seed__pulse_close(struct pulse *pulse);

/* Any thread, as long as the server lives; also a signal handler. */
struct turn seed__pulse_turn(const struct pulse *pulse, uint64_t now);

/* How much of the time between two beats the loop had been late. */
uint64_t seed__pulse_late(uint64_t elapsed);

#endif
