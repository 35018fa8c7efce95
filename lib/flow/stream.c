/* SPDX-License-Identifier: MIT */
/* Answers whose body comes in pieces (RFC 9112 7.1). */
#include "flow/req.h"

#include <string.h>

static int refused(seed_res *res)
{
    const seed_req *req = REQ_OF_RES(res);

    if (seed__send_allowed(res, "a stream"))
        return 0;
    return !req->sink || req->settled ? SEED_EGONE : SEED_ESENT;
}

int seed_stream_open(seed_res *res, int status, size_t length)
{
    seed_req *req = REQ_OF_RES(res);
    bool known = length != SEED_UNLIMITED;
    int err = refused(res);
    struct str head;

    if (err)
        return err;
    if (status < 200 || status > 599)
        return SEED_EINVAL;

    res->status = status;
    seed__send_stage(res);
    res->chunked = !known && req->head.minor > 0;
    res->left = known ? length : UINT64_MAX;
    head = seed__send_head(res, res->chunked, known, length);
    if (!head.at)
        return SEED_ENOMEM;

    res->state = ANSWER_STREAM;
    req->sink->ops->put(req->sink, head.at, head.length, SINK_BORROW);
    return 0;
}

static void put_chunk(struct sink *sink, const void *bytes, size_t length)
{
    char size[24];
    size_t digits = seed__str_hex(size, length);

    memcpy(size + digits, "\r\n", 2);
    sink->ops->put(sink, size, digits + 2, SINK_COPY);
    sink->ops->put(sink, bytes, length, SINK_COPY);
    sink->ops->put(sink, "\r\n", 2, SINK_COPY);
}

int seed_stream_write(seed_res *res, const void *bytes, size_t length)
{
    seed_req *req = REQ_OF_RES(res);

    if (!req->sink || req->settled)
        return SEED_EGONE;
    if (res->state != ANSWER_STREAM)
        return SEED_ESTATE;
    if (length > res->left)
        return SEED_EFULL;
    if (res->left != UINT64_MAX)
        res->left -= length;
    if (res->bodiless || !length)
        return 0; /* an empty chunk would end the body */

    if (res->chunked)
        put_chunk(req->sink, bytes, length);
    else
        req->sink->ops->put(req->sink, bytes, length, SINK_COPY);

    if (req->sink->ops->waiting(req->sink)
        <= req->flow->plan->options.max_output)
        return 0;

    res->drain_wanted = true;
    return 1;
}

seed_step seed_stream_end(seed_res *res)
{
    seed_req *req = REQ_OF_RES(res);
    bool whole = res->left == UINT64_MAX || res->left == 0 || res->bodiless;

    if (!req->sink || req->settled || res->state != ANSWER_STREAM)
        return SEED_STOP;
    if (!whole)
        return seed_stream_abort(res);

    res->state = ANSWER_WHOLE;
    if (res->chunked && !res->bodiless)
        req->sink->ops->put(req->sink, "0\r\n\r\n", 5, SINK_COPY);
    req->sink->ops->end(req->sink, res->close ? SINK_CLOSE : SINK_KEEP);
    return SEED_STOP;
}

seed_step seed_stream_abort(seed_res *res)
{
    seed_req *req = REQ_OF_RES(res);

    if (!req->sink || req->settled || res->state == ANSWER_WHOLE
        || res->in_send_stage)
        return SEED_STOP;

    res->state = ANSWER_WHOLE;
    req->sink->ops->end(req->sink, SINK_ABORT);
    return SEED_STOP;
}

void seed_on_drain(seed_res *res, seed_drain_hook *hook, void *ctx)
{
    res->drain = hook;
    res->drain_ctx = ctx;
}

void seed__flow_writable(seed_req *req)
{
    seed_res *res = &req->res;

    if (!res->drain_wanted || res->state != ANSWER_STREAM || req->settled)
        return;

    res->drain_wanted = false;
    if (res->drain)
        res->drain(res, res->drain_ctx);
}
