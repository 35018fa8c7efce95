/* SPDX-License-Identifier: MIT */
/* What becomes of a request when its answer has left, its client has, or its
 * time is over. */
#include "flow/req.h"

#include <seed/tls.h>

/* Logs want to know who it was, also when the connection has ended. */
static void forget_sink(seed_req *req)
{
    seed_req_peer(req);
    seed_req_tls(req);
    req->sink = NULL;
}

const seed_tls *seed_req_tls(seed_req *req)
{
    const struct sink_ops *ops = req->sink ? req->sink->ops : NULL;

    if (!req->tls && ops && ops->tls)
        req->tls = ops->tls(req->sink, &req->arena);
    return req->tls;
}

/* For bytes that only the sink could bring. The end of a body that has come
 * is told by a task of ours. */
static bool waits_for_sink(const seed_req *req)
{
    return atomic_load(&req->wait) == WAIT_OURS
        && !(req->body_ended && req->body_hook);
}

void seed__flow_flushed(seed_req *req, uint64_t bytes)
{
    req->flushed = true;
    req->res.wire_bytes = bytes;
    if (waits_for_sink(req)) {
        forget_sink(req);
        seed__req_settle(req);
    }
    if (req->stage != STAGE_OVER && !req->settled)
        forget_sink(req);
    seed__req_finish(req);
}

void seed__flow_lent_done(seed_req *req, int status, uint64_t bytes)
{
    req->res.status = status;
    req->res.state = ANSWER_WHOLE;
    atomic_store(&req->wait, WAIT_NOT);
    req->stage = STAGE_OVER;
    seed__flow_flushed(req, bytes);
}

/* Whether handlers have anything left to do for the answer. */
static bool at_work(const seed_req *req)
{
    return req->stage != STAGE_OVER || req->res.state != ANSWER_WHOLE;
}

/* One of the two, once: what they undo is undone then. Either may resume the
 * request, and that ends it; the caller has pinned it. */
static void tell_over(seed_req *req, enum seed_cancel why, bool cancels)
{
    seed_cancel_hook *cancel = cancels ? req->cancel_hook : NULL;
    seed_peer_hook *peer = req->peer_hook;

    req->cancel_hook = NULL;
    req->peer_hook = NULL;
    if (cancel)
        cancel(req, why, req->cancel_ctx);
    else if (peer)
        peer(req, SEED_GONE, req->peer_ctx);
}

/* 444 is restify's word for it, as nginx's: nothing was answered. */
static void note_gone(seed_req *req)
{
    static const seed_fault gone = { 444, "RequestClose", "RequestClose",
        "the client closed the connection", NULL };

    if (req->res.state == ANSWER_OPEN || !req->res.status)
        req->res.status = 444;
    if (!req->res.fault)
        req->res.fault = &gone;
}

void seed__flow_peer(seed_req *req, enum seed_peer_state state)
{
    bool cancels = at_work(req);

    if (state != SEED_GONE) {
        if (req->peer != SEED_PEER_OPEN)
            return;
        req->peer = state;
        if (req->peer_hook)
            req->peer_hook(req, state, req->peer_ctx);
        return;
    }

    if (!req->flushed)
        note_gone(req);
    forget_sink(req);
    seed__req_settle(req);

    seed__req_pin(req);
    req->peer = SEED_GONE;
    tell_over(req, SEED_CANCEL_GONE, cancels);
    seed__req_finish(req);
    seed__req_unpin(req);
}

/* --- deadlines ------------------------------------------------------------ */

bool seed__flow_late(const seed_req *req, uint64_t now)
{
    uint64_t limit = req->flow->plan->deadlines.handler;

    if (req->route && req->route->deadline)
        limit = req->route->deadline;
    return !req->settled && now > req->begun && now - req->begun > limit;
}

void seed__flow_expire(seed_req *req)
{
    static const seed_fault late = { 503, NULL, NULL,
        "the answer was not there in time", NULL };

    seed__req_pin(req);
    seed__req_overrule(req, &late);
    tell_over(req, SEED_CANCEL_DEADLINE, true);
    seed__req_finish(req);
    seed__req_unpin(req);
}
