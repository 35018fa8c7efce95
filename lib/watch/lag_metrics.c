/* SPDX-License-Identifier: MIT */
/* What seed_lag() tells, as metrics. */
#include <seed.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { WORKERS = 256 };

static double utilisation(const struct seed_lag *lag)
{
    return lag->utilisation;
}

static double turns(const struct seed_lag *lag)
{
    return (double)lag->all_turns;
}

/* A family: of each worker that runs, one value, computed or at an offset. */
#define TIME(field) NULL, offsetof(struct seed_lag, field)

static const struct {
    const char *name, *help;
    enum seed_metrics_type type;
    double (*value)(const struct seed_lag *lag);
    size_t nsec; /* where the time is that becomes seconds, without `value` */
} families[] = {
    { "seed_loop_utilization_ratio",
        "Share of the last interval that the loop was in a turn.",
        SEED_GAUGE, utilisation, 0 },
    { "seed_loop_turn_age_seconds", "Age of the turn that is under way.",
        SEED_GAUGE, TIME(age) },
    { "seed_loop_turn_p50_seconds",
        "Length of the turns that held half of the last interval.",
        SEED_GAUGE, TIME(p50) },
    { "seed_loop_turn_p90_seconds",
        "Length of the turns that held 90 % of the last interval.",
        SEED_GAUGE, TIME(p90) },
    { "seed_loop_turn_p99_seconds",
        "Length of the turns that held 99 % of the last interval.",
        SEED_GAUGE, TIME(p99) },
    { "seed_loop_turn_max_seconds", "Longest turn of the last interval.",
        SEED_GAUGE, TIME(longest) },
    { "seed_loop_busy_seconds", "Time that the loop was in a turn.",
        SEED_COUNTER, TIME(all_busy) },
    { "seed_loop_turns", "Turns of the loop.", SEED_COUNTER, turns, 0 },
    { "seed_loop_cpu_seconds", "Processor time of the loop's thread.",
        SEED_COUNTER, TIME(all_cpu) },
};

static double value_of(size_t family, const struct seed_lag *lag)
{
    uint64_t nsec;

    if (families[family].value)
        return families[family].value(lag);
    memcpy(&nsec, (const char *)lag + families[family].nsec, sizeof nsec);
    return (double)nsec / 1e9;
}

static void render(seed_metrics_out *out, void *ctx)
{
    const seed_lag_watch *watch = ctx;
    struct seed_lag lag;
    char label[32];

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        seed_metrics_family(out, families[i].name, families[i].type,
            families[i].help);
        for (int worker = 0; worker < WORKERS; worker++) {
            if (seed_lag(watch, worker, &lag))
                continue;
            snprintf(label, sizeof label, "worker=\"%d\"", worker);
            seed_metrics_value(out, label, value_of(i, &lag));
        }
    }
}

int seed_lag_metrics(seed_lag_watch *watch, seed_metrics *metrics)
{
    if (!watch || !metrics)
        return SEED_EINVAL;
    return seed_metrics_source(metrics, render, watch);
}
