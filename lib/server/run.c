/* SPDX-License-Identifier: MIT */
/* Running: seed_run() on loops of our own, one thread each, worker 0 on the
 * caller's. It asks the environment, and that brings the clinic along: apart
 * from start.c, so that a program with a loop of its own has neither. */
#include "server/server.h"
#include "server/watchers.h"

#include <seed/error.h>

#include <string.h>

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
    err = seed__server_start(server, false);
    if (err) {
        seed__watchers_drop(server);
        return err;
    }

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
    /* From then on another thread may free the server. */
    seed__watchers_done(server);
    seed__server_become(server, SERVER_STOPPED);
    return err;
}
