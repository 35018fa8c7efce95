/* SPDX-License-Identifier: MIT */
#ifndef SEED_METRICS_H
#define SEED_METRICS_H

#include <seed/types.h>

SEED_BEGIN_C

/* Numbers for Prometheus. Each worker counts for itself, without a lock; who
 * reads adds up what the workers have, and disturbs none of them. */

/** Counters of one server. */
typedef struct seed_metrics seed_metrics;

/** Counts a server's requests, connections, bytes and hooks from now on. Before
 *  the server runs.
 *
 *      seed_metrics *metrics = seed_metrics_new(server);
 *      seed_get(server, "/metrics", seed_metrics_send, metrics);
 *
 *  server  borrowed; its routes become labels, by their patterns
 *
 *  Returns the metrics, owned: seed_metrics_free() after the server was freed;
 *  or NULL, and the server keeps the error. Calls on NULL do nothing. */
SEED_API seed_metrics *seed_metrics_new(seed_server *server);
SEED_API void seed_metrics_free(seed_metrics *metrics);

/** A handler that sends all of it: Prometheus text 0.0.4, or OpenMetrics 1.0
 *  when Accept prefers that. `ctx` is the seed_metrics; its server may be
 *  another one than the server that sends. */
SEED_API seed_step seed_metrics_send(seed_req *req, seed_res *res, void *ctx);

/** The same as text that ends with NUL, owned: seed_release(). Any thread, as
 *  long as the server lives. NULL when memory is exhausted.
 *
 *  open    OpenMetrics 1.0, not Prometheus text 0.0.4
 *  length  receives the number of bytes; may be NULL */
SEED_API char *seed_metrics_text(const seed_metrics *metrics, bool open,
    size_t *length);

/* --- metrics of others ---------------------------------------------------- */

/** The text under way. */
typedef struct seed_metrics_out seed_metrics_out;

/** Writes families and values, each time that metrics are asked for. Runs on
 *  the thread that asks. */
typedef void seed_metrics_render(seed_metrics_out *out, void *ctx);

/** Adds a source of metrics. Before the server runs; at most 16 (then
 *  SEED_EFULL).
 *
 *  ctx  borrowed; must outlive the metrics */
SEED_API int seed_metrics_source(seed_metrics *metrics,
    seed_metrics_render *render, void *ctx);

/** What a family of metrics is. */
enum seed_metrics_type { SEED_COUNTER, SEED_GAUGE, SEED_HISTOGRAM };

/** Begins a family: its HELP and TYPE; its values follow at once.
 *
 *      seed_metrics_family(out, "seed_shed", SEED_COUNTER,
 *          "Requests that were shed, by reason.");
 *      seed_metrics_value(out, "reason=\"delay\"", 7);
 *
 *  name  [a-z_][a-z0-9_]*, with its unit at the end ("_seconds", "_bytes"),
 *        borrowed until the next family. A counter's samples get "_total"
 *        behind it
 *  help  one sentence, borrowed for the call */
SEED_API void seed_metrics_family(seed_metrics_out *out, const char *name,
    enum seed_metrics_type type, const char *help);

/** Writes one value of a counter or a gauge.
 *
 *  labels  as they stand between the braces, see seed_metrics_label(); NULL or
 *          "": none */
SEED_API void seed_metrics_value(seed_metrics_out *out, const char *labels,
    double value);

/** Observations counted in buckets. All borrowed. */
struct seed_buckets {
    const double *bounds;   /* ascending; what is above the last is in +Inf */
    const uint64_t *counts; /* of each bucket alone, one more than bounds   */
    size_t count;           /* of bounds                                    */
    double sum;             /* of all observations                          */
};

/** Writes one histogram. */
SEED_API void seed_metrics_buckets(seed_metrics_out *out, const char *labels,
    const struct seed_buckets *buckets);

/** Appends a label, its value escaped, behind those that stand in `out` (a
 *  string). What does not fit is left out as a whole. Returns `out`. Label
 *  values must be few: patterns, not paths. */
SEED_API char *seed_metrics_label(char *out, size_t room, const char *name,
    const char *value);

SEED_END_C

#endif
