/* SPDX-License-Identifier: MIT */
/* seed_inject(): a request goes the whole way, but for the socket.
 *
 * The pump is to an injection what events are to a connection: it gives the
 * body while that is wanted, and tells the flow when the answer is flushed. It
 * runs on the worker's thread: right behind the head, and by the mailbox when
 * something changed in between. */
#include "server/inject.h"

#include "server/reply.h"

#include <seed/error.h>

#include <string.h>

static void drop(struct injected *injected)
{
    bool last;

    pthread_mutex_lock(&injected->lock);
    last = !--injected->holders;
    pthread_mutex_unlock(&injected->lock);
    if (!last)
        return;

    pthread_cond_destroy(&injected->changed);
    pthread_mutex_destroy(&injected->lock);
    seed__release(injected->bytes);
    seed__release(injected->fields);
    seed__release(injected->out);
    seed__release(injected);
}

static void hold(struct injected *injected)
{
    pthread_mutex_lock(&injected->lock);
    injected->holders++;
    pthread_mutex_unlock(&injected->lock);
}

static void tell_done(struct injected *injected)
{
    pthread_mutex_lock(&injected->lock);
    injected->done = true;
    pthread_cond_broadcast(&injected->changed);
    pthread_mutex_unlock(&injected->lock);
}

/* The sink's end: the flow has no more to say, or nothing is left to hear. */
static void finish(struct injected *injected)
{
    seed_req *req = injected->sink.req;
    bool whole = injected->ended && injected->how != SINK_ABORT;

    injected->over = true;
    *injected->link = injected->next;
    if (injected->next)
        injected->next->link = injected->link;

    if (req && whole)
        seed__flow_flushed(req, injected->out_length);
    else if (req)
        seed__flow_peer(req, SEED_GONE);
    tell_done(injected);
    drop(injected);
}

/* Gives one piece of the body. False when nothing more is to be given now. */
static bool give_piece(struct injected *injected)
{
    seed_req *req = injected->sink.req;
    const char *end = injected->bytes + injected->length, *data;
    size_t length;

    if (!req || injected->given || !seed__flow_wants_body(req))
        return false;

    switch (seed__frame_next(&injected->frame, &injected->at, end, &data,
        &length)) {
    case FRAME_DATA:
        seed__flow_body(req, data, length);
        return true;
    case FRAME_END:
        injected->given = true;
        seed__flow_body_end(req, injected->trailers,
            injected->frame.trailer_length);
        return true;
    case FRAME_MORE: /* nobody will send more */
    case FRAME_BAD:
        break;
    }
    injected->given = true;
    seed__flow_refuse(&injected->worker->flow, &injected->sink, req, 400,
        "the body is malformed or cut");
    return true;
}

static void pump(struct injected *injected)
{
    if (injected->over)
        return;

    injected->pumping = true;
    while (!injected->ended && give_piece(injected))
        ;
    injected->pumping = false;
    if (injected->ended)
        finish(injected);
}

static void run_pump(struct task *task)
{
    struct injected *injected = (struct injected *)(void *)((char *)task -
        offsetof(struct injected, pump));

    atomic_store(&injected->pump_posted, false);
    pump(injected);
    drop(injected);
}

void seed__inject_pump_soon(struct injected *injected)
{
    struct mailbox *box;

    if (injected->pumping || atomic_exchange(&injected->pump_posted, true))
        return;

    hold(injected);
    box = seed__loop_port(injected->worker->loop)->box;
    if (!seed__mailbox_post(box, &injected->pump))
        drop(injected);
}

/* Judges the head as a connection does. Returns 0, or a status to refuse it
 * with and *why. */
static int judge(struct injected *injected, struct head *head,
    const char **why)
{
    const struct plan *plan = &injected->worker->server->plan;
    enum head_verdict verdict;
    struct str method;

    seed__head_begin(head, injected->fields, (uint16_t)plan->limits.fields);
    verdict = seed__head_check(head, injected->bytes, injected->length,
        &plan->limits);
    *why = seed__head_sentence(verdict);
    if (verdict == HEAD_MORE)
        return 400;
    if (verdict != HEAD_OK)
        return seed__head_status(verdict);

    method = (struct str){ injected->bytes + head->method,
        head->method_length };
    if (seed__method_known(method) ||
        seed__router_has_method(plan->router, method))
        return 0;
    *why = seed__head_sentence(HEAD_UNKNOWN_METHOD);
    return seed__head_status(HEAD_UNKNOWN_METHOD);
}

/* On the worker's thread: the worker holds it from here on. */
static void start(struct injected *injected)
{
    seed_worker *worker = injected->worker;
    struct head head;
    const char *why;
    int status;

    hold(injected);
    injected->next = worker->injected;
    injected->link = &worker->injected;
    if (injected->next)
        injected->next->link = &injected->next;
    worker->injected = injected;

    injected->pumping = true;
    status = judge(injected, &head, &why);
    if (status) {
        seed__flow_refuse(&worker->flow, &injected->sink, NULL, status, why);
    } else {
        injected->at = injected->bytes + head.size;
        seed__frame_begin(&injected->frame, &head);
        injected->frame.trailers = injected->trailers;
        seed__flow_begin(&worker->flow, &injected->sink, &head,
            injected->bytes);
    }
    pump(injected);
}

static void run_start(struct task *task)
{
    struct injected *injected = (struct injected *)(void *)((char *)task -
        offsetof(struct injected, start));

    if (injected->worker->stopped)
        tell_done(injected);
    else
        start(injected);
    drop(injected);
}

/* A worker that stops answers no more. */
void seed__injected_end(seed_worker *worker)
{
    while (worker->injected) {
        worker->injected->cut = true;
        finish(worker->injected);
    }
}

static struct injected *injected_new(seed_worker *worker,
    const struct seed_injection *injection)
{
    static const struct seed_injection plain;
    struct injected *injected = seed__alloc_zeroed(sizeof *injected);

    if (!injected)
        return NULL;
    if (pthread_mutex_init(&injected->lock, NULL)) {
        seed__release(injected);
        return NULL;
    }
    if (pthread_cond_init(&injected->changed, NULL)) {
        pthread_mutex_destroy(&injected->lock);
        seed__release(injected);
        return NULL;
    }

    injected->holders = 1;
    injected->worker = worker;
    injected->sink.ops = &seed__memory_sink;
    injected->start.run = run_start;
    injected->pump.run = run_pump;
    injected->bytes = seed__inject_message(injection ? injection : &plain,
        &injected->length);
    injected->fields = seed__alloc(worker->server->plan.limits.fields *
        sizeof *injected->fields);
    if (injected->bytes && injected->fields)
        return injected;

    drop(injected);
    return NULL;
}

/* Takes the caller's hold away, and the answer with it. */
static seed_reply *take_reply(struct injected *injected)
{
    seed_reply *reply = NULL;

    if (injected->out && injected->ended && !injected->cut &&
        !injected->failed)
        reply = seed__reply_new(injected->out, injected->out_length);
    drop(injected);
    return reply;
}

/* On the worker's own thread: the answer comes now, or never. */
static void answer_now(struct injected *injected)
{
    start(injected);
    if (injected->over)
        return;

    injected->cut = true;
    finish(injected);
}

static void answer_by_turns(struct injected *injected)
{
    seed_worker *worker = injected->worker;

    seed__worker_enter(worker);
    start(injected);
    while (!injected->over && !seed__loop_turn(worker->loop))
        ;
    if (!injected->over) {
        injected->cut = true;
        finish(injected);
    }
    seed__worker_leave(worker);
}

static void answer_elsewhere(struct injected *injected)
{
    hold(injected);
    if (!seed__worker_post(injected->worker, &injected->start)) {
        drop(injected);
        return;
    }

    pthread_mutex_lock(&injected->lock);
    while (!injected->done)
        pthread_cond_wait(&injected->changed, &injected->lock);
    pthread_mutex_unlock(&injected->lock);
}

/* On a server that does not run, which this thread has claimed. */
static seed_reply *inject_by_turns(seed_server *server,
    const struct seed_injection *injection)
{
    struct injected *injected;

    if (server->error || seed__workers_make(server, 1))
        return NULL;
    injected = injected_new(&server->workers[0], injection);
    if (!injected)
        return NULL;

    answer_by_turns(injected);
    return take_reply(injected);
}

seed_reply *seed_inject(seed_server *server,
    const struct seed_injection *injection)
{
    seed_worker *here = seed__worker_here(server);
    enum server_state state;
    struct injected *injected;

    if (!server)
        return NULL;

    state = here ? SERVER_RUNS : seed__server_claim(server);
    if (state == SERVER_SETUP) {
        seed_reply *reply = inject_by_turns(server, injection);

        seed__server_become(server, SERVER_SETUP);
        return reply;
    }
    if (state != SERVER_RUNS)
        return NULL;

    injected = injected_new(here ? here : &server->workers[0], injection);
    if (!injected)
        return NULL;
    if (here)
        answer_now(injected);
    else
        answer_elsewhere(injected);
    return take_reply(injected);
}
