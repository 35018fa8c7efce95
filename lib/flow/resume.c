/* SPDX-License-Identifier: MIT */
/* SEED_WAIT and seed_resume().
 *
 * The one word `wait` decides between the two that may meet here: the handler
 * that returns SEED_WAIT on the loop's thread, and seed_resume() on any
 * thread, which may come first. Whoever is second goes on. Everything else of
 * a request is touched by its own thread only; another thread hands the
 * request over by the mailbox, which outlives the server when it must. */
#include "flow/req.h"

seed_step seed__wait_begin(seed_req *req, const seed_site *site)
{
    int expected = WAIT_NOT;

    if (atomic_compare_exchange_strong(&req->wait, &expected, WAIT_USER)
        || expected == WAIT_OURS) {
        seed__trace_wait(req, site);
        return SEED_WAIT;
    }

    atomic_store_explicit(&req->wait, WAIT_NOT, memory_order_release);
    return (seed_step)(expected - WAIT_RESUMED);
}

/* Called by what a handler returns SEED_WAIT for, before it does. */
void seed__wait_ours(seed_req *req)
{
    atomic_store(&req->wait, WAIT_OURS);
}

/* True when it waited for us: it does no more. */
bool seed__wait_take(seed_req *req)
{
    int ours = WAIT_OURS;

    return atomic_compare_exchange_strong(&req->wait, &ours, WAIT_NOT);
}

/* The request goes on here, or gives its memory back when it was settled while
 * it waited. */
void seed__wait_over(seed_req *req, seed_step step)
{
    seed_handler *then = req->then;
    const seed_site *site = req->waiter;

    atomic_store_explicit(&req->wait, WAIT_NOT, memory_order_release);
    if (req->orphan || req->finished) {
        seed__req_pin(req);
        seed__req_unpin(req);
        return;
    }
    req->then = NULL;
    seed__trace_resume(req);
    seed__body_drop(req);
    if (req->settled)
        step = SEED_STOP;
    if (step == SEED_NEXT && then) {
        step = then(req, &req->res, req->then_ctx);
        if (step == SEED_WAIT)
            step = seed__wait_begin(req, site);
    }
    seed__flow_go(req, step);
}

static void run_task(struct task *task)
{
    seed_req *req = (seed_req *)(void *)((char *)task
        - offsetof(struct seed_req, task));

    seed__wait_over(req, req->resumed);
}

/* The mailbox takes nothing any more: there is only memory to give back. Until
 * the flow has cut the request loose it is on the flow's lists, and the flow
 * gives it back. */
static void leave(seed_req *req)
{
    if (atomic_fetch_or(&req->late, LATE_RESUMED) & LATE_CUT_LOOSE)
        seed__wait_over(req, SEED_STOP);
}

/* A request whose handler runs right now, or that is resumed from inside
 * another one's, goes on from the loop: chains do not nest. */
static void go_on_here(seed_req *req)
{
    struct flow *flow = req->flow;

    if (req->orphan || !flow->depth)
        seed__wait_over(req, req->resumed);
    else if (flow->clearing)
        leave(req);
    else
        flow->port->ops->soon(flow->port, &req->task);
}

void seed_resume(seed_req *req, seed_step step)
{
    bool own = pthread_equal(req->thread, pthread_self());
    int expected = atomic_load(&req->wait);

    /* What would have to wait does, for the body or for another resume. */
    if (step == SEED_WAIT)
        return;
    if (expected == WAIT_NOT
        && atomic_compare_exchange_strong(&req->wait, &expected,
            WAIT_RESUMED + (int)step))
        return; /* before the handler has returned */

    /* Who streams a body may have enough of it before its end. */
    if (expected == WAIT_OURS
        && atomic_compare_exchange_strong(&req->wait, &expected, WAIT_USER)
        && own)
        seed__body_drop(req);

    req->resumed = step;
    req->task.run = run_task;
    if (own)
        go_on_here(req);
    else if (!seed__mailbox_post(req->box, &req->task))
        leave(req);
}
