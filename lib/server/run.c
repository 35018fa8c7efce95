/* SPDX-License-Identifier: MIT */
/* Running: seed_run() on loops of our own, one thread each, worker 0 on the
 * caller's; seed_start() on the application's loop; seed_stop() for both. */
#include "server/server.h"
#include "server/watchers.h"

#include <seed/error.h>

#include <limits.h>
#include <string.h>

static int refuse_kind(seed_server *server, bool embedded)
{
    if (embedded)
        return seed__server_fail(server, SEED_ESTATE, "seed_start() is for a "
            "server on the application's own loop: set options.base, or call "
            "seed_run().");
    return seed__server_fail(server, SEED_ESTATE, "seed_run() is not for a "
        "server on the application's own loop: call seed_start(), and run "
        "that loop.");
}

/* The thread has the server: returns 0, or why it cannot run. */
static int may_run(seed_server *server, bool embedded)
{
    if (server->error)
        return server->error;
    if (server->embedded != embedded)
        return refuse_kind(server, embedded);
    if (!server->doors && !server->plan.options.evhttp)
        return seed__server_fail(server, SEED_ESTATE, "There is nothing to "
            "serve: call seed_listen() before %s.",
            embedded ? "seed_start()" : "seed_run()");
    return 0;
}

static void ask_all_to_stop(seed_server *server)
{
    for (unsigned i = 0; i < server->worker_count; i++)
        seed__worker_ask_to_stop(&server->workers[i]);
}

/* From here on other threads may reach the workers. */
static void publish(seed_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->state = SERVER_RUNS;
    server->running = server->worker_count;
    pthread_cond_broadcast(&server->changed);
    if (atomic_load(&server->stopping))
        ask_all_to_stop(server);
    pthread_mutex_unlock(&server->lock);
}

static int prepare(seed_server *server, bool embedded)
{
    int err;

    if (!server)
        return SEED_ENOMEM;
    if (seed__worker_here(server) ||
        seed__server_claim(server) != SERVER_SETUP)
        return SEED_ESTATE;

    err = may_run(server, embedded);
    if (!err)
        err = seed__watchers_open(server);
    if (!err) {
        server->plan.frozen = true;
        err = seed__workers_make(server, server->plan.options.workers);
    }
    if (!err)
        err = seed__listeners_open(server);
    if (!err)
        err = seed__signals_start(server);
    if (err)
        seed__server_become(server, SERVER_SETUP);
    else
        publish(server);
    return err;
}

static void serve(seed_worker *worker)
{
    seed__worker_begin(worker);
    worker->result = seed__loop_run(worker->loop);
    if (worker->result)
        seed_stop(worker->server, 0); /* no worker goes on without another */
    seed__worker_end(worker);
}

static void *serve_on_thread(void *ctx)
{
    serve(ctx);
    return NULL;
}

/* Signals are for the application's own threads. */
static int start_threads(seed_server *server)
{
    sigset_t before;
    int number = 0;

    seed__thread_block_signals(&before);
    for (unsigned i = 1; i < server->worker_count && !number; i++) {
        seed_worker *worker = &server->workers[i];

        number = pthread_create(&worker->thread, NULL, serve_on_thread,
            worker);
        worker->threaded = !number;
    }
    seed__thread_restore_signals(&before);
    return number;
}

static void join_threads(seed_server *server)
{
    for (unsigned i = 1; i < server->worker_count; i++) {
        if (server->workers[i].threaded)
            pthread_join(server->workers[i].thread, NULL);
        server->workers[i].threaded = false;
    }
}

/* Who stops with a grace of 0 wants all to be cut; else somebody has lost his
 * answer. */
static void judge_end(seed_server *server)
{
    bool hurried = server->signals_seen > 1;
    unsigned grace = atomic_load(&server->grace), cut = 0;

    for (unsigned i = 0; i < server->worker_count; i++)
        cut += seed__loop_cut(server->workers[i].loop);
    if (!cut || (!grace && !hurried))
        return;
    if (hurried)
        seed__server_fail(server, SEED_ECUT, "Requests cut off: %u. A second "
            "signal came before they had their answers.", cut);
    else
        seed__server_fail(server, SEED_ECUT, "Requests cut off: %u. They had "
            "no answer %u ms after the server was told to stop.", cut, grace);
}

/* The first worker's loop that failed fails the server. */
static void judge_results(seed_server *server)
{
    for (unsigned i = 0; i < server->worker_count; i++) {
        int result = server->workers[i].result;

        if (result)
            seed__server_fail(server, result, "Worker %u has stopped: %s.", i,
                seed_strerror(result));
    }
}

int seed_run(seed_server *server)
{
    int err, number;

    seed__watchers_ask(server);
    err = prepare(server, false);
    if (err)
        return err;

    number = start_threads(server);
    if (number)
        seed_stop(server, 0);
    serve(&server->workers[0]);
    join_threads(server);
    seed__signals_stop(server);

    if (number)
        seed__server_fail(server, SEED_ESYSTEM, "A worker's thread cannot be "
            "started: %s.", strerror(number));
    judge_results(server);
    judge_end(server);
    err = server->error;
    seed__server_become(server, SERVER_STOPPED);
    return err;
}

int seed_start(seed_server *server)
{
    struct port *port;
    int err = prepare(server, true);

    if (err)
        return err;

    port = seed__loop_port(server->workers[0].loop);
    port->ops->soon(port, &server->workers[0].start_task);
    return 0;
}

static void shorten(atomic_uint *grace, unsigned wanted)
{
    unsigned now = atomic_load(grace);

    while (wanted < now && !atomic_compare_exchange_weak(grace, &now, wanted))
        ;
}

void seed_stop(seed_server *server, unsigned grace)
{
    if (!server)
        return;

    shorten(&server->grace, grace);
    pthread_mutex_lock(&server->lock);
    atomic_store(&server->stopping, true);
    if (server->state == SERVER_RUNS)
        ask_all_to_stop(server);
    pthread_mutex_unlock(&server->lock);
}

bool seed_stopping(const seed_server *server)
{
    return server && atomic_load(&server->stopping);
}
