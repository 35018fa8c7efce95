/* SPDX-License-Identifier: MIT */
#include "watch/pulse.h"

uint64_t seed__pulse_late(uint64_t elapsed)
{
    const uint64_t period = PULSE_PERIOD * UINT64_C(1000000);

    return elapsed > period ? elapsed - period : 0;
}

static void on_timer(void *ctx)
{
    struct pulse *pulse = ctx;
    uint64_t now = seed_now();
    uint64_t elapsed = now - atomic_load_explicit(&pulse->beat,
        memory_order_relaxed);

    atomic_store_explicit(&pulse->beat, now, memory_order_relaxed);
    atomic_fetch_add_explicit(&pulse->beats, 1, memory_order_relaxed);
    if (pulse->on_beat)
        pulse->on_beat(pulse, elapsed);
}

int seed__pulse_open(struct pulse *pulse, seed_worker *worker,
    void (*on_beat)(struct pulse *pulse, uint64_t elapsed))
{
    atomic_store(&pulse->worker, worker);
    pulse->on_beat = on_beat;
    atomic_store(&pulse->beat, seed_now());
    seed__thread_open(&pulse->thread);
    if (!seed_server_embedded(seed_worker_server(worker)))
        return 0;

    pulse->timer = seed_timer_start(worker, PULSE_PERIOD, true, on_timer,
        pulse);
    if (pulse->timer)
        return 0;

    seed__thread_close(&pulse->thread);
    return SEED_ENOMEM;
}

/* The timer has ended with its worker. */
void seed__pulse_close(struct pulse *pulse)
{
    seed__thread_close(&pulse->thread);
    atomic_store(&pulse->worker, NULL);
}

struct turn seed__pulse_turn(const struct pulse *pulse, uint64_t now)
{
    const seed_worker *worker = atomic_load_explicit(&pulse->worker,
        memory_order_relaxed);
    struct seed_loop_state state;
    uint64_t since;

    if (!worker)
        return (struct turn){ 0, 0 };

    if (pulse->timer) {
        uint64_t beats = atomic_load_explicit(&pulse->beats,
            memory_order_relaxed);

        since = atomic_load_explicit(&pulse->beat, memory_order_relaxed);
        return (struct turn){ beats + 1,
            now > since ? seed__pulse_late(now - since) : 0 };
    }
    state = seed_worker_state(worker);
    since = state.busy_since;
    return (struct turn){ state.iterations,
        since && now > since ? now - since : 0 };
}
