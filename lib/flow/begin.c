/* SPDX-License-Identifier: MIT */
/* What the wire tells the flow about heads: a good one begins a request, a bad
 * one gets its error's answer and is told to the bad request hooks. */
#include "flow/fault.h"
#include "flow/req.h"

seed_req *seed__flow_begin(struct flow *flow, struct sink *sink,
    const struct head *head, const char *bytes)
{
    seed_req *req = seed__req_new(flow, head, bytes);

    if (!req) {
        seed__flow_refuse(flow, sink, NULL, 503, "out of memory");
        return NULL;
    }
    req->sink = sink;
    sink->req = req;
    seed__flow_go(req, SEED_NEXT);
    return req;
}

/* The body of a request turned out to be malformed, or its time is over. Who
 * waits for the body fails; else some handler may be in the middle of
 * something, so that the request is settled over its head. */
void seed__req_overrule(seed_req *req, const seed_fault *fault)
{
    req->res.close = true;
    seed__fault_set(req, fault);
    if (seed__wait_take(req)) {
        seed__wait_over(req, SEED_STOP);
        return;
    }
    seed__fault_answer(req);
    seed__req_settle(req);
    seed__req_finish(req);
}

void seed__flow_refuse(struct flow *flow, struct sink *sink, seed_req *req,
    int status, const char *sentence)
{
    seed_fault fault = { status, NULL, NULL, sentence, NULL };

    seed__fault_complete(&fault);
    seed__emit_connection(flow, SEED_ON_BAD_REQUEST, sink->number, &fault);
    if (req)
        seed__req_overrule(req, &fault);
    else
        seed__bare_answer(flow, sink, &fault, false);
}
