/* SPDX-License-Identifier: MIT */
/* Starting, for seed_run() and seed_start(); seed_start() on the application's
 * loop; seed_stop() for both. */
#include "server/server.h"
#include "server/watchers.h"

#include <seed/error.h>

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

int seed__server_start(seed_server *server, bool embedded)
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

int seed_start(seed_server *server)
{
    struct port *port;
    int err = seed__server_start(server, true);

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
