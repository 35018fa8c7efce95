/* SPDX-License-Identifier: MIT */
/* Answers that need no memory but this stack's: to what never became a
 * request, and to a request when memory is exhausted. The connection closes
 * behind them. */
#include "flow/req.h"

#include "http/answer.h"

#include <stdio.h>

/* The fault's words are ours: nothing in them needs an escape. */
void seed__bare_answer(struct flow *flow, struct sink *sink,
    const seed_fault *fault, bool head_only)
{
    char first[1024], body[256];
    struct pair type = { STR("Content-Type"), STR("application/json") };
    struct pairs fields = { &type, 1, 1 };
    struct answer answer = { 0 };
    struct arena arena;
    struct str head;
    int length = snprintf(body, sizeof body,
        "{\"code\":\"%s\",\"message\":\"%.120s\"}", fault->code,
        fault->message);

    seed__arena_init(&arena, first, sizeof first);
    answer.status = fault->status;
    answer.framing = head_only ? ANSWER_NONE : ANSWER_LENGTH;
    answer.length = (uint64_t)length;
    answer.server = flow->plan->server_name;
    answer.date = seed__http_date(&flow->date);
    answer.fields = head_only ? NULL : &fields;
    answer.close = true;
    head = seed__answer_head(&answer, &arena);

    if (head.at)
        sink->ops->put(sink, head.at, head.length, SINK_COPY);
    if (head.at && !head_only)
        sink->ops->put(sink, body, (size_t)length, SINK_COPY);
    sink->ops->end(sink, head.at ? SINK_CLOSE : SINK_ABORT);
    seed__arena_clear(&arena, first, sizeof first);
}

void seed__bare_give_up(seed_req *req)
{
    static const seed_fault no_memory = { 503, "ServiceUnavailable",
        "ServiceUnavailable", "out of memory", NULL };

    req->res.state = ANSWER_WHOLE;
    req->res.status = no_memory.status;
    req->res.fault = &no_memory;
    req->res.close = true;
    seed__bare_answer(req->flow, req->sink, &no_memory,
        seed__str_same(req_method(req), STR("HEAD")));
}
