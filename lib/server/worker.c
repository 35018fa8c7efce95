/* SPDX-License-Identifier: MIT */
/* Workers: a loop and a flow each. How they begin, what reaches them from
 * other threads, and in which order their things end. */
#include "server/server.h"

#include <seed/error.h>

#include <assert.h>
#include <stddef.h>

static struct mailbox *box_of(seed_worker *worker)
{
    return seed__loop_port(worker->loop)->box;
}

/* Anybody's tasks, until the worker has stopped: what was let in then was
 * run, so that nobody waits for ever for what he posted. */
bool seed__worker_post(seed_worker *worker, struct task *task)
{
    bool posted = false;

    pthread_mutex_lock(&worker->gate);
    if (!worker->stopped)
        posted = seed__mailbox_post(box_of(worker), task);
    pthread_mutex_unlock(&worker->gate);
    return posted;
}

static void close_gate(seed_worker *worker)
{
    pthread_mutex_lock(&worker->gate);
    worker->stopped = true;
    pthread_mutex_unlock(&worker->gate);

    seed__mailbox_run(box_of(worker));
}

void seed__worker_begin(seed_worker *worker)
{
    if (worker->served)
        return;

    worker->served = true;
    seed__worker_enter(worker);
    seed__flow_emit(&worker->flow, SEED_ON_LISTEN, 0);
}

static void count_out(seed_server *server)
{
    pthread_mutex_lock(&server->lock);
    if (server->running && !--server->running && server->embedded) {
        server->state = SERVER_STOPPED;
        pthread_cond_broadcast(&server->changed);
    }
    pthread_mutex_unlock(&server->lock);
}

/* Nothing of the application's runs here any more but hooks. */
static void quiet_down(seed_worker *worker)
{
    if (worker->stopped)
        return;

    seed__timers_end(worker);
    close_gate(worker);
    seed__injected_end(worker);
}

/* With the connections gone, what still lives has sent its answer and waits
 * for something: it ends here, so that no event follows the last one. */
static void tell_end(seed_worker *worker)
{
    while (worker->flow.live)
        seed__flow_peer(worker->flow.live, SEED_GONE);
    if (!worker->served)
        return;

    worker->served = false;
    seed__flow_emit(&worker->flow, SEED_ON_STOP, 0);
    seed__worker_leave(worker);
    count_out(worker->server);
}

void seed__worker_end(seed_worker *worker)
{
    quiet_down(worker);
    tell_end(worker);
}

/* The loop has let go of its last connection. On a loop of our own its
 * seed__loop_run() returns now, and the thread goes on from there. */
static void on_loop_done(void *ctx)
{
    seed_worker *worker = ctx;

    if (worker->server->embedded)
        seed__worker_end(worker);
}

static seed_worker *worker_of_stop(struct task *task)
{
    return (seed_worker *)(void *)((char *)task -
        offsetof(struct seed_worker, stop_task));
}

static void run_stop(struct task *task)
{
    seed_worker *worker = worker_of_stop(task);

    atomic_store(&worker->stop_posted, false);
    if (worker->stopped)
        return;

    seed__worker_begin(worker); /* stopped before its first turn */
    if (!worker->flow.stopping) {
        worker->flow.stopping = true;
        seed__flow_emit(&worker->flow, SEED_ON_STOPPING, 0);
    }
    seed__loop_stop(worker->loop, atomic_load(&worker->server->grace),
        on_loop_done, worker);
}

/* Any thread. The task is part of the worker: stopping needs no memory. */
void seed__worker_ask_to_stop(seed_worker *worker)
{
    if (atomic_exchange(&worker->stop_posted, true))
        return;
    if (!seed__worker_post(worker, &worker->stop_task))
        atomic_store(&worker->stop_posted, false);
}

/* On the application's loop, on whose thread alone it is known who runs it. */
static void run_start(struct task *task)
{
    seed_worker *worker = (seed_worker *)(void *)((char *)task -
        offsetof(struct seed_worker, start_task));

    if (!worker->stopped)
        seed__worker_begin(worker);
}

static int open_worker(seed_server *server, seed_worker *worker)
{
    const struct seed_options *options = &server->plan.options;
    char why[256] = "";
    int err = seed__loop_new(&worker->loop, options->base, options->evhttp,
        why, sizeof why);

    if (err)
        return seed__server_fail(server, err, "The server cannot run: %s.",
            *why ? why : seed_strerror(err));

    err = seed__flow_init(&worker->flow, &server->plan,
        seed__loop_port(worker->loop), worker);
    if (!err && pthread_mutex_init(&worker->gate, NULL))
        err = SEED_ENOMEM;
    if (err) {
        seed__flow_clear(&worker->flow);
        seed__loop_free(worker->loop);
        worker->loop = NULL;
        return seed__server_fail(server, err, "The server cannot run: %s.",
            seed_strerror(err));
    }
    worker->stop_task.run = run_stop;
    worker->start_task.run = run_start;
    seed__loop_count_in(worker->loop, server->census);
    seed__loop_serve(worker->loop, &worker->flow);
    return 0;
}

static bool throttle(seed_server *server)
{
    size_t rate = server->plan.options.max_rate_per_address;

    return rate == SEED_UNLIMITED
        || seed__census_throttle(server->census, rate);
}

static int allocate_workers(seed_server *server)
{
    const struct seed_options *options = &server->plan.options;
    unsigned count = options->workers;

    assert(!server->worker_count);
    server->workers = seed__alloc_zeroed(count * sizeof *server->workers);
    server->census = seed__census_new(options->max_connections,
        options->max_per_address);
    if (!server->workers || !server->census || !throttle(server)) {
        seed__workers_free(server);
        return seed__server_fail(server, SEED_ENOMEM,
            "The server cannot run: %s.", seed_strerror(SEED_ENOMEM));
    }

    for (unsigned i = 0; i < count; i++) {
        server->workers[i].server = server;
        server->workers[i].index = i;
    }
    server->worker_count = count;
    return 0;
}

int seed__workers_make(seed_server *server, unsigned count)
{
    int err = server->workers ? 0 : allocate_workers(server);

    for (unsigned i = 0; i < count && !err; i++) {
        if (!server->workers[i].loop)
            err = open_worker(server, &server->workers[i]);
    }
    return err;
}

/* What was not stopped is cut off: connections first, so that their requests
 * end before the worker's last event. */
static void free_worker(seed_worker *worker)
{
    bool outside = !seed__worker_here(worker->server);

    if (outside)
        seed__worker_enter(worker);
    quiet_down(worker);
    seed__loop_close(worker->loop);
    tell_end(worker);
    seed__flow_clear(&worker->flow);
    seed__loop_free(worker->loop);
    seed__worker_leave(worker);

    seed__timers_free(worker);
    seed__turns_free(worker);
    seed__slots_clear(&worker->slots);
    pthread_mutex_destroy(&worker->gate);
}

void seed__workers_free(seed_server *server)
{
    for (unsigned i = 0; i < server->worker_count; i++) {
        if (server->workers[i].loop)
            free_worker(&server->workers[i]);
    }
    seed__census_free(server->census);
    seed__release(server->workers);
    server->census = NULL;
    server->workers = NULL;
    server->worker_count = 0;
}
