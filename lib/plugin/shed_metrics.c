/* SPDX-License-Identifier: MIT */
#include "plugin/shed.h"

#include <seed/error.h>

static void write_shed(seed_metrics_out *out,
    const struct seed_shed_state *state)
{
    static const char *const reasons[SEED_SHED_REASONS] = { "event_loop",
        "heap", "rss", "concurrency" };
    static const char *const priorities[SEED_PRIORITIES] = {
        [SEED_NORMAL] = "normal",
        [SEED_SHEDDABLE] = "sheddable",
        [SEED_CRITICAL] = "critical"
    };

    seed_metrics_family(out, "seed_shed_requests", SEED_COUNTER,
        "Requests refused by overload protection, by reason and priority.");
    for (unsigned i = 0; i < SEED_SHED_REASONS; i++)
        for (unsigned j = 0; j < SEED_EXEMPT; j++) {
            char labels[64] = "";

            seed_metrics_label(labels, sizeof labels, "reason", reasons[i]);
            seed_metrics_label(labels, sizeof labels, "priority",
                priorities[j]);
            seed_metrics_value(out, labels, (double)state->shed_by[i][j]);
        }
}

static void write_value(seed_metrics_out *out, const char *name,
    const char *help, double value)
{
    seed_metrics_family(out, name, SEED_GAUGE, help);
    seed_metrics_value(out, NULL, value);
}

static void render(seed_metrics_out *out, void *ctx)
{
    const seed_shed *shed = ctx;
    struct seed_shed_state state = seed_shed_state(shed);

    write_shed(out, &state);
    seed_metrics_family(out, "seed_shed_admitted", SEED_COUNTER,
        "Requests that overload protection let through.");
    seed_metrics_value(out, NULL, (double)state.admitted);
    write_value(out, "seed_shed_overload",
        "1 while overload protection refuses requests.", state.overload);
    write_value(out, "seed_shed_delay_seconds",
        "What the last request has waited, or how late the timer was.",
        (double)state.event_loop_delay / SHED_SECOND);
    if (shed->options.mode != SEED_SHED_LIMIT)
        return;
    write_value(out, "seed_shed_limit",
        "Requests that may be under way, all workers together.", state.limit);
    write_value(out, "seed_shed_in_flight", "Requests that are under way.",
        (double)state.in_flight);
}

int seed_shed_metrics(seed_shed *shed, seed_metrics *metrics)
{
    if (!shed || !metrics)
        return 0;
    return seed_metrics_source(metrics, render, shed);
}
