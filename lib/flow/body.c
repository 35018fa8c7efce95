/* SPDX-License-Identifier: MIT */
/* The request's body: nothing of it is read until a handler asks, and then it
 * goes either into one piece of memory or to a function, piece by piece. */
#include "flow/req.h"

#include <string.h>

enum { FIRST_ROOM = 4096, ARENA_MOST = 2048 };

static const seed_fault large = { 413, NULL, NULL, NULL, NULL };
static const seed_fault no_memory = { 503, NULL, NULL, "out of memory", NULL };

/* The limit is judged on the declared length before a byte is read. */
static bool too_large(const seed_req *req)
{
    return !req->head.chunked && req->head.length > req->body_limit;
}

/* A sink whose answer is over may have begun its next request already. */
static void want(seed_req *req, bool wanted)
{
    struct sink *sink = req->sink;

    if (sink && sink->req == req)
        sink->ops->want_body(sink, wanted);
}

/* The first ask lets the body come (RFC 9110 10.1.1). */
static void ask(seed_req *req)
{
    struct sink *sink = req->sink;

    if (req->head.expect_continue && !req->informed && !req->body_seen
        && req->res.state == ANSWER_OPEN) {
        req->informed = true;
        sink->ops->inform(sink);
    }
    if (!req->body_paused)
        want(req, true);
}

/* Who has had a part of it cannot have the rest for the whole. */
static bool begun(const seed_req *req)
{
    return req->body_mode == BODY_STREAM
        || (req->body_mode == BODY_UNASKED && req->body_seen);
}

void seed__body_drop(seed_req *req)
{
    req->body_hook = NULL;
    if (req->body_mode == BODY_UNASKED || req->body_ended)
        return;

    req->body_mode = BODY_UNASKED;
    want(req, false);
}

static size_t limit_of(const seed_req *req, size_t limit)
{
    return limit ? limit : req->flow->plan->options.max_body;
}

/* --- in one piece --------------------------------------------------------- */

static bool make_room(seed_req *req, size_t more)
{
    size_t needed = req->body_length + more + 1;
    size_t room = req->body_room ? req->body_room : FIRST_ROOM;
    char *body;

    if (needed <= req->body_room)
        return true;
    while (room < needed)
        room *= 2;

    body = seed__resize(req->body_heap ? req->body : NULL, room);
    if (!body)
        return false;
    req->body = body;
    req->body_room = room;
    req->body_heap = true;
    return true;
}

/* Small bodies of a known length live with the request. */
static void start_small(seed_req *req)
{
    size_t length = (size_t)req->head.length;

    if (req->head.chunked || length > ARENA_MOST)
        return;

    req->body = seed__arena_bytes(&req->arena, length + 1);
    req->body_room = req->body ? length + 1 : 0;
}

static seed_step read_nothing(seed_req *req)
{
    if (!req->body)
        req->body = seed__arena_copy(&req->arena, "", 0);
    return req->body ? SEED_NEXT : seed_fail_with(&req->res, &no_memory);
}

seed_step seed_read_body(seed_req *req, size_t limit)
{
    if (!req->sink || req->settled || req->finished)
        return SEED_STOP;
    if (begun(req))
        return seed_fail(&req->res, 500, "the body was read already");
    if (req->body_ended)
        return read_nothing(req);

    req->body_limit = limit_of(req, limit);
    if (too_large(req))
        return seed_fail_with(&req->res, &large);
    if (req->body_mode == BODY_UNASKED)
        start_small(req);

    req->body_mode = BODY_WHOLE;
    ask(req);
    seed__wait_ours(req);
    return SEED_WAIT;
}

const char *seed_req_body(const seed_req *req, size_t *length)
{
    bool there = req->body_ended && req->body;

    if (length)
        *length = there ? req->body_length : 0;
    return there ? req->body : NULL;
}

static void fail_reading(seed_req *req, const seed_fault *fault)
{
    seed__body_drop(req);
    req->res.close = true;
    seed__fault_set(req, fault);
    if (seed__wait_take(req))
        seed__wait_over(req, SEED_STOP);
}

static void collect(seed_req *req, const char *bytes, size_t length)
{
    if (req->body_seen > req->body_limit) {
        fail_reading(req, &large);
        return;
    }
    if (!make_room(req, length)) {
        fail_reading(req, &no_memory);
        return;
    }
    memcpy(req->body + req->body_length, bytes, length);
    req->body_length += length;
}

/* --- piece by piece ------------------------------------------------------- */

/* From here on it is the hook that makes the request go on. */
static void tell_end(seed_req *req)
{
    seed_body_hook *hook = req->body_hook;
    int ours = WAIT_OURS;

    req->body_hook = NULL;
    if (!hook)
        return;

    atomic_compare_exchange_strong(&req->wait, &ours, WAIT_USER);
    hook(req, NULL, 0, req->body_ctx);
}

static void run_end(struct task *task)
{
    seed_req *req = (seed_req *)(void *)((char *)task
        - offsetof(struct seed_req, body_task));

    req->end_queued = false;
    if (!req->body_paused)
        tell_end(req);
    seed__req_unpin(req);
}

/* Not from inside the call that asked for it. */
static void tell_end_soon(seed_req *req)
{
    if (req->end_queued)
        return;

    req->end_queued = true;
    seed__req_pin(req);
    req->body_task.run = run_end;
    req->flow->port->ops->soon(req->flow->port, &req->body_task);
}

seed_step seed_on_body(seed_req *req, size_t limit, seed_body_hook *hook,
    void *ctx)
{
    if (!req->sink || req->settled || req->finished)
        return SEED_STOP;
    if (req->body_mode != BODY_UNASKED || req->body_seen)
        return seed_fail(&req->res, 500, "the body was read already");
    if (!hook)
        return seed_fail(&req->res, 500, "nothing takes the body");

    req->body_limit = limit_of(req, limit);
    if (!req->body_ended && too_large(req))
        return seed_fail_with(&req->res, &large);

    req->body_mode = BODY_STREAM;
    req->body_hook = hook;
    req->body_ctx = ctx;
    seed__wait_ours(req);
    if (req->body_ended)
        tell_end_soon(req);
    else
        ask(req);
    return SEED_WAIT;
}

void seed_body_pause(seed_req *req)
{
    bool wanted = seed__flow_wants_body(req);

    req->body_paused = true;
    if (wanted)
        want(req, false);
}

void seed_body_resume(seed_req *req)
{
    req->body_paused = false;
    if (req->body_ended && req->body_hook)
        tell_end_soon(req);
    if (seed__flow_wants_body(req))
        want(req, true);
}

static void hand_on(seed_req *req, const char *bytes, size_t length)
{
    if (req->body_seen > req->body_limit)
        fail_reading(req, &large);
    else if (req->body_hook)
        req->body_hook(req, bytes, length, req->body_ctx);
}

/* --- from the wire -------------------------------------------------------- */

bool seed__flow_body_open(const seed_req *req)
{
    return req->body_mode != BODY_UNASKED && !req->body_ended
        && !req->settled && req->stage != STAGE_OVER;
}

bool seed__flow_wants_body(const seed_req *req)
{
    return seed__flow_body_open(req) && !req->body_paused;
}

void seed__flow_body_ahead(seed_req *req, uint64_t left)
{
    if (req->body_mode != BODY_UNASKED && req->body_seen <= req->body_limit
        && left > req->body_limit - req->body_seen)
        fail_reading(req, &large);
}

void seed__flow_body(seed_req *req, const char *bytes, size_t length)
{
    req->body_seen += length;
    if (req->body_mode == BODY_WHOLE)
        collect(req, bytes, length);
    else if (req->body_mode == BODY_STREAM)
        hand_on(req, bytes, length);
}

void seed__flow_body_end(seed_req *req, const char *trailers, size_t length)
{
    req->body_ended = true;
    if (length)
        req->trailers = seed__arena_copy(&req->arena, trailers, length);
    req->trailers_length = req->trailers ? length : 0;

    if (req->body_mode == BODY_STREAM && !req->body_paused)
        tell_end(req);
    if (req->body_mode != BODY_WHOLE)
        return;
    if (!make_room(req, 0)) {
        fail_reading(req, &no_memory);
        return;
    }
    req->body[req->body_length] = '\0';
    if (seed__wait_take(req))
        seed__wait_over(req, SEED_NEXT);
}

/* "name\0value\0name\0value\0" */
const char *seed_req_trailer(const seed_req *req, const char *name)
{
    const char *at = req->trailers;
    const char *end = at ? at + req->trailers_length : NULL;

    while (at && at < end) {
        const char *value = at + strlen(at) + 1;

        if (seed__str_alike(seed__str(at), seed__str(name)))
            return value;
        at = value + strlen(value) + 1;
    }
    return NULL;
}
