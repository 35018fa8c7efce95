/* SPDX-License-Identifier: MIT */
/* What runs right now: two words a thread, written around every handler and
 * hook, readable by a signal handler on that thread. */
#include "flow/req.h"

#include <seed/trace.h>

_Thread_local struct running seed__running;

void seed__trace_tell_enter(const struct plan *plan, const seed_site *site,
    seed_req *req)
{
    const seed_tracer *at = plan->tracers, *end = at + plan->tracer_count;

    for (; at < end; at++)
        if (at->enter)
            at->enter(site, req, at->ctx);
}

void seed__trace_tell_leave(const struct plan *plan, const seed_site *site,
    seed_req *req)
{
    const seed_tracer *at = plan->tracers, *end = at + plan->tracer_count;

    for (; at < end; at++)
        if (at->leave)
            at->leave(site, req, at->ctx);
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
    return seed__running.site;
}

const seed_req *seed_current_req(void)
{
    return seed__running.req;
}
