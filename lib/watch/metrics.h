/* SPDX-License-Identifier: MIT */
/* The insides of metrics: a tally for each worker, a line in it for each
 * route. A tally is written by its worker alone; others read its counters, and
 * walk its lines, which are added at the front and never taken out. */
#ifndef WATCH_METRICS_H
#define WATCH_METRICS_H

#include "watch/histogram.h"
#include "watch/map.h"

#include <seed/async.h>
#include <seed/metrics.h>
#include <seed/route.h>

enum { METRICS_WORKERS = 256, METRICS_SOURCES = 16 };

/* Labels that a client may choose from, and no others. */
enum { METHODS = 9, OTHER_METHOD = METHODS - 1, STATUSES = 6 };

struct line {
    struct line *next;
    const seed_route *route; /* NULL: no route matched */
    counter requests[METHODS][STATUSES];
    counter nsec;
    struct histogram latency;
};

struct tally {
    seed_worker *worker;
    struct line *_Atomic lines;
    struct map by_route;
    counter sent;
};

struct seed_metrics {
    seed_server *server;
    double created; /* seconds since 1970 */
    struct {
        seed_metrics_render *render;
        void *ctx;
    } sources[METRICS_SOURCES];
    unsigned source_count;
    struct tally *_Atomic tallies[METRICS_WORKERS];
};

/* metrics_server.c: what the server and the process are; a source like any
 * other. `ctx` is the seed_metrics. */
void seed__metrics_server(seed_metrics_out *out, void *ctx);

/* metrics_routes.c: requests by route; another such source. */
void seed__metrics_routes(seed_metrics_out *out, void *ctx);

/* Which labels a request gets. */
unsigned seed__metrics_method(const char *method);
unsigned seed__metrics_status(int status);

#endif
