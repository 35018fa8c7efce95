/* SPDX-License-Identifier: MIT */
/* A request's way through the server, from top to bottom:
 *
 *     pre --> route --> use --> the route's handlers --> (no answer: 500)
 *      |        |        |          |                          |
 *      +--------+--------+----------+----> fault <-------------+
 *                        |                   |
 *                        +---> after <-------+
 *
 * Each stage is one function here. It returns what its handlers said: go on
 * with the next stage, stop, or wait. Nothing below recurses: a request that
 * waits leaves this file, and seed__flow_go() is where it comes back to.
 *
 * Not here: how one list of handlers runs (chain.c), what waiting means
 * (resume.c), how an answer becomes bytes (send.c), when a request is born
 * and ends (life.c). */
#include "flow/req.h"

/* A stage is entered again after each wait; its event belongs to the first
 * time. */
static void emit_once(seed_req *req, enum seed_on on)
{
    if (req->emitted)
        return;

    req->emitted = true;
    seed__emit(req->flow, on, req);
}

static bool overfull(const struct flow *flow)
{
    return flow->begun - flow->finished > flow->plan->most_in_flight;
}

/* HEAD is GET's head unless it has a route of its own (RFC 9110 9.3.2). */
static enum router_verdict find(seed_req *req, struct match *match)
{
    const struct plan *plan = req->flow->plan;
    struct str method = req_method(req);
    enum router_verdict verdict = seed__router_find(plan->router, method,
        req->target.path, &req->arena, match);

    if (verdict != ROUTER_NO_METHOD || plan->options.no_implied_head
        || !seed__str_same(method, STR("HEAD")))
        return verdict;

    return seed__router_find(plan->router, STR("GET"), req->target.path,
        &req->arena, match);
}

/* Whoever looks after the server must be able to see that it is full. */
static bool exempt(seed_req *req)
{
    struct match match = { 0 };

    return find(req, &match) == ROUTER_FOUND
        && ((const seed_route *)match.value)->exempt;
}

static seed_step run_pre(seed_req *req)
{
    bool first = !req->emitted;

    emit_once(req, SEED_ON_PRE);
    if (first && overfull(req->flow) && !exempt(req))
        return seed__fault_overfull(req);
    return seed__chain_run(req, &req->flow->plan->pre);
}

static seed_step find_route(seed_req *req)
{
    struct match match = { 0 };
    enum router_verdict verdict = find(req, &match);

    if (verdict == ROUTER_FOUND) {
        req->route = match.value;
        req->params = match.params;
        req->param_count = match.count;
        return SEED_NEXT;
    }
    if (verdict == ROUTER_NO_PATH && req->flow->plan->foreign)
        return seed__chain_run(req, &req->flow->plan->foreign_chain);

    return seed__fault_no_route(req, verdict);
}

static seed_step run_use(seed_req *req)
{
    emit_once(req, SEED_ON_ROUTED);
    return seed__chain_run(req, &req->flow->plan->use);
}

static seed_step run_handlers(seed_req *req)
{
    return seed__chain_run(req, &req->route->chain);
}

/* The chain went on past its last handler. That is an end like any other when
 * the answer was sent; otherwise the client would wait for ever. */
static seed_step mind_silence(seed_req *req)
{
    (void)req;
    return SEED_STOP;
}

/* The error handlers that the fault concerns. */
static seed_step run_fault(seed_req *req)
{
    if (!req->emitted && seed__fault_collect(req) == SEED_STOP)
        return SEED_NEXT;

    req->emitted = true;
    return seed__chain_run(req, &req->error_chain);
}

/* What they left unanswered. */
static seed_step answer_fault(seed_req *req)
{
    seed__fault_answer(req);
    return SEED_STOP;
}

static seed_step (*const way[])(seed_req *req) = {
    [STAGE_PRE] = run_pre,
    [STAGE_ROUTE] = find_route,
    [STAGE_USE] = run_use,
    [STAGE_HANDLERS] = run_handlers,
    [STAGE_SILENT] = mind_silence,
    [STAGE_FAULT] = run_fault,
    [STAGE_ANSWER] = answer_fault,
};

static void enter(seed_req *req, enum stage stage)
{
    req->stage = stage;
    req->at = 0;
    req->emitted = false;
}

/* Where a request goes that was stopped: to its end, or, when it has no
 * answer yet or failed in the middle of one, by way of its fault. */
static enum stage after_stop(seed_req *req)
{
    static const seed_fault silent = { 500, NULL, "InternalServer",
        "reached the end of the handler chain without writing a response!",
        NULL };

    if (req->settled || req->res.state == ANSWER_WHOLE
        || req->stage == STAGE_ANSWER)
        return STAGE_OVER;
    if (req->res.state == ANSWER_STREAM)
        return req->res.broken ? STAGE_ANSWER : STAGE_OVER;
    if (req->stage == STAGE_FAULT)
        return STAGE_ANSWER;

    if (!req->res.fault) {
        seed__warn_mistake(req, MISTAKE_SILENT,
            "%s %s ended without an answer: the last of its handlers returned"
            " without sending one", seed_req_method(req), seed_req_url(req));
        seed__fault_set(req, &silent);
    }
    return STAGE_FAULT;
}

void seed__flow_go(seed_req *req, seed_step step)
{
    while (step != SEED_WAIT && req->stage != STAGE_OVER) {
        if (req->settled)
            step = SEED_STOP;
        if (step == SEED_STOP)
            enter(req, after_stop(req));
        if (req->stage == STAGE_OVER)
            break;

        step = way[req->stage](req);
        if (step == SEED_NEXT)
            enter(req, req->stage + 1);
    }
    if (req->stage == STAGE_OVER)
        seed__req_finish(req);
}
