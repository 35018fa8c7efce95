/* SPDX-License-Identifier: MIT */
/* What runs right now: two words a thread, written around every handler and
 * hook, readable by a signal handler on that thread. */
#include "flow/req.h"

#include <seed/trace.h>

/* Initial-exec: the access is one load and never allocates, which a signal
 * handler could not bear. */
static _Thread_local struct running running
    __attribute__((tls_model("initial-exec")));

static void tell_enter(const struct plan *plan, const seed_site *site,
    seed_req *req)
{
    const seed_tracer *at = plan->tracers, *end = at + plan->tracer_count;

    for (; at < end; at++)
        if (at->enter)
            at->enter(site, req, at->ctx);
}

static void tell_leave(const struct plan *plan, const seed_site *site,
    seed_req *req)
{
    const seed_tracer *at = plan->tracers, *end = at + plan->tracer_count;

    for (; at < end; at++)
        if (at->leave)
            at->leave(site, req, at->ctx);
}

struct running seed__trace_enter(struct flow *flow, const seed_site *site,
    seed_req *req)
{
    struct running outer = running;

    flow->depth++;
    running.req = req;
    atomic_signal_fence(memory_order_release);
    running.site = site;
    tell_enter(flow->plan, site, req);
    return outer;
}

void seed__trace_leave(struct flow *flow, struct running outer,
    const seed_site *site, seed_req *req)
{
    tell_leave(flow->plan, site, req);
    running.site = outer.site;
    atomic_signal_fence(memory_order_release);
    running.req = outer.req;
    flow->depth--;
}

void seed__trace_wait(seed_req *req, const seed_site *site)
{
    const struct plan *plan = req->flow->plan;

    req->waiter = site;
    for (unsigned i = 0; i < plan->tracer_count; i++)
        if (plan->tracers[i].wait)
            plan->tracers[i].wait(site, req, plan->tracers[i].ctx);
}

void seed__trace_resume(seed_req *req)
{
    const struct plan *plan = req->flow->plan;
    const seed_site *site = req->waiter;

    req->waiter = NULL;
    for (unsigned i = 0; site && i < plan->tracer_count; i++)
        if (plan->tracers[i].resume)
            plan->tracers[i].resume(site, req, plan->tracers[i].ctx);
}

const seed_site *seed_current_site(void)
{
    return running.site;
}

const seed_req *seed_current_req(void)
{
    return running.req;
}
