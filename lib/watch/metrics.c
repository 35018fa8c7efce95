/* SPDX-License-Identifier: MIT */
/* Counts requests in one `after` hook. What the server counts by itself
 * (events, hooks, bytes that came) is asked of it when metrics are read. */
#include "watch/metrics.h"

#include "watch/accept.h"
#include "watch/metrics_text.h"

#include <seed/error.h>
#include <seed/hook.h>
#include <seed/req.h>
#include <seed/res.h>
#include <seed/server.h>

#include <string.h>
#include <time.h>

/* --- counting, on the worker's thread ------------------------------------- */

static struct tally *open_tally(struct tally *_Atomic *place,
    seed_worker *worker)
{
    struct tally *tally = seed_resize(NULL, sizeof *tally);

    if (!tally)
        return NULL;

    memset(tally, 0, sizeof *tally);
    tally->worker = worker;
    atomic_store_explicit(place, tally, memory_order_release);
    return tally;
}

static struct tally *find_tally(struct seed_metrics *metrics,
    seed_worker *worker)
{
    struct tally *_Atomic *place = &metrics->tallies[
        seed_worker_index(worker)];
    struct tally *tally = atomic_load_explicit(place, memory_order_relaxed);

    return tally ? tally : open_tally(place, worker);
}

static struct line *open_line(struct tally *tally, const seed_route *route)
{
    struct line *line = seed_resize(NULL, sizeof *line);

    if (!line || !seed__map_put(&tally->by_route, route, line)) {
        seed_release(line);
        return NULL;
    }
    memset(line, 0, sizeof *line);
    line->route = route;
    line->next = atomic_load_explicit(&tally->lines, memory_order_relaxed);
    atomic_store_explicit(&tally->lines, line, memory_order_release);
    return line;
}

static void count_request(const seed_event *event, void *ctx)
{
    struct tally *tally = find_tally(ctx, event->worker);
    const seed_route *route = seed_req_route(event->req);
    uint64_t nsec = seed_now() - seed_req_begun(event->req);
    struct line *line;

    if (!tally)
        return;
    counter_add(&tally->sent, seed_res_wire_bytes(event->res));
    line = map_find(&tally->by_route, route);
    if (!line && !(line = open_line(tally, route)))
        return;

    counter_add(&line->requests
        [seed__metrics_method(seed_req_method(event->req))]
        [seed__metrics_status(seed_res_status(event->res))], 1);
    counter_add(&line->nsec, nsec);
    histogram_add(&line->latency, nsec);
}

static void know_worker(const seed_event *event, void *ctx)
{
    find_tally(ctx, event->worker);
}

/* --- from new to free ----------------------------------------------------- */

static int set_up(struct seed_metrics *metrics)
{
    struct timespec now;
    int err = seed_on(metrics->server, SEED_ON_LISTEN, know_worker, metrics);

    if (!clock_gettime(CLOCK_REALTIME, &now))
        metrics->created = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    seed_metrics_source(metrics, seed__metrics_routes, metrics);
    seed_metrics_source(metrics, seed__metrics_server, metrics);
    return err ? err : seed_after(metrics->server, count_request, metrics);
}

seed_metrics *seed_metrics_new(seed_server *server)
{
    struct seed_metrics *metrics;

    if (!server)
        return NULL;
    metrics = seed_resize(NULL, sizeof *metrics);
    if (!metrics)
        return NULL;

    memset(metrics, 0, sizeof *metrics);
    metrics->server = server;
    if (set_up(metrics)) {
        seed_off(server, SEED_ON_LISTEN, know_worker, metrics);
        seed_metrics_free(metrics);
        return NULL;
    }
    return metrics;
}

static void free_tally(struct tally *tally)
{
    struct line *line = atomic_load(&tally->lines);

    while (line) {
        struct line *next = line->next;

        seed_release(line);
        line = next;
    }
    seed__map_clear(&tally->by_route);
    seed_release(tally);
}

void seed_metrics_free(seed_metrics *metrics)
{
    if (!metrics)
        return;

    for (unsigned i = 0; i < METRICS_WORKERS; i++) {
        struct tally *tally = atomic_load(&metrics->tallies[i]);

        if (tally)
            free_tally(tally);
    }
    seed_release(metrics);
}

int seed_metrics_source(seed_metrics *metrics, seed_metrics_render *render,
    void *ctx)
{
    if (!metrics)
        return SEED_ENOMEM;
    if (!render)
        return SEED_EINVAL;
    if (metrics->source_count == METRICS_SOURCES)
        return SEED_EFULL;

    metrics->sources[metrics->source_count].render = render;
    metrics->sources[metrics->source_count++].ctx = ctx;
    return 0;
}

/* --- reading, on any thread ----------------------------------------------- */

char *seed_metrics_text(const seed_metrics *metrics, bool open,
    size_t *length)
{
    seed_metrics_out out = { .open = open };

    if (metrics)
        out.created = metrics->created;
    for (unsigned i = 0; metrics && i < metrics->source_count; i++)
        metrics->sources[i].render(&out, metrics->sources[i].ctx);
    seed__metrics_end(&out);
    return seed__text_take(&out.text, length);
}

seed_step seed_metrics_send(seed_req *req, seed_res *res, void *ctx)
{
    const char *accept = seed_req_header_list(req, "Accept");
    bool open = seed__accept_prefers(accept, "application/openmetrics-text",
        "text/plain");
    size_t length;
    char *text;

    if (!ctx)
        return seed_fail(res, 404, "no metrics are kept");
    text = seed_metrics_text(ctx, open, &length);
    if (!text)
        return seed_fail(res, 503, "out of memory");

    seed_res_set_unchecked(res, "Content-Type",
        open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8");
    seed_res_set_unchecked(res, "Cache-Control", "no-store");
    seed_res_set_unchecked(res, "Vary", "Accept");
    seed_send_bytes(res, 200, text, length);
    seed_release(text);
    return SEED_STOP;
}
