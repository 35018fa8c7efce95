/* SPDX-License-Identifier: MIT */
#include "watch/account.h"

/* Nearly all turns end before the next look: such reads would tell nothing. */
static const uint64_t young = 5000000;

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

static uint64_t grown(uint64_t *last, uint64_t now)
{
    uint64_t by = now > *last ? now - *last : 0;

    *last = now;
    return by;
}

/* The kernel writes a wait for the processor down when it is over. What is
 * neither computing nor such a wait is one that goes on, when the thread is
 * ready to run; else it sleeps. */
static void add(struct account *account, uint64_t elapsed, uint64_t computed,
    uint64_t stood)
{
    uint64_t rest;

    computed = least(computed, elapsed);
    stood = least(stood, elapsed - computed);
    rest = elapsed - computed - stood;

    account->computing += computed;
    account->starved += stood;
    if (account->call.known && !account->call.sleeps)
        account->starved += rest;
    else
        account->waiting += rest;
}

/* What a turn did before it was seen first is nobody's guess: its account is of
 * the time between two looks. A loop that is idle, or whose turns are short,
 * costs no look at all. */
void seed__account_tick(struct account *account, const struct thread *thread,
    struct turn turn, uint64_t now)
{
    uint64_t elapsed, computed, stood;

    if (turn.age < young)
        return;

    elapsed = grown(&account->at, now);
    computed = grown(&account->computed, seed__thread_computed(thread));
    stood = grown(&account->stood, seed__thread_starved(thread));
    if (turn.number == account->turn) {
        account->call = seed__thread_call(thread);
        add(account, elapsed, computed, stood);
        return;
    }
    account->turn = turn.number;
    account->computing = account->waiting = account->starved = 0;
}

uint64_t seed__account_total(const struct account *account)
{
    return account->computing + account->waiting + account->starved;
}

enum seed_stall_cause seed__account_cause(const struct account *account)
{
    if (account->waiting > account->computing
        && account->waiting > account->starved)
        return SEED_STALL_WAITS;
    if (account->starved > account->computing)
        return SEED_STALL_STARVED;
    return SEED_STALL_COMPUTES;
}
