/* SPDX-License-Identifier: MIT */
/* Errors as values: how a request fails, who may answer for it, and restify's
 * default answer {"code":"...","message":"..."}. */
#include "flow/fault.h"
#include "flow/req.h"

#include <seed/json.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void seed__fault_complete(seed_fault *fault)
{
    const struct status *status;

    if (fault->status < 400 || fault->status > 599)
        fault->status = 500;
    status = seed__status(fault->status);
    if (!fault->name)
        fault->name = fault->code ? fault->code : status->name;
    if (!fault->code)
        fault->code = status->name;
    if (!fault->message)
        fault->message = status->reason;
}

static const char *keep(seed_req *req, const char *string)
{
    return string ? seed__arena_copy(&req->arena, string, strlen(string))
                  : NULL;
}

/* A fault is kept even when memory is exhausted: as a plain 503. */
void seed__fault_set(seed_req *req, const seed_fault *fault)
{
    static const seed_fault no_memory = { 503, "ServiceUnavailable",
        "ServiceUnavailable", "out of memory", NULL };
    seed_fault *copy = seed__arena_alloc(&req->arena, sizeof *copy);

    req->res.broken |= req->res.state == ANSWER_STREAM;
    req->res.fault = &no_memory;
    if (!copy)
        return;

    *copy = *fault;
    seed__fault_complete(copy);
    copy->name = keep(req, copy->name);
    copy->code = keep(req, copy->code);
    copy->message = keep(req, copy->message);
    copy->cause = keep(req, copy->cause);
    if (copy->name && copy->code && copy->message)
        req->res.fault = copy;
}

seed_step seed_fail_with(seed_res *res, const seed_fault *fault)
{
    seed__fault_set(REQ_OF_RES(res), fault);
    return SEED_STOP;
}

seed_step seed_fail(seed_res *res, int status, const char *message, ...)
{
    seed_req *req = REQ_OF_RES(res);
    seed_fault fault = { status, NULL, NULL, NULL, NULL };
    va_list list;

    va_start(list, message);
    if (message)
        fault.message = seed__arena_vprintf(&req->arena, message, list);
    va_end(list);
    return seed_fail_with(res, &fault);
}

const seed_fault *seed_res_fault(const seed_res *res)
{
    return res->fault;
}

/* --- no route ------------------------------------------------------------- */

static seed_step fail_path(seed_req *req, int status, const char *name,
    const char *code, const char *what)
{
    seed_fault fault = { status, name, code,
        seed_req_printf(req, "%s %s", seed_req_path(req), what), NULL };

    seed__fault_set(req, &fault);
    return SEED_STOP;
}

static seed_step fail_method(seed_req *req)
{
    const struct seed_options *options = &req->flow->plan->options;
    bool asks = seed__str_same(req_method(req), STR("OPTIONS"));
    struct str allow = seed__router_allow(req->flow->plan->router,
        req->target.path, !options->no_implied_head,
        !options->no_automatic_options, &req->arena);
    seed_fault fault = { 405, NULL, NULL,
        seed_req_printf(req, "%s is not allowed", seed_req_method(req)),
        NULL };

    if (!allow.at
        || !seed__pairs_add_borrowed(&req->res.fields, &req->arena,
            STR("Allow"), allow)) {
        fault = (seed_fault){ 503, NULL, NULL, "out of memory", NULL };
        seed__fault_set(req, &fault);
        return SEED_STOP;
    }
    if (asks && !options->no_automatic_options)
        return seed_send(&req->res, 204);

    seed__fault_set(req, &fault);
    return SEED_STOP;
}

/* OPTIONS * asks about the server as a whole (RFC 9110 9.3.7). */
static seed_step fail_no_path(seed_req *req)
{
    if (seed__str_same(req->target.path, STR("*"))
        && !req->flow->plan->options.no_automatic_options)
        return seed_send(&req->res, 204);

    return fail_path(req, 404, "NotFound", "ResourceNotFound",
        "does not exist");
}

seed_step seed__fault_no_route(seed_req *req, enum router_verdict verdict)
{
    static const seed_fault no_memory = { 503, NULL, NULL, "out of memory",
        NULL };

    switch (verdict) {
    case ROUTER_NO_METHOD:
        return fail_method(req);
    case ROUTER_BAD_PATH:
        return fail_path(req, 400, NULL, NULL, "is not well encoded");
    case ROUTER_NO_MEMORY:
        seed__fault_set(req, &no_memory);
        return SEED_STOP;
    default:
        return fail_no_path(req);
    }
}

/* --- no room -------------------------------------------------------------- */

seed_step seed__fault_overfull(seed_req *req)
{
    static const seed_fault fault = { 503, NULL, NULL,
        "too many requests are in flight", NULL };

    seed__flow_limit(req->flow, SEED_LIMIT_IN_FLIGHT, req->sink->number, req);
    seed__pairs_add_borrowed(&req->res.fields, &req->arena,
        STR("Retry-After"), STR("1"));
    return seed_fail_with(&req->res, &fault);
}

/* --- who answers ---------------------------------------------------------- */

static bool answers(const struct error_link *error, const seed_fault *fault,
    bool by_name)
{
    if (!error->name)
        return !by_name;

    return by_name
        && (!strcmp(error->name, fault->name)
            || !strcmp(error->name, fault->code));
}

/* Makes the chain of the error handlers that this fault concerns: those by
 * name, then the general ones. SEED_STOP when there is none to run. */
seed_step seed__fault_collect(seed_req *req)
{
    const struct plan *plan = req->flow->plan;
    struct chain *chain = &req->error_chain;
    unsigned count = 0;

    if (req->res.state != ANSWER_OPEN || !plan->errors)
        return SEED_STOP;
    for (const struct error_link *at = plan->errors; at; at = at->next)
        count++;
    chain->links = seed__arena_alloc(&req->arena,
        count * sizeof *chain->links);
    if (!chain->links)
        return SEED_STOP;

    chain->count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (const struct error_link *at = plan->errors; at; at = at->next)
            if (answers(at, req->res.fault, pass == 0))
                chain->links[chain->count++] = at->link;
    return chain->count ? SEED_NEXT : SEED_STOP;
}

/* Restify's HEAD has no fields about a body. */
static void send_fault(seed_req *req, const seed_fault *fault)
{
    seed_json json;

    if (seed__str_same(req_method(req), STR("HEAD"))) {
        req->res.no_length = true;
        seed_send(&req->res, fault->status);
        return;
    }
    seed_json_start(&json, &req->res);
    seed_json_object(&json, NULL);
    seed_json_string(&json, "code", fault->code);
    seed_json_string(&json, "message", fault->message);
    seed_json_end(&json);
    seed_json_send(&json, fault->status);
}

/* The default answer, unless there is one. A stream that fails is cut, for its
 * client must not take it for the whole. */
void seed__fault_answer(seed_req *req)
{
    if (req->res.state == ANSWER_STREAM && req->res.broken)
        seed_stream_abort(&req->res);
    if (req->res.state != ANSWER_OPEN || !req->sink)
        return;

    send_fault(req, req->res.fault);
    if (req->res.state == ANSWER_OPEN)
        seed__bare_give_up(req);
}
