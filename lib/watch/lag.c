/* SPDX-License-Identifier: MIT */
/* A meter for each worker, the monitor that visits them, and who asks. Meters
 * are found by the worker's number and stay until the end, so that who asks
 * needs no lock. */
#include "watch/meter.h"
#include "watch/monitor.h"

#include <seed.h>

#include <string.h>

struct seed_lag_watch {
    struct monitored monitored;
    _Atomic(struct meter *) meters[PULSE_WORKERS];
    struct figures figures; /* of all */

    /* The monitor's scratch: one worker's interval, and all of them. */
    uint64_t one[SPREAD_STEPS], all[SPREAD_STEPS];
};

static struct meter *meter_of(const seed_lag_watch *watch, int worker)
{
    return atomic_load_explicit(&watch->meters[worker], memory_order_acquire);
}

static void on_turn(const seed_event *event, void *ctx)
{
    struct meter *meter = seed_worker_slot(event->worker, ctx);

    if (meter)
        seed__meter_turn(meter);
}

static int open_meter(seed_lag_watch *watch, seed_worker *worker)
{
    struct meter *meter = seed_resize(NULL, sizeof *meter);

    if (!meter)
        return SEED_ENOMEM;
    if (seed__meter_open(meter, worker)) {
        seed_release(meter);
        return SEED_ENOMEM;
    }

    atomic_store_explicit(&watch->meters[seed_worker_index(worker)], meter,
        memory_order_release);
    if (seed_worker_set(worker, watch, meter))
        return SEED_ENOMEM;
    return seed__monitor_start(&watch->monitored);
}

static void on_listen(const seed_event *event, void *ctx)
{
    if (open_meter(ctx, event->worker))
        seed_warn(event->server, "The loop of worker %u is not measured: %s.",
            seed_worker_index(event->worker), seed_strerror(SEED_ENOMEM));
}

static void on_stop(const seed_event *event, void *ctx)
{
    struct meter *meter = meter_of(ctx,
        (int)seed_worker_index(event->worker));

    if (!meter)
        return;

    seed__monitor_lock();
    seed__pulse_close(&meter->pulse);
    seed__monitor_unlock();
}

static bool runs(const struct meter *meter)
{
    return meter && atomic_load(&meter->pulse.worker);
}

static void on_tick(uint64_t now, void *ctx)
{
    seed_lag_watch *watch = ctx;
    uint64_t sum[FIGURES] = { 0 };

    (void)now;
    memset(watch->all, 0, sizeof watch->all);
    for (int i = 0; i < PULSE_WORKERS; i++) {
        struct meter *meter = meter_of(watch, i);

        if (runs(meter))
            seed__meter_visit(meter, watch->one, sum, watch->all);
    }
    seed__figures_spread(sum, watch->all);
    seed__figures_put(&watch->figures, sum);
}

/* --- the public face ------------------------------------------------------ */

static int set_up(seed_server *server, seed_lag_watch *watch)
{
    int error = seed_on(server, SEED_ON_LISTEN, on_listen, watch);

    if (!error)
        error = seed_on(server, SEED_ON_TURN, on_turn, watch);
    if (!error)
        error = seed_on(server, SEED_ON_STOP, on_stop, watch);
    return error;
}

seed_lag_watch *seed_lag_new_sized(seed_server *server,
    const struct seed_lag_options *options, size_t size)
{
    struct seed_lag_options known = { 0 };
    seed_lag_watch *watch = server ? seed_resize(NULL, sizeof *watch) : NULL;

    if (!watch)
        return NULL;
    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);

    memset(watch, 0, sizeof *watch);
    watch->monitored.tick = on_tick;
    watch->monitored.ctx = watch;
    watch->monitored.period = known.interval ? known.interval : 1000;
    if (watch->monitored.period < PULSE_PERIOD)
        watch->monitored.period = PULSE_PERIOD;
    if (!set_up(server, watch))
        return watch;

    seed_release(watch);
    return NULL;
}

void seed_lag_free(seed_lag_watch *watch)
{
    if (!watch)
        return;

    seed__monitor_stop(&watch->monitored);
    for (int i = 0; i < PULSE_WORKERS; i++)
        seed_release(meter_of(watch, i));
    seed_release(watch);
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)(part < whole ? part : whole) / (double)whole : 0;
}

static void tell(const struct figures *figures, struct seed_lag *out)
{
    uint64_t at[FIGURES];

    seed__figures_get(figures, at);
    out->elapsed = at[ELAPSED];
    out->turns = at[TURNS];
    out->cpu = share(at[CPU], at[ELAPSED]);
    out->utilisation = share(at[BUSY] > at[CPU] ? at[BUSY] : at[CPU],
        at[ELAPSED]);
    out->p50 = at[P50];
    out->p90 = at[P90];
    out->p99 = at[P99];
    out->longest = at[LONGEST];
    out->all_elapsed = at[ALL_ELAPSED];
    out->all_turns = at[ALL_TURNS];
    out->all_busy = at[ALL_BUSY];
    out->all_cpu = at[ALL_CPU];
}

/* Returns whether the worker runs. */
static bool tell_now(const struct meter *meter, uint64_t now,
    struct seed_lag *out)
{
    uint64_t age;

    if (!runs(meter))
        return false;

    age = seed__pulse_turn(&meter->pulse, now).age;
    out->age = age > out->age ? age : out->age;
    out->workers++;
    out->by_timer = meter->pulse.timer;
    return true;
}

static int tell_all(const seed_lag_watch *watch, struct seed_lag *out)
{
    uint64_t now = seed_now();

    for (int i = 0; i < PULSE_WORKERS; i++)
        tell_now(meter_of(watch, i), now, out);
    tell(&watch->figures, out);
    return out->workers ? 0 : SEED_ESTATE;
}

int seed_lag(const seed_lag_watch *watch, int worker, struct seed_lag *out)
{
    const struct meter *meter;

    *out = (struct seed_lag){ 0 };
    if (!watch)
        return SEED_ESTATE;
    if (worker == SEED_ALL_WORKERS)
        return tell_all(watch, out);
    if (worker < 0 || worker >= PULSE_WORKERS)
        return SEED_EINVAL;
    meter = meter_of(watch, worker);
    if (!meter)
        return SEED_EINVAL;

    tell(&meter->figures, out);
    return tell_now(meter, seed_now(), out) ? 0 : SEED_ESTATE;
}
