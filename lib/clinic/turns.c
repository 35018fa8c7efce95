/* SPDX-License-Identifier: MIT */
/* The thread's clocks are system calls and cost more than a short turn: they
 * are read at the end of a turn when that is 2 ms behind the last time. So a
 * turn of more than 2 ms always has them read at its end, and what was before
 * it is at most that, and idle time, in which they stand. */
#include "clinic/turns.h"

#include <string.h>

static const uint64_t read_every = 2000000, is_long = 10000000;

struct turn_parts seed__turn_parts(uint64_t whole, uint64_t computed,
    uint64_t stood)
{
    struct turn_parts parts = { .whole = whole };

    parts.computed = computed < whole ? computed : whole;
    parts.stood = stood < whole - parts.computed ? stood
                                                 : whole - parts.computed;
    parts.waited = whole - parts.computed - parts.stood;
    return parts;
}

static struct turn_parts read_parts(struct turns *turns, uint64_t whole,
    uint64_t now)
{
    uint64_t computed = seed__thread_computed(&turns->pulse.thread);
    uint64_t stood = seed__thread_starved(&turns->pulse.thread);
    struct turn_parts parts = seed__turn_parts(whole,
        computed - counter_get(&turns->computed),
        stood - counter_get(&turns->stood));

    counter_set(&turns->computed, computed);
    counter_set(&turns->stood, stood);
    turns->read_at = now;
    return parts;
}

static void add(struct turns *turns, uint64_t number, uint64_t since,
    uint64_t now)
{
    struct turn_parts parts = { 0 };
    uint64_t net;

    if (since < turns->begun)
        since = turns->begun;
    if (now > since)
        parts.whole = now - since;
    if (now - turns->read_at >= read_every)
        parts = read_parts(turns, parts.whole, now);

    net = parts.whole - parts.stood;
    counter_add(&turns->busy, parts.whole);
    if (parts.whole) {
        seed__spread_add(&turns->gross, parts.whole, parts.whole);
        seed__spread_add(&turns->net, net, net);
    }
    /* A short turn's parts are mostly of what was before it. */
    if (parts.whole >= read_every)
        counter_add(&turns->starved, parts.stood);
    if (net >= is_long) {
        counter_add(&turns->long_computed, parts.computed);
        counter_add(&turns->long_waited, parts.waited);
    }
    atomic_store_explicit(&turns->done, number, memory_order_release);
}

void seed__turns_end(struct turns *turns)
{
    struct seed_loop_state state;

    if (turns->pulse.timer)
        return;

    state = seed_worker_state(atomic_load_explicit(&turns->pulse.worker,
        memory_order_relaxed));
    add(turns, state.iterations, state.busy_since, seed_now());
}

/* On the application's loop: what the timer was late. */
static void on_beat(struct pulse *pulse, uint64_t elapsed)
{
    uint64_t now = atomic_load_explicit(&pulse->beat, memory_order_relaxed);

    add((struct turns *)pulse,
        atomic_load_explicit(&pulse->beats, memory_order_relaxed),
        now - seed__pulse_late(elapsed), now);
}

int seed__turns_open(struct turns *turns, seed_worker *worker)
{
    memset(turns, 0, sizeof *turns);
    turns->begun = turns->read_at = seed_now();
    if (seed__pulse_open(&turns->pulse, worker, on_beat))
        return SEED_ENOMEM;

    counter_set(&turns->computed,
        seed__thread_computed(&turns->pulse.thread));
    counter_set(&turns->stood, seed__thread_starved(&turns->pulse.thread));
    return 0;
}

void seed__turns_close(struct turns *turns)
{
    seed__pulse_close(&turns->pulse);
}

static uint64_t grown(uint64_t to, uint64_t from)
{
    return to > from ? to - from : 0;
}

struct turns_now seed__turns_look(const struct turns *turns, uint64_t now)
{
    struct turns_now look = { 0 };
    uint64_t before, after;
    struct turn turn;
    int tries = 0;

    do {
        before = atomic_load_explicit(&turns->done, memory_order_acquire);
        look.busy = counter_get(&turns->busy);
        turn = seed__pulse_turn(&turns->pulse, now);
        after = atomic_load_explicit(&turns->done, memory_order_acquire);
    } while (before != after && ++tries < 100);

    if (!atomic_load(&turns->pulse.worker))
        return look;
    look.computed = seed__thread_computed(&turns->pulse.thread);
    if (turn.number <= after || !turn.age)
        return look;
    look.busy += turn.age;
    look.age = turn.age;
    return look;
}

struct turn_parts seed__turns_parts(const struct turns *turns,
    const struct turns_now *look)
{
    uint64_t stood = look->age ? seed__thread_starved(&turns->pulse.thread)
                               : 0;

    return seed__turn_parts(look->age,
        grown(look->computed, counter_get(&turns->computed)),
        grown(stood, counter_get(&turns->stood)));
}
