/* SPDX-License-Identifier: MIT */
/* What a thread did in the turn of its loop that is under way: an account that
 * is carried on at each tick of the monitor. */
#ifndef WATCH_ACCOUNT_H
#define WATCH_ACCOUNT_H

#include "watch/pulse.h"

struct account {
    uint64_t turn;                         /* whose account it is */
    uint64_t computing, waiting, starved;  /* nanoseconds of it */
    struct thread_call call;               /* as of the last tick */

    /* The thread's clocks at the last tick that saw a turn. */
    uint64_t at, computed, stood;
};

/* At each tick, turn or no turn. A turn has an account from the second tick
 * that sees it older than 5 ms. */
void seed__account_tick(struct account *account, const struct thread *thread,
    struct turn turn, uint64_t now);

/* How much time the account is of. */
uint64_t seed__account_total(const struct account *account);

/* What had the most of it. */
enum seed_stall_cause seed__account_cause(const struct account *account);

#endif
