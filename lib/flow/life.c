/* SPDX-License-Identifier: MIT */
/* Birth and end of a request.
 *
 * It is over for its handlers when its chains have ended or it was settled; it
 * is over for its sink when the answer was flushed or the client is gone. When
 * both hold, `after` runs, once. Its memory is given back then, or, when some
 * handler still waits for a seed_resume(), at that.
 *
 * A request is one block: the struct and the arena's first block. Blocks are
 * kept for the next requests, and so is what the arenas took beyond that, so
 * that a server in its stride allocates nothing. What is kept is used newest
 * first, for its bytes are still in the processor's cache. */
#include "flow/req.h"

#include "flow/format.h"

#include <string.h>

enum {
    FIRST_BLOCK = 4096,
    SPARE_MOST = 512,
    NUMBERS_AT_ONCE = 1024
};

static uint64_t next_number(struct flow *flow)
{
    static _Atomic uint64_t given = 1;

    if (flow->number == flow->number_end) {
        flow->number = atomic_fetch_add(&given, NUMBERS_AT_ONCE);
        flow->number_end = flow->number + NUMBERS_AT_ONCE;
    }
    return flow->number++;
}

static void unlink_req(seed_req *req)
{
    *req->link = req->next;
    if (req->next)
        req->next->link = req->link;
}

static void link_req(seed_req *req, seed_req **list)
{
    req->next = *list;
    req->link = list;
    if (req->next)
        req->next->link = &req->next;
    *list = req;
}

static seed_req *take_req(struct flow *flow)
{
    seed_req *req = flow->spare;

    if (!req)
        return seed__alloc(sizeof *req + FIRST_BLOCK);

    flow->spare = req->next;
    flow->spare_count--;
    return req;
}

/* Keeps the head's text with the request, each part with a NUL behind it: what
 * stood there (a blank, a colon, a CR) was judged and is not needed again. */
static bool keep_head(seed_req *req, const struct head *head,
    const char *bytes)
{
    size_t fields = head->count * sizeof *head->fields;
    struct field *field;

    req->head = *head;
    req->head.fields = seed__arena_alloc(&req->arena, fields + 1);
    req->bytes = seed__arena_copy(&req->arena, bytes, head->size);
    if (!req->head.fields || !req->bytes)
        return false;

    memcpy(req->head.fields, head->fields, fields);
    req->bytes[head->method + head->method_length] = '\0';
    req->bytes[head->target + head->target_length] = '\0';
    for (field = req->head.fields; fields; fields -= sizeof *field, field++) {
        req->bytes[field->name + field->name_length] = '\0';
        req->bytes[field->value + field->value_length] = '\0';
    }
    return seed__target_split(&req->target,
        head_str(req, head->target, head->target_length), &req->arena);
}

seed_req *seed__req_new(struct flow *flow, const struct head *head,
    const char *bytes)
{
    seed_req *req = take_req(flow);

    if (!req)
        return NULL;

    memset(&req->sink, 0, sizeof *req - offsetof(seed_req, sink));
    seed__arena_init(&req->arena, req + 1, FIRST_BLOCK);
    req->arena.store = &flow->store;
    if (!keep_head(req, head, bytes)) {
        seed__arena_clear(&req->arena, req + 1, FIRST_BLOCK);
        seed__release(req);
        return NULL;
    }

    req->flow = flow;
    req->thread = pthread_self();
    req->box = flow->port->box;
    req->number = next_number(flow);
    req->begun = seed__now();
    req->body_ended = !head->chunked && !head->length;
    link_req(req, &flow->live);
    flow->begun++;
    return req;
}

static void run_cleanups(seed_req *req)
{
    while (req->cleanups) {
        struct cleanup *cleanup = req->cleanups;

        req->cleanups = cleanup->next;
        cleanup->run(cleanup->ctx);
    }
}

/* The memory goes back to the worker, or to the heap when the server was freed
 * in the meantime; that may be on another thread. */
void seed__req_release(seed_req *req)
{
    struct flow *flow = req->flow;
    struct mailbox *box = req->box;
    bool orphan = req->orphan;

    run_cleanups(req);
    seed__format_release(req->res.json);
    if (req->body_heap)
        seed__release(req->body);

    if (!orphan)
        unlink_req(req);
    seed__arena_clear(&req->arena, req + 1, FIRST_BLOCK);
    if (orphan) {
        seed__release(req);
        seed__mailbox_drop(box);
        return;
    }
    if (flow->spare_count >= SPARE_MOST) {
        seed__release(req);
        return;
    }
    req->next = flow->spare;
    flow->spare = req;
    flow->spare_count++;
}

static bool is_held(const seed_req *req)
{
    return req->pins || atomic_load(&req->wait) == WAIT_USER;
}

/* Runs `after` when it is time, and gives the memory back when nobody holds
 * the request any more. */
void seed__req_finish(seed_req *req)
{
    struct flow *flow = req->flow;

    if (req->finished || (req->stage != STAGE_OVER && !req->settled))
        return;
    if (!req->flushed && req->peer != SEED_GONE)
        return;

    req->finished = true;
    req->stage = STAGE_OVER;
    flow->finished++;
    seed__emit(flow, SEED_ON_AFTER, req);
    req->sink = NULL;

    if (is_held(req)) {
        unlink_req(req);
        link_req(req, &flow->held);
        return;
    }
    seed__req_release(req);
}

/* Whatever its handlers do from now on, this request is over for them. What
 * waits for us, and not for a seed_resume(), waits no more. */
void seed__req_settle(seed_req *req)
{
    req->settled = true;
    req->then = NULL;
    seed__body_drop(req);
    seed__wait_take(req);
}

void seed__req_pin(seed_req *req)
{
    req->pins++;
}

void seed__req_unpin(seed_req *req)
{
    req->pins--;
    if (req->finished && !is_held(req))
        seed__req_release(req);
}

int seed__flow_init(struct flow *flow, const struct plan *plan,
    struct port *port, seed_worker *worker)
{
    memset(flow, 0, sizeof *flow);
    flow->plan = plan;
    flow->port = port;
    flow->worker = worker;
    return seed__hooks_copy(&flow->hooks, &plan->hooks);
}

/* What some thread still holds is cut loose: its seed_resume() finds the
 * mailbox closed and frees the request by itself, or has found that already
 * and left it here. */
static void cut_loose(struct flow *flow)
{
    while (flow->held) {
        seed_req *req = flow->held;

        unlink_req(req);
        seed__mailbox_hold(req->box);
        req->orphan = true;
        req->arena.store = NULL;
        req->flow = NULL;
        if (atomic_fetch_or(&req->late, LATE_CUT_LOOSE) & LATE_RESUMED)
            seed__req_release(req);
    }
}

void seed__flow_clear(struct flow *flow)
{
    flow->clearing = true;
    while (flow->live)
        seed__flow_peer(flow->live, SEED_GONE);
    cut_loose(flow);

    while (flow->spare) {
        seed_req *req = flow->spare;

        flow->spare = req->next;
        seed__release(req);
    }
    seed__store_clear(&flow->store);
    seed__hooks_clear(&flow->hooks);
}
