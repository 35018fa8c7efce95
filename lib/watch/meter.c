/* SPDX-License-Identifier: MIT */
#include "watch/meter.h"

#include <string.h>

void seed__figures_put(struct figures *figures,
    const uint64_t values[FIGURES])
{
    uint64_t version = atomic_load_explicit(&figures->version,
        memory_order_relaxed);

    atomic_exchange_explicit(&figures->version, version + 1,
        memory_order_acq_rel);
    for (int i = 0; i < FIGURES; i++)
        atomic_store_explicit(&figures->at[i], values[i],
            memory_order_release);
    atomic_store_explicit(&figures->version, version + 2,
        memory_order_release);
}

void seed__figures_get(const struct figures *figures,
    uint64_t values[FIGURES])
{
    uint64_t before, after;

    do {
        before = atomic_load_explicit(&figures->version,
            memory_order_acquire);
        for (int i = 0; i < FIGURES; i++)
            values[i] = atomic_load_explicit(&figures->at[i],
                memory_order_acquire);
        after = atomic_load_explicit(&figures->version,
            memory_order_relaxed);
    } while (before != after || before & 1);
}

void seed__figures_spread(uint64_t values[FIGURES],
    const uint64_t weights[SPREAD_STEPS])
{
    uint64_t busy = 0, idle;

    for (unsigned i = 0; i < SPREAD_STEPS; i++)
        busy += weights[i];
    idle = values[ELAPSED] > busy ? values[ELAPSED] - busy : 0;
    values[P50] = seed__spread_within(weights, idle, 0.50);
    values[P90] = seed__spread_within(weights, idle, 0.90);
    values[P99] = seed__spread_within(weights, idle, 0.99);
    values[LONGEST] = seed__spread_longest(weights);
}

/* --- the worker's side ---------------------------------------------------- */

static void add_turn(struct meter *meter, uint64_t number, uint64_t since,
    uint64_t now)
{
    uint64_t busy = atomic_load_explicit(&meter->busy, memory_order_relaxed);
    uint64_t visit = atomic_load_explicit(&meter->visit,
        memory_order_relaxed);

    if (since < meter->begun)
        since = meter->begun;
    atomic_store_explicit(&meter->version, 2 * number - 1,
        memory_order_relaxed);
    if (now > since) {
        atomic_store_explicit(&meter->busy, busy + now - since,
            memory_order_release);
        if (visit < since)
            visit = since;
        seed__spread_add(&meter->spread, now - since,
            now > visit ? now - visit : 0);
    }
    atomic_store_explicit(&meter->version, 2 * number, memory_order_release);
}

void seed__meter_turn(struct meter *meter)
{
    struct seed_loop_state state;

    if (meter->pulse.timer)
        return;

    state = seed_worker_state(atomic_load_explicit(&meter->pulse.worker,
        memory_order_relaxed));
    add_turn(meter, state.iterations, state.busy_since, seed_now());
}

/* On the application's loop: what the timer was late. */
static void on_beat(struct pulse *pulse, uint64_t elapsed)
{
    uint64_t now = atomic_load_explicit(&pulse->beat, memory_order_relaxed);

    add_turn((struct meter *)pulse,
        atomic_load_explicit(&pulse->beats, memory_order_relaxed),
        now - seed__pulse_late(elapsed), now);
}

int seed__meter_open(struct meter *meter, seed_worker *worker)
{
    memset(meter, 0, sizeof *meter);
    meter->begun = seed_now();
    atomic_store(&meter->visit, meter->begun);
    if (seed__pulse_open(&meter->pulse, worker, on_beat))
        return SEED_ENOMEM;

    /* The turn that this is in, when it is in one, is still to come. */
    if (!meter->pulse.timer) {
        struct seed_loop_state state = seed_worker_state(worker);

        meter->last_turn = state.iterations - (state.busy_since != 0);
    }
    atomic_store(&meter->version, 2 * meter->last_turn);
    meter->last_cpu = seed__thread_computed(&meter->pulse.thread);
    return 0;
}

/* --- the monitor's side --------------------------------------------------- */

struct visit {
    uint64_t now, age, busy, turn;
};

/* What the worker has added, and the turn under way, as of one moment. A turn
 * that was added is over, though the loop may not have said so yet. */
static struct visit look(struct meter *meter)
{
    struct visit visit;
    uint64_t version, after;
    struct turn turn;
    int tries = 0;

    do {
        version = atomic_load_explicit(&meter->version, memory_order_acquire);
        visit.busy = atomic_load_explicit(&meter->busy, memory_order_acquire);
        visit.now = seed_now();
        turn = seed__pulse_turn(&meter->pulse, visit.now);
        after = atomic_load_explicit(&meter->version, memory_order_acquire);
    } while ((version != after || version & 1) && ++tries < 1000);

    visit.turn = version / 2;
    visit.age = turn.number > visit.turn ? turn.age : 0;
    visit.busy += visit.age;
    return visit;
}

static uint64_t grown(uint64_t to, uint64_t from)
{
    return to > from ? to - from : 0;
}

static void count(struct meter *meter, const struct visit *visit,
    uint64_t values[FIGURES])
{
    uint64_t cpu = seed__thread_computed(&meter->pulse.thread);

    seed__figures_get(&meter->figures, values);
    values[ELAPSED] = grown(visit->now, atomic_load_explicit(&meter->visit,
        memory_order_relaxed));
    values[BUSY] = grown(visit->busy, meter->last_busy);
    values[TURNS] = grown(visit->turn, meter->last_turn);
    values[CPU] = grown(cpu, meter->last_cpu);
    values[ALL_ELAPSED] += values[ELAPSED];
    values[ALL_BUSY] += values[BUSY];
    values[ALL_TURNS] += values[TURNS];
    values[ALL_CPU] += values[CPU];

    meter->last_busy += values[BUSY];
    meter->last_turn += values[TURNS];
    meter->last_cpu += values[CPU];
}

void seed__meter_visit(struct meter *meter, uint64_t one[SPREAD_STEPS],
    uint64_t sum[FIGURES], uint64_t all[SPREAD_STEPS])
{
    struct visit visit = look(meter);
    uint64_t values[FIGURES];

    count(meter, &visit, values);
    atomic_store_explicit(&meter->visit, visit.now, memory_order_relaxed);

    memset(one, 0, SPREAD_STEPS * sizeof *one);
    seed__spread_take(&meter->spread, meter->last, one);
    if (visit.age)
        one[seed__spread_place(visit.age)] += visit.age < values[ELAPSED]
            ? visit.age : values[ELAPSED];
    seed__figures_spread(values, one);
    seed__figures_put(&meter->figures, values);

    for (int i = 0; i < FIGURES; i++)
        sum[i] += values[i];
    for (unsigned i = 0; i < SPREAD_STEPS; i++)
        all[i] += one[i];
}
