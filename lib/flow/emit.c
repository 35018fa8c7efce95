/* SPDX-License-Identifier: MIT */
/* Runs the hooks of an event.
 *
 * Those that are added while an event is told run from the next one on; those
 * that are taken away leave a hole until the outermost telling is over. So
 * that a hook may add and take away hooks, the list is never held by pointer
 * across a call. */
#include "flow/req.h"

static void close_holes(struct hook_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].hook)
            list->entries[kept++] = list->entries[i];
    list->count = kept;
    list->holes = false;
}

static void tell(struct flow *flow, const struct seed_event *event)
{
    struct hook_list *list = &flow->hooks.lists[event->on];
    size_t count = list->count;

    list->emitting++;
    for (size_t i = 0; i < count; i++) {
        struct hook_entry entry = list->entries[i];
        struct running outer;

        if (!entry.hook)
            continue;
        outer = seed__trace_enter(flow, entry.site, event->req);
        entry.hook(event, entry.ctx);
        seed__trace_leave(flow, outer, entry.site, event->req);
    }
    if (--list->emitting == 0 && list->holes)
        close_holes(list);
}

uint64_t seed__flow_events(const struct flow *flow, enum seed_on on)
{
    return atomic_load_explicit(&flow->events[on], memory_order_relaxed);
}

void seed__emit_tell(struct flow *flow, enum seed_on on, seed_req *req)
{
    struct seed_event event = { .on = on, .server = flow->plan->server,
        .worker = flow->worker, .req = req, .res = &req->res,
        .fault = req->res.fault };

    tell(flow, &event);
}

void seed__emit_connection(struct flow *flow, enum seed_on on,
    uint64_t connection, const seed_fault *fault)
{
    struct seed_event event = { .on = on, .server = flow->plan->server,
        .worker = flow->worker, .fault = fault, .connection = connection };

    seed__emit_count(flow, on);
    if (flow->hooks.lists[on].count)
        tell(flow, &event);
}

void seed__flow_emit(struct flow *flow, enum seed_on on, uint64_t connection)
{
    seed__emit_connection(flow, on, connection, NULL);
}

void seed__flow_limit(struct flow *flow, enum seed_limit limit,
    uint64_t connection, seed_req *req)
{
    struct seed_event event = { .on = SEED_ON_LIMIT,
        .server = flow->plan->server, .worker = flow->worker, .req = req,
        .res = req ? &req->res : NULL, .connection = connection,
        .limit = limit };

    atomic_store_explicit(&flow->limits[limit],
        seed__flow_limits(flow, limit) + 1, memory_order_relaxed);
    seed__emit_count(flow, SEED_ON_LIMIT);
    if (flow->hooks.lists[SEED_ON_LIMIT].count)
        tell(flow, &event);
}

uint64_t seed__flow_limits(const struct flow *flow, enum seed_limit limit)
{
    return atomic_load_explicit(&flow->limits[limit], memory_order_relaxed);
}
