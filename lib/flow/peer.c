/* SPDX-License-Identifier: MIT */
/* What becomes of a request when its answer has left, or its client has. */
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

static void tell_peer(seed_req *req, enum seed_peer_state state)
{
    req->peer = state;
    if (req->peer_hook)
        req->peer_hook(req, state, req->peer_ctx);
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
    if (state != SEED_GONE) {
        if (req->peer == SEED_PEER_OPEN)
            tell_peer(req, state);
        return;
    }

    if (!req->flushed)
        note_gone(req);
    forget_sink(req);
    seed__req_settle(req);

    /* The hook may resume the request, and that ends it. */
    seed__req_pin(req);
    tell_peer(req, SEED_GONE);
    seed__req_finish(req);
    seed__req_unpin(req);
}
