/* SPDX-License-Identifier: MIT */
/* The two handlers of a path that evhttp serves: the body is read, for evhttp
 * gets one whole message, and the sink lends the request. */
#include "flow/req.h"

seed_step seed__lend_body(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

seed_step seed__lend(seed_req *req, seed_res *res, void *ctx)
{
    const seed_route *route = req->route;

    (void)ctx;
    if (!seed__send_allowed(res, "evhttp's answer"))
        return SEED_STOP;

    seed__wait_ours(req);
    res->state = ANSWER_WHOLE;
    if (req->sink->ops->lend(req->sink, route ? route->lent : NULL,
            route ? route->lent_ctx : NULL))
        return SEED_WAIT;

    atomic_store(&req->wait, WAIT_NOT);
    res->state = ANSWER_OPEN;
    return seed_fail(res, 501, "this request cannot be given to evhttp");
}

const struct head *seed__flow_head(const seed_req *req, const char **bytes)
{
    *bytes = req->bytes;
    return &req->head;
}
