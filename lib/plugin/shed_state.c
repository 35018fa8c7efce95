/* SPDX-License-Identifier: MIT */
/* What the workers have noted, added up, for programs, metrics and the log. */
#include "plugin/shed.h"

#include <seed/async.h>
#include <seed/hook.h>

static bool recent(uint64_t at, uint64_t now)
{
    return at && (now <= at || now - at < SHED_SECOND);
}

static void add_counts(struct seed_shed_state *state,
    const struct shed_worker *worker)
{
    state->admitted += shed_get(&worker->admitted);
    for (unsigned i = 0; i < SEED_SHED_REASONS; i++)
        for (unsigned j = 0; j < SEED_PRIORITIES; j++) {
            uint64_t count = shed_get(&worker->refused[i][j]);

            state->shed_by[i][j] += count;
            state->shed += count;
        }
}

/* Workers look at the same process one after the other: the latest that any
 * of them saw cannot be told, the largest will do. */
static void add_measures(struct seed_shed_state *state,
    const struct shed_worker *worker, uint64_t now)
{
    uint64_t delay = recent(shed_get(&worker->delay_at), now)
        ? shed_get(&worker->delay)
        : 0;
    uint64_t heap = shed_get(&worker->heap), rss = shed_get(&worker->rss);

    if (delay > state->event_loop_delay)
        state->event_loop_delay = delay;
    if (heap > state->heap_used)
        state->heap_used = heap;
    if (rss > state->rss)
        state->rss = rss;
    state->limit += (double)shed_get(&worker->limit) / 1000;
    state->in_flight += shed_get(&worker->in_flight);
}

static void judge_overload(struct seed_shed_state *state,
    const seed_shed *shed, bool refused)
{
    const struct seed_shed_options *options = &shed->options;

    state->event_loop_overload = options->mode == SEED_SHED_DELAY
        ? state->event_loop_delay > shed->limit
        : options->mode == SEED_SHED_QUEUE && refused;
    state->heap_used_overload = options->max_heap_used_bytes
        && state->heap_used > options->max_heap_used_bytes;
    state->rss_overload = options->max_rss_bytes
        && state->rss > options->max_rss_bytes;
    state->overload = state->event_loop_overload || state->heap_used_overload
        || state->rss_overload
        || (options->mode == SEED_SHED_LIMIT && refused);
}

struct seed_shed_state seed_shed_state(const seed_shed *shed)
{
    struct seed_shed_state state = { 0 };
    uint64_t now = seed_now();
    bool refused = false;

    if (!shed)
        return state;
    for (const struct shed_worker *worker = atomic_load(&shed->workers);
        worker; worker = worker->next) {
        add_counts(&state, worker);
        add_measures(&state, worker, now);
        refused = refused || recent(shed_get(&worker->refused_at), now);
    }
    judge_overload(&state, shed, refused);
    return state;
}

static uint64_t sum_of(const struct seed_shed_state *state,
    enum seed_shed_reason reason)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < SEED_PRIORITIES; i++)
        sum += state->shed_by[reason][i];
    return sum;
}

void seed__shed_say(seed_shed *shed, uint64_t now)
{
    uint64_t due = atomic_load_explicit(&shed->say_at, memory_order_relaxed);
    struct seed_shed_state state;
    uint64_t before;

    if (!shed->options.logging || now < due
        || !atomic_compare_exchange_strong(&shed->say_at, &due,
            now + SHED_SECOND))
        return;

    state = seed_shed_state(shed);
    before = atomic_exchange(&shed->said, state.shed);
    seed_warn(shed->server,
        "overload protection: shed %llu (%llu in all: event loop %llu, heap"
        " %llu, rss %llu, concurrency %llu), admitted %llu; event loop delay"
        " %.1f ms",
        (unsigned long long)(state.shed > before ? state.shed - before : 0),
        (unsigned long long)state.shed,
        (unsigned long long)sum_of(&state, SEED_SHED_EVENT_LOOP),
        (unsigned long long)sum_of(&state, SEED_SHED_HEAP),
        (unsigned long long)sum_of(&state, SEED_SHED_RSS),
        (unsigned long long)sum_of(&state, SEED_SHED_CONCURRENCY),
        (unsigned long long)state.admitted,
        (double)state.event_loop_delay / SHED_MS);
}
