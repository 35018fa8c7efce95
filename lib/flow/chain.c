/* SPDX-License-Identifier: MIT */
/* Runs a list of handlers. Not recursive: a chain of a thousand handlers uses
 * the stack of one. The place in the list is the request's, so that a handler
 * that waits is followed by the next one, whenever it goes on. */
#include "flow/req.h"

static seed_step call(seed_req *req, const struct link *link)
{
    struct running outer = seed__trace_enter(req->flow, link->site, req);
    seed_step step = link->handler(req, &req->res, link->ctx);

    seed__trace_leave(req->flow, outer, link->site, req);
    return step;
}

seed_step seed__chain_run(seed_req *req, const struct chain *chain)
{
    seed_step step = SEED_NEXT;

    while (step == SEED_NEXT && req->at < chain->count && !req->settled) {
        const struct link *link = &chain->links[req->at++];

        step = call(req, link);
        if (step == SEED_WAIT)
            step = seed__wait_begin(req, link->site);
    }
    return step;
}
