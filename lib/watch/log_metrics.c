/* SPDX-License-Identifier: MIT */
/* What became of a log's lines, as metrics. */
#include <seed/error.h>
#include <seed/log.h>
#include <seed/metrics.h>

static void render(seed_metrics_out *out, void *ctx)
{
    struct seed_log_stats stats = seed_log_stats(ctx);

    seed_metrics_family(out, "seed_log_bytes", SEED_COUNTER,
        "Bytes of log that were written.");
    seed_metrics_value(out, NULL, (double)stats.bytes);
    seed_metrics_family(out, "seed_log_dropped", SEED_COUNTER,
        "Log lines that were dropped for want of room.");
    seed_metrics_value(out, NULL, (double)stats.dropped);
    seed_metrics_family(out, "seed_log_failures", SEED_COUNTER,
        "Writes of log that failed and were tried again.");
    seed_metrics_value(out, NULL, (double)stats.failures);
}

int seed_log_metrics(seed_log *log, seed_metrics *metrics)
{
    if (!log || !metrics)
        return SEED_EINVAL;
    return seed_metrics_source(metrics, render, log);
}
