/* SPDX-License-Identifier: MIT */
/* Turns, posts and timers of a worker, and what can be asked of it. */
#include "server/server.h"

#include <seed/error.h>
#include <seed/trace.h>

#include <stddef.h>

/* --- the next turn: on the worker's thread, in a list of its worker ------- */

struct turn {
    struct task task; /* first: a turn is its task */
    struct turn *next, **link;
    seed_worker *worker;
    seed_task *run;
    void *ctx;
};

/* Turns are kept for the next ones: answers that take one are common. */
enum { SPARE_TURNS = 512 };

static struct turn *take_turn(seed_worker *worker)
{
    struct turn *turn = worker->spare_turns;

    if (!turn)
        return seed__alloc(sizeof *turn);

    worker->spare_turns = turn->next;
    worker->spare_turn_count--;
    return turn;
}

static void give_turn(seed_worker *worker, struct turn *turn)
{
    if (worker->spare_turn_count == SPARE_TURNS) {
        seed__release(turn);
        return;
    }
    turn->next = worker->spare_turns;
    worker->spare_turns = turn;
    worker->spare_turn_count++;
}

static void run_turn(struct task *task)
{
    struct turn *turn = (struct turn *)task;
    seed_task *run = turn->run;
    void *ctx = turn->ctx;

    *turn->link = turn->next;
    if (turn->next)
        turn->next->link = turn->link;
    give_turn(turn->worker, turn);
    run(ctx);
}

int seed_next_turn(seed_worker *worker, seed_task *task, void *ctx)
{
    struct turn *turn = take_turn(worker);
    struct port *port = seed__loop_port(worker->loop);

    if (!turn)
        return SEED_ENOMEM;

    *turn = (struct turn){ .task.run = run_turn, .next = worker->turns,
        .link = &worker->turns, .worker = worker, .run = task, .ctx = ctx };
    if (turn->next)
        turn->next->link = &turn->next;
    worker->turns = turn;
    port->ops->defer(port, &turn->task);
    return 0;
}

static void free_list(struct turn *turn)
{
    while (turn) {
        struct turn *next = turn->next;

        seed__release(turn);
        turn = next;
    }
}

/* After its loop: no turn comes any more. */
void seed__turns_free(seed_worker *worker)
{
    free_list(worker->turns);
    free_list(worker->spare_turns);
    worker->turns = worker->spare_turns = NULL;
    worker->spare_turn_count = 0;
}

/* --- posts: from any thread ----------------------------------------------- */

struct post {
    struct task task; /* first: a post is its task */
    seed_task *run;
    void *ctx;
};

static void run_post(struct task *task)
{
    struct post *post = (struct post *)task;
    seed_task *run = post->run;
    void *ctx = post->ctx;

    seed__release(post);
    run(ctx);
}

int seed_worker_post(seed_worker *worker, seed_task *task, void *ctx)
{
    struct post *post = seed__alloc(sizeof *post);

    if (!post)
        return SEED_ENOMEM;

    *post = (struct post){ .task.run = run_post, .run = task, .ctx = ctx };
    if (seed__worker_post(worker, &post->task))
        return 0;

    seed__release(post);
    return SEED_ESTATE;
}

struct visit {
    struct task task; /* first: a visit is its task */
    seed_worker *worker;
    void (*each)(seed_worker *worker, void *ctx);
    void *ctx;
    struct visit *next;
};

static void run_visit(struct task *task)
{
    struct visit visit = *(struct visit *)task;

    seed__release(task);
    visit.each(visit.worker, visit.ctx);
}

/* All are made before the first is posted: all workers are visited, or none
 * for want of memory. */
static struct visit *make_visits(seed_server *server,
    void (*each)(seed_worker *worker, void *ctx), void *ctx)
{
    struct visit *first = NULL;

    for (unsigned i = server->worker_count; i-- > 0;) {
        struct visit *visit = seed__alloc(sizeof *visit);

        if (!visit)
            goto fail;
        *visit = (struct visit){ .task.run = run_visit,
            .worker = &server->workers[i], .each = each, .ctx = ctx,
            .next = first };
        first = visit;
    }
    return first;

fail:
    while (first) {
        struct visit *visit = first;

        first = visit->next;
        seed__release(visit);
    }
    return NULL;
}

int seed_each_worker(seed_server *server,
    void (*each)(seed_worker *worker, void *ctx), void *ctx)
{
    struct visit *visit, *next;
    int err = SEED_ESTATE;

    if (!server)
        return SEED_ENOMEM;
    if (seed__server_state(server) != SERVER_RUNS)
        return SEED_ESTATE;

    visit = make_visits(server, each, ctx);
    if (!visit)
        return SEED_ENOMEM;

    for (; visit; visit = next) {
        next = visit->next;
        if (seed__worker_post(visit->worker, &visit->task))
            err = 0;
        else
            seed__release(visit); /* this one has stopped already */
    }
    return err;
}

/* --- timers: on the worker's thread --------------------------------------- */

struct seed_timer {
    seed_worker *worker;
    struct port_timer *timer; /* NULL once its worker has ended */
    seed_timer *next, **link;
    seed_task *task;
    void *ctx;
};

/* The task may stop its own timer: nothing is touched after it. */
static void fire(void *ctx)
{
    seed_timer *timer = ctx;

    timer->task(timer->ctx);
}

seed_timer *seed_timer_start(seed_worker *worker, unsigned milliseconds,
    bool repeat, seed_task *task, void *ctx)
{
    seed_timer *timer = seed__alloc(sizeof *timer);
    struct port *port = seed__loop_port(worker->loop);

    if (!timer)
        return NULL;

    *timer = (seed_timer){ .worker = worker, .next = worker->timers,
        .link = &worker->timers, .task = task, .ctx = ctx };
    timer->timer = port->ops->timer_start(port, milliseconds, repeat, fire,
        timer);
    if (!timer->timer) {
        seed__release(timer);
        return NULL;
    }

    if (timer->next)
        timer->next->link = &timer->next;
    worker->timers = timer;
    return timer;
}

static void end_timer(seed_timer *timer)
{
    struct port *port;

    if (!timer->timer)
        return;

    port = seed__loop_port(timer->worker->loop);
    port->ops->timer_stop(port, timer->timer);
    timer->timer = NULL;
}

void seed_timer_stop(seed_timer *timer)
{
    if (!timer)
        return;

    end_timer(timer);
    *timer->link = timer->next;
    if (timer->next)
        timer->next->link = timer->link;
    seed__release(timer);
}

/* Their owners may still stop them, until the server is freed. */
void seed__timers_end(seed_worker *worker)
{
    for (seed_timer *timer = worker->timers; timer; timer = timer->next)
        end_timer(timer);
}

void seed__timers_free(seed_worker *worker)
{
    while (worker->timers) {
        seed_timer *timer = worker->timers;

        worker->timers = timer->next;
        seed__release(timer);
    }
}

/* --- what a worker is ----------------------------------------------------- */

unsigned seed_worker_index(const seed_worker *worker)
{
    return worker->index;
}

seed_server *seed_worker_server(const seed_worker *worker)
{
    return worker->server;
}

struct event_base *seed_worker_base(const seed_worker *worker)
{
    return seed__loop_base(worker->loop);
}

int seed_worker_set(seed_worker *worker, const void *key, void *value)
{
    return seed__slots_set(&worker->slots, NULL, key, value) ? 0 : SEED_ENOMEM;
}

void *seed_worker_slot(const seed_worker *worker, const void *key)
{
    return seed__slots_get(worker->slots, key);
}

struct seed_worker_counts seed_worker_counts(const seed_worker *worker)
{
    struct seed_worker_counts counts = {
        .received = seed__loop_received(worker->loop),
        .backlog = seed__loop_backlog(worker->loop) };

    for (unsigned on = 0; on < SEED_ON_COUNT; on++) {
        counts.events[on] = seed__flow_events(&worker->flow, on);
        counts.hooks[on] = seed__hooks_count(&worker->flow.hooks, on);
    }
    for (unsigned limit = 0; limit < SEED_LIMITS; limit++)
        counts.limits[limit] = seed__flow_limits(&worker->flow, limit);
    return counts;
}

struct seed_loop_state seed_worker_state(const seed_worker *worker)
{
    return seed__loop_state(worker->loop);
}
