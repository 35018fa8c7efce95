/* SPDX-License-Identifier: MIT */
/* A server that can be replaced by its next version under load, by SIGHUP.
 *
 *     make examples/restart
 *     build/examples/restart 3000 &
 *     kill -HUP $!
 *     curl localhost:3000
 *
 * tells another process number than before, and nobody was sent away. Started
 * by systemd's socket activation it listens on what it is given: see
 * examples/deploy/systemd.
 */
#include <seed.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { GRACE = 30000 };

static seed_step tell_pid(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200,
        seed_req_printf(req, "%ld\n", (long)getpid()));
}

/* --- restarting ----------------------------------------------------------- */

struct app {
    seed_server *server;
    char **arguments;
    atomic_bool over; /* seed_run() has returned                             */
};

/* The same command line again: its program may be a newer one by now. */
static bool replace(struct app *app)
{
    long pid = seed_hand_over(app->server,
        &(struct seed_hand_over){ .arguments = app->arguments });

    if (pid < 0) {
        seed_warn(app->server, "there is no successor: %s",
            seed_strerror((int)pid));
        return false;
    }
    seed_stop(app->server, GRACE);
    return true;
}

/* SIGHUP waits here for a thread that has time: seed_hand_over() returns when
 * the successor serves, and this process serves meanwhile. */
static void *await_hangup(void *ctx)
{
    struct app *app = ctx;
    sigset_t hangup;
    int number;

    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    do
        sigwait(&hangup, &number);
    while (!atomic_load(&app->over) && !replace(app));
    return NULL;
}

/* In this thread, and so in those that it starts. */
static void block_hangup(void)
{
    sigset_t hangup;

    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &hangup, NULL);
}

static int run(struct app *app)
{
    pthread_t thread;
    int error;

    if (pthread_create(&thread, NULL, await_hangup, app))
        return seed_setup_fail(app->server, SEED_ESYSTEM,
            "Nobody can wait for SIGHUP: there is no thread.");

    error = seed_run(app->server);
    atomic_store(&app->over, true);
    pthread_kill(thread, SIGHUP);
    pthread_join(thread, NULL);
    return error;
}

/* --- the server ----------------------------------------------------------- */

static void listen_somewhere(seed_server *server, int port)
{
    /* Sockets from systemd, or from the process before this one. */
    if (!seed_listen_activated(server, NULL))
        seed_listen(server, "localhost", port);
    seed_announce(server);
}

int main(int argc, char **argv)
{
    struct app app = { .arguments = argv };
    int error;

    block_hangup();
    app.server = seed_server_new(&(struct seed_options){
        .workers = argc > 2 ? (unsigned)atoi(argv[2]) : 1,
        .grace = GRACE,
    });
    seed_get(app.server, "/", tell_pid, NULL);
    seed_health_add(app.server, NULL, NULL);
    listen_somewhere(app.server, argc > 1 ? atoi(argv[1]) : 3000);
    printf("%ld serves on %s\n", (long)getpid(),
        seed_server_url(app.server));
    fflush(stdout);

    error = run(&app);
    if (error)
        fprintf(stderr, "restart: %s\n", seed_server_error(app.server));
    seed_server_free(app.server);
    return error ? 1 : 0;
}
