/* SPDX-License-Identifier: MIT */
/* SEED_WAIT and seed_resume().
 *
 * The one word `wait` decides between the two that may meet here: the handler
 * that returns SEED_WAIT on the loop's thread, and seed_resume() on any
 * thread, which may come first. Whoever is second goes on. Everything else of
 * a request is touched by its own thread only; another thread hands the
 * request over by the mailbox, which outlives the server when it must. */
#include "flow/req.h"

seed_step seed__wait_begin(seed_req *req)
{
    int expected = WAIT_NOT;

    if (atomic_compare_exchange_strong(&req->wait, &expected, WAIT_USER))
        return SEED_WAIT;
    if (expected == WAIT_OURS)
        return SEED_WAIT;

    atomic_store(&req->wait, WAIT_NOT);
    return (seed_step)(expected - WAIT_RESUMED);
}

/* Called by what a handler returns SEED_WAIT for, before it does. */
void seed__wait_ours(seed_req *req)
{
    atomic_store(&req->wait, WAIT_OURS);
}

/* The request goes on here, or gives its memory back when it was settled while
 * it waited. */
void seed__wait_over(seed_req *req, seed_step step)
{
    atomic_store(&req->wait, WAIT_NOT);
    if (req->orphan || req->finished) {
        seed__req_release(req);
        return;
    }
    if (req->settled)
        step = SEED_STOP;
    if (step == SEED_NEXT && req->then) {
        seed_handler *then = req->then;

        req->then = NULL;
        step = then(req, &req->res, req->then_ctx);
        if (step == SEED_WAIT)
            step = seed__wait_begin(req);
    }
    seed__flow_go(req, step);
}

static void run_task(struct task *task)
{
    seed_req *req = (seed_req *)(void *)((char *)task
        - offsetof(struct seed_req, task));

    seed__wait_over(req, req->resumed);
}

/* A request whose handler runs right now, or that is resumed from inside
 * another one's, goes on from the loop: chains do not nest. */
static void go_on_here(seed_req *req)
{
    if (!req->orphan && req->flow->depth)
        req->flow->port->ops->soon(req->flow->port, &req->task);
    else
        seed__wait_over(req, req->resumed);
}

void seed_resume(seed_req *req, seed_step step)
{
    int expected = WAIT_NOT;

    if (atomic_compare_exchange_strong(&req->wait, &expected,
            WAIT_RESUMED + (int)step))
        return; /* before the handler has returned */

    req->resumed = step;
    req->task.run = run_task;
    if (pthread_equal(req->thread, pthread_self())) {
        go_on_here(req);
        return;
    }
    if (!seed__mailbox_post(req->box, &req->task))
        seed__wait_over(req, step); /* the server is gone: only memory */
}
