/* SPDX-License-Identifier: MIT */
#include <seed.h>

static void render(seed_metrics_out *out, void *ctx)
{
    struct seed_stall_counts counts = seed_stall_counts(ctx);
    char labels[64];

    seed_metrics_family(out, "seed_stalls", SEED_COUNTER,
        "Turns of a loop that were stalls, by what held it up.");
    for (unsigned i = 0; i < SEED_STALL_CAUSES; i++) {
        labels[0] = '\0';
        seed_metrics_label(labels, sizeof labels, "cause",
            seed_stall_cause_name(i));
        seed_metrics_value(out, labels, (double)counts.turns[i]);
    }
}

int seed_stall_metrics(seed_stall_watch *watch, seed_metrics *metrics)
{
    if (!watch || !metrics)
        return SEED_EINVAL;
    return seed_metrics_source(metrics, render, watch);
}
