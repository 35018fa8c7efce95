/* SPDX-License-Identifier: MIT */
/* The admin listener's life. It is a server like any other, run by a thread
 * of its own from the first SEED_ON_LISTEN of the server that it tells of to
 * the last SEED_ON_STOP, and freed with that server: its handlers may ask of
 * it what any thread may, at all times.
 *
 * What a server asks of a listener that it may have is in admin_reach.c, so
 * that a program without one does not carry this. */
#include "watch/admin.h"

#include <seed/async.h>
#include <seed/error.h>
#include <seed/hook.h>
#include <seed/route.h>
#include <seed/server.h>

#include <signal.h>
#include <string.h>

static char *copy_string(const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = seed_resize(NULL, size);

    return copy ? memcpy(copy, string, size) : NULL;
}

/* --- running -------------------------------------------------------------- */

static void *run(void *ctx)
{
    seed_admin *admin = ctx;

    if (seed_run(admin->server))
        seed_warn(admin->watched, "The admin listener has stopped: %s",
            seed_server_error(admin->server));
    return NULL;
}

/* Signals are for the application's own threads. */
static void start_thread(seed_admin *admin)
{
    sigset_t all, before;
    int number;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    number = pthread_create(&admin->thread, NULL, run, admin);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    admin->has_thread = !number;
    if (number)
        seed_warn(admin->watched, "The admin listener has no thread: %s.",
            strerror(number));
}

static void on_listen(const seed_event *event, void *ctx)
{
    seed_admin *admin = ctx;
    bool first;

    pthread_mutex_lock(&admin->lock);
    admin->workers[seed_worker_index(event->worker)] = event->worker;
    admin->serving++;
    first = !admin->started;
    admin->started = true;
    pthread_mutex_unlock(&admin->lock);

    if (!first)
        return;
    if (seed_admin_listen(admin))
        seed_warn(admin->watched, "There is no admin listener: %s",
            seed_server_error(admin->server));
    else
        start_thread(admin);
}

/* Behind the last worker nobody waits for the thread; who frees the server
 * does, before the workers are freed. */
static void on_stop(const seed_event *event, void *ctx)
{
    seed_admin *admin = ctx;
    bool last;

    pthread_mutex_lock(&admin->lock);
    admin->workers[seed_worker_index(event->worker)] = NULL;
    last = !--admin->serving;
    pthread_mutex_unlock(&admin->lock);

    if (last)
        seed_stop(admin->server, 0);
}

/* --- setting up ----------------------------------------------------------- */

static void release(void *value)
{
    seed_admin *admin = value;

    seed__admin_end(admin);
    seed_server_free(admin->server);
    pthread_mutex_destroy(&admin->lock);
    seed_release(admin->guard.token);
    seed_release(admin->address);
    seed_release(admin);
}

/* What the second server has to say is for those who hear the first. */
static void pass_on(const char *line, void *ctx)
{
    seed_warn(ctx, "admin: %s", line);
}

static seed_admin *make(seed_server *server,
    const struct seed_admin_options *options)
{
    seed_admin *admin = seed_resize(NULL, sizeof *admin);

    if (!admin)
        return NULL;
    memset(admin, 0, sizeof *admin);
    if (pthread_mutex_init(&admin->lock, NULL)) {
        seed_release(admin);
        return NULL;
    }

    admin->watched = server;
    admin->begun = seed_now();
    admin->address = copy_string(options->address);
    admin->guard.token = options->token ? copy_string(options->token) : NULL;
    admin->server = seed_server_new(&(struct seed_options){
        .no_signals = true, .no_environment = true, .warn = pass_on,
        .warn_ctx = server });
    if (!admin->address || !admin->server
        || (options->token && !admin->guard.token)) {
        release(admin);
        return NULL;
    }
    return admin;
}

/* Returns 0 or the server's error. */
static int check(seed_server *server, const struct seed_admin_options *options)
{
    struct admin_address address;

    if (seed_server_error(server))
        return seed_setup_fail(server, SEED_EINVAL, "%s", "");
    if (seed_server_admin(server))
        return seed_setup_fail(server, SEED_EDUP,
            "A server has one admin listener, and this one has it already.");
    if (!seed__admin_parse(&address, options->address))
        return seed_setup_fail(server, SEED_EINVAL, "The admin listener "
            "cannot be at \"%s\": say \"unix:/path\", \"localhost:9000\" or "
            "\"9000\".", options->address);
    if (options->token && !seed__admin_token_is_valid(options->token))
        return seed_setup_fail(server, SEED_EINVAL, "The token of the admin "
            "listener is empty, or has characters that no client can send.");
    if (!options->token && !seed__admin_is_local(&address))
        return seed_setup_fail(server, SEED_EINVAL, "The admin listener at "
            "\"%s\" could be reached by anybody: give it a token, or use a "
            "Unix socket or localhost.", options->address);
    return 0;
}

static int attach(seed_admin *admin)
{
    seed_server *server = admin->watched;
    int err = seed_on(server, SEED_ON_LISTEN, on_listen, admin);

    if (!err)
        err = seed_on(server, SEED_ON_STOP, on_stop, admin);
    if (!err)
        err = seed_server_set(server, &seed__admin_key, admin, release);
    return err;
}

seed_admin *seed_admin_add_sized(seed_server *server,
    const struct seed_admin_options *options, size_t size)
{
    struct seed_admin_options known = { 0 };
    struct admin_address address;
    seed_admin *admin;

    if (!server)
        return NULL;
    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);
    if (!known.address)
        known.address = "";
    if (check(server, &known))
        return NULL;

    admin = make(server, &known);
    if (!admin) {
        seed_setup_fail(server, SEED_ENOMEM, "The admin listener: %s.",
            seed_strerror(SEED_ENOMEM));
        return NULL;
    }
    seed__admin_parse(&address, admin->address);
    admin->guard.by_host = !admin->guard.token && !address.path;
    seed_pre(admin->server, seed__admin_guard, &admin->guard);
    seed__admin_pages(admin);
    if (seed_server_error(admin->server) || attach(admin)) {
        seed_off(server, SEED_ON_LISTEN, on_listen, admin);
        seed_off(server, SEED_ON_STOP, on_stop, admin);
        release(admin);
        seed_setup_fail(server, SEED_ENOMEM, "The admin listener: %s.",
            seed_strerror(SEED_ENOMEM));
        return NULL;
    }
    return admin;
}
