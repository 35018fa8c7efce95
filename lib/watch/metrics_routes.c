/* SPDX-License-Identifier: MIT */
/* Requests by route, method and status, and how long they took. Labels come
 * from the application (its routes) or from short lists, never from a client:
 * the number of series is bounded. */
#include "watch/metrics.h"

#include <seed/server.h>

#include <string.h>

static const char *const methods[METHODS] = { "GET", "POST", "HEAD", "PUT",
    "PATCH", "DELETE", "OPTIONS", "TRACE", NULL };

/* 444 is libseed's own: the client went away before its answer. */
static const char *const statuses[STATUSES] = { "1xx", "2xx", "3xx", "4xx",
    "5xx", "gone" };

unsigned seed__metrics_method(const char *method)
{
    unsigned i = 0;

    while (i < OTHER_METHOD && strcmp(methods[i], method) != 0)
        i++;
    return i;
}

unsigned seed__metrics_status(int status)
{
    if (status == 444)
        return 5;
    return status < 200 ? 0 : status >= 500 ? 4 : (unsigned)status / 100 - 1;
}

/* Lines of one route, of all workers. */
struct sum {
    const seed_route *route;
    uint64_t requests[METHODS][STATUSES];
    uint64_t nsec;
    uint64_t bins[HISTOGRAM_BINS];
};

struct sums {
    struct sum *list;
    size_t count, room;
};

static struct sum *find_sum(struct sums *sums, const seed_route *route)
{
    struct sum *sum, *end = sums->list + sums->count;

    for (sum = sums->list; sum < end; sum++)
        if (sum->route == route)
            return sum;
    if (sums->count == sums->room) {
        size_t room = sums->room ? sums->room * 2 : 16;
        struct sum *list = seed_resize(sums->list, room * sizeof *list);

        if (!list)
            return NULL;
        sums->list = list;
        sums->room = room;
    }
    sum = &sums->list[sums->count++];
    memset(sum, 0, sizeof *sum);
    sum->route = route;
    return sum;
}

static void add_line(struct sums *sums, const struct line *line)
{
    struct sum *sum = find_sum(sums, line->route);

    if (!sum)
        return;
    for (unsigned i = 0; i < METHODS; i++)
        for (unsigned k = 0; k < STATUSES; k++)
            sum->requests[i][k] += counter_get(&line->requests[i][k]);
    sum->nsec += counter_get(&line->nsec);
    seed__histogram_sum(sum->bins, &line->latency);
}

static void add_up(struct sums *sums, const struct seed_metrics *metrics)
{
    for (unsigned i = 0; i < METRICS_WORKERS; i++) {
        struct tally *tally = atomic_load_explicit(&metrics->tallies[i],
            memory_order_acquire);
        struct line *line = tally ? atomic_load_explicit(&tally->lines,
            memory_order_acquire) : NULL;

        for (; line; line = line->next)
            add_line(sums, line);
    }
}

static void put_route(char *labels, size_t room, const struct sum *sum)
{
    *labels = '\0';
    seed_metrics_label(labels, room, "route",
        sum->route ? seed_route_pattern(sum->route) : "none");
}

/* A method of the application's own is known by its route. */
static const char *method_name(const struct sum *sum, unsigned method)
{
    const char *own = sum->route ? seed_route_method(sum->route) : "*";

    if (methods[method])
        return methods[method];
    return strcmp(own, "*") != 0 ? own : "other";
}

static void put_requests(seed_metrics_out *out, const struct sum *sum)
{
    char labels[512];

    for (unsigned i = 0; i < METHODS * STATUSES; i++) {
        uint64_t count = sum->requests[i / STATUSES][i % STATUSES];

        if (!count)
            continue;
        put_route(labels, sizeof labels, sum);
        seed_metrics_label(labels, sizeof labels, "method",
            method_name(sum, i / STATUSES));
        seed_metrics_label(labels, sizeof labels, "status",
            statuses[i % STATUSES]);
        seed_metrics_value(out, labels, (double)count);
    }
}

static void put_latency(seed_metrics_out *out, const struct sum *sum)
{
    static const double bounds[] = { 0.0001, 0.0002, 0.0005, 0.001, 0.002,
        0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10 };
    enum { COUNT = sizeof bounds / sizeof *bounds };
    uint64_t counts[COUNT + 1];
    struct seed_buckets buckets = { bounds, counts, COUNT,
        (double)sum->nsec / 1e9 };
    char labels[512];

    put_route(labels, sizeof labels, sum);
    if (sum->route)
        seed_metrics_label(labels, sizeof labels, "method",
            seed_route_method(sum->route));
    seed__histogram_fold(sum->bins, bounds, COUNT, counts);
    seed_metrics_buckets(out, labels, &buckets);
}

void seed__metrics_routes(seed_metrics_out *out, void *ctx)
{
    struct sums sums = { 0 };

    add_up(&sums, ctx);
    seed_metrics_family(out, "seed_requests", SEED_COUNTER,
        "Requests that are over, by the pattern of their route.");
    for (size_t i = 0; i < sums.count; i++)
        put_requests(out, &sums.list[i]);
    seed_metrics_family(out, "seed_request_duration_seconds", SEED_HISTOGRAM,
        "Time from a request's accepted head to the last byte of its answer.");
    for (size_t i = 0; i < sums.count; i++)
        put_latency(out, &sums.list[i]);
    seed_release(sums.list);
}
