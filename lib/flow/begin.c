/* SPDX-License-Identifier: MIT */
/* What the wire tells the flow about heads: a good one begins a request, a bad
 * one gets its error's answer and is told to the bad request hooks. */
#include "flow/fault.h"
#include "flow/req.h"

#include "http/answer.h"

#include <stdio.h>

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

/* The answer to what never became a request. It needs no memory but this
 * stack's, so that it can be sent when there is none. */
static void answer_refusal(struct flow *flow, struct sink *sink,
    const seed_fault *fault)
{
    char first[1024], body[256];
    struct pair type = { STR("Content-Type"), STR("application/json") };
    struct pairs fields = { &type, 1, 1 };
    struct answer answer = { 0 };
    struct arena arena;
    struct str head;
    int length = snprintf(body, sizeof body,
        "{\"code\":\"%s\",\"message\":\"%s\"}", fault->code, fault->message);

    seed__arena_init(&arena, first, sizeof first);
    answer.status = fault->status;
    answer.framing = ANSWER_LENGTH;
    answer.length = (uint64_t)length;
    answer.server = flow->plan->server_name;
    answer.date = seed__http_date(&flow->date);
    answer.fields = &fields;
    answer.close = true;
    head = seed__answer_head(&answer, &arena);

    if (head.at)
        sink->ops->put(sink, head.at, head.length, SINK_COPY);
    if (head.at)
        sink->ops->put(sink, body, (size_t)length, SINK_COPY);
    sink->ops->end(sink, head.at ? SINK_CLOSE : SINK_ABORT);
    seed__arena_clear(&arena, first, sizeof first);
}

/* The body of a request turned out to be malformed. Its handlers may be in
 * the middle of something, so that it is settled over their heads. */
static void refuse_request(seed_req *req, const seed_fault *fault)
{
    req->res.close = true;
    seed__fault_set(req, fault);
    if (atomic_load(&req->wait) == WAIT_OURS && !req->body_hook) {
        seed__wait_over(req, SEED_STOP);
        return;
    }
    seed__fault_answer(req);
    seed__req_settle(req);
    if (atomic_load(&req->wait) != WAIT_USER)
        atomic_store(&req->wait, WAIT_NOT);
    seed__req_finish(req);
}

void seed__flow_refuse(struct flow *flow, struct sink *sink, seed_req *req,
    int status, const char *sentence)
{
    seed_fault fault = { status, NULL, NULL, sentence, NULL };

    seed__fault_complete(&fault);
    seed__emit_connection(flow, SEED_ON_BAD_REQUEST, sink->number, &fault);
    if (req)
        refuse_request(req, &fault);
    else
        answer_refusal(flow, sink, &fault);
}
