/* SPDX-License-Identifier: MIT */
/* Overload protection: its setup, what each worker sees of itself, and the
 * handler. Nothing here is shared by workers but constants, so that nobody
 * waits for a lock. */
#include "plugin/shed.h"

#include "plugin/footprint.h"

#include <seed/async.h>
#include <seed/error.h>
#include <seed/hook.h>
#include <seed/req.h>
#include <seed/route.h>
#include <seed/server.h>
#include <seed/trace.h>

#include <string.h>

enum {
    DEFAULT_DELAY = 42,
    DEFAULT_INTERVAL = 5,
    MEMORY_INTERVAL = 100,
    LEAST_LIMIT = 4,
    MOST_LIMIT = 200
};

static const char priority_key;

/* Their addresses are what a route keeps. */
static const enum seed_priority priorities[SEED_PRIORITIES] = {
    SEED_NORMAL, SEED_SHEDDABLE, SEED_CRITICAL, SEED_EXEMPT
};

seed_route *seed_shed_class(seed_route *route, enum seed_priority priority)
{
    seed_route_set(route, &priority_key,
        (void *)(uintptr_t)&priorities[priority]);
    return priority == SEED_EXEMPT ? seed_route_exempt(route, true) : route;
}

static enum seed_priority priority_of(const seed_req *req)
{
    const seed_route *route = seed_req_route(req);
    const enum seed_priority *priority = route
        ? seed_route_slot(route, &priority_key)
        : NULL;

    return priority ? *priority : SEED_NORMAL;
}

/* --- workers -------------------------------------------------------------- */

static void add_worker(seed_shed *shed, struct shed_worker *worker)
{
    worker->next = atomic_load(&shed->workers);
    while (!atomic_compare_exchange_weak(&shed->workers, &worker->next,
        worker))
        ;
}

static struct shed_worker *make_worker(seed_shed *shed, seed_worker *worker)
{
    const struct seed_shed_options *options = &shed->options;
    struct shed_worker *mine = seed_resize(NULL, sizeof *mine);

    if (!mine)
        return NULL;
    memset(mine, 0, sizeof *mine);
    mine->shed = shed;
    mine->worker = worker;
    mine->embedded = seed_server_embedded(shed->server);
    mine->random = (uint32_t)(seed_now() ^ (uintptr_t)mine) | 1;
    seed__codel_init(&mine->codel, shed->limit);
    seed__gradient_init(&mine->gradient, options->min_limit,
        options->max_limit);

    if (seed_worker_set(worker, shed, mine)) {
        seed_release(mine);
        return NULL;
    }
    add_worker(shed, mine);
    return mine;
}

/* Made when the worker begins; for an injected request, which comes before
 * that, when it is needed. */
static struct shed_worker *worker_of(seed_shed *shed, seed_worker *worker)
{
    struct shed_worker *mine = seed_worker_slot(worker, shed);

    return mine ? mine : make_worker(shed, worker);
}

static void look_at_memory(struct shed_worker *worker)
{
    const struct seed_shed_options *options = &worker->shed->options;

    if (options->max_heap_used_bytes)
        shed_put(&worker->heap, seed__footprint_heap());
    if (options->max_rss_bytes)
        shed_put(&worker->rss, seed__footprint_rss());
}

/* The loop's delay is how late its timer is. Behind a late run libevent's timer
 * is due again at once, for it reckons from when the turn began; node's is
 * not, and neither is this one: what comes early is not looked at. */
static void sample_delay(void *ctx)
{
    struct shed_worker *worker = ctx;
    uint64_t due = worker->shed->options.sample_interval * (uint64_t)SHED_MS;
    uint64_t now = seed_now(), passed = now - worker->sampled;

    if (passed < due)
        return;
    worker->sampled = now;
    seed__shed_note_delay(worker, now, passed - due);
    look_at_memory(worker);
}

static void sample_memory(void *ctx)
{
    look_at_memory(ctx);
}

static void begin(const seed_event *event, void *ctx)
{
    seed_shed *shed = ctx;
    const struct seed_shed_options *options = &shed->options;
    bool memory = options->max_heap_used_bytes || options->max_rss_bytes;
    struct shed_worker *worker = worker_of(shed, event->worker);

    if (!worker)
        return;
    worker->sampled = seed_now();
    look_at_memory(worker);
    if (options->mode == SEED_SHED_DELAY)
        seed_timer_start(event->worker, options->sample_interval, true,
            sample_delay, worker);
    else if (memory)
        seed_timer_start(event->worker, MEMORY_INTERVAL, true, sample_memory,
            worker);
}

/* A turn of the loop is over: whoever came during it is served in the next. */
static void end_turn(const seed_event *event, void *ctx)
{
    struct shed_worker *worker = seed_worker_slot(event->worker, ctx);
    uint64_t since = seed_worker_state(event->worker).busy_since;

    if (!worker)
        return;
    worker->last_turn = since ? seed_now() - since : 0;
    seed__codel_end_turn(&worker->codel, worker->last_turn);
    worker->turn++;
    worker->turn_ended = 0;
}

/* --- the handler ---------------------------------------------------------- */

static enum seed_shed_reason first_of(unsigned reasons)
{
    enum seed_shed_reason reason = 0;

    while (!(reasons >> reason & 1))
        reason++;
    return reason;
}

seed_step seed_shed_load(seed_req *req, seed_res *res, void *ctx)
{
    enum seed_priority priority = priority_of(req);
    struct shed_worker *worker;
    seed_shed *shed = ctx;
    uint64_t now;
    unsigned reasons;

    if (!shed || priority == SEED_EXEMPT
        || !(worker = worker_of(shed, seed_req_worker(req))))
        return SEED_NEXT;

    now = seed_now();
    reasons = seed__shed_judge(worker, req, priority, now);
    if (!reasons) {
        shed_count(&worker->admitted);
        if (shed->options.log_stats_on_req)
            seed__shed_say(shed, now);
        return SEED_NEXT;
    }

    shed_count(&worker->refused[first_of(reasons)][priority]);
    seed__shed_say(shed, now);
    return seed__shed_refuse(worker, res, reasons);
}

/* --- setting up ----------------------------------------------------------- */

static void set_defaults(struct seed_shed_options *options)
{
    if (options->mode > SEED_SHED_LIMIT)
        options->mode = SEED_SHED_QUEUE;
    if (!options->max_event_loop_delay)
        options->max_event_loop_delay = DEFAULT_DELAY;
    if (!options->client_retry_secs)
        options->client_retry_secs = 1;
    if (!options->sample_interval)
        options->sample_interval = DEFAULT_INTERVAL;
    if (!options->min_limit)
        options->min_limit = LEAST_LIMIT;
    if (!options->max_limit)
        options->max_limit = MOST_LIMIT;
}

static int add_hooks(seed_shed *shed)
{
    enum seed_shed_mode mode = shed->options.mode;
    int err = seed_on(shed->server, SEED_ON_LISTEN, begin, shed);

    if (!err && mode != SEED_SHED_DELAY)
        err = seed_on(shed->server, SEED_ON_TURN, end_turn, shed);
    if (!err && mode == SEED_SHED_LIMIT)
        err = seed_after(shed->server, seed__shed_end_admission, shed);
    return err;
}

seed_shed *seed_shed_new_sized(seed_server *server,
    const struct seed_shed_options *options, size_t size)
{
    seed_shed *shed = server && !seed_server_error(server)
        ? seed_resize(NULL, sizeof *shed)
        : NULL;

    if (!shed)
        return NULL;
    memset(shed, 0, sizeof *shed);
    if (options)
        memcpy(&shed->options, options,
            size < sizeof *options ? size : sizeof *options);
    set_defaults(&shed->options);
    shed->server = server;
    shed->limit = shed->options.max_event_loop_delay == SEED_UNLIMITED
        ? UINT64_MAX
        : (uint64_t)shed->options.max_event_loop_delay * SHED_MS;
    seed__shed_write_texts(shed);
    if (add_hooks(shed)) {
        seed_shed_free(shed);
        return NULL;
    }
    return shed;
}

void seed_shed_free(seed_shed *shed)
{
    struct shed_worker *worker = shed ? atomic_load(&shed->workers) : NULL;

    while (worker) {
        struct shed_worker *next = worker->next;

        seed_release(worker);
        worker = next;
    }
    if (shed)
        seed_release(shed);
}
