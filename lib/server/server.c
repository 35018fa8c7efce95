/* SPDX-License-Identifier: MIT */
/* The public object: made from options, freed, and its first error. */
#include "server/server.h"
#include "server/watchers.h"

#include <seed/error.h>
#include <seed/version.h>

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies what this version knows. False when the caller's structure is a newer
 * one and uses what only the newer version knows. */
static bool copy_options(struct seed_options *out,
    const struct seed_options *options, size_t size)
{
    const char *bytes = (const char *)options;

    memset(out, 0, sizeof *out);
    if (!options)
        return true;

    memcpy(out, options, size < sizeof *out ? size : sizeof *out);
    for (size_t i = sizeof *out; i < size; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

/* What cannot work together. Returns the clause, or NULL. */
static const char *find_conflict(const struct seed_options *options)
{
    if (options->evhttp && !options->base)
        return "options.evhttp needs its event loop as well: set options.base";
    if (options->evhttp && options->workers > 1)
        return "the application's own evhttp has one event loop, so "
               "options.workers must be 1";
    if (options->base && options->workers > 1)
        return "the application's own event loop is one, so options.workers "
               "must be 1: leave options.base out, and libseed makes a loop "
               "for each worker";
    return NULL;
}

static bool init_locks(seed_server *server)
{
    if (pthread_mutex_init(&server->lock, NULL))
        return false;
    if (pthread_cond_init(&server->changed, NULL))
        goto fail_lock;
    if (pthread_mutex_init(&server->reloads, NULL))
        goto fail_changed;
    if (seed__pool_init(&server->pool))
        goto fail_reloads;
    return true;

fail_reloads:
    pthread_mutex_destroy(&server->reloads);
fail_changed:
    pthread_cond_destroy(&server->changed);
fail_lock:
    pthread_mutex_destroy(&server->lock);
    return false;
}

static void destroy_locks(seed_server *server)
{
    pthread_mutex_destroy(&server->reloads);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
}

static int init_plan(seed_server *server, const struct seed_options *options)
{
    const char *why = find_conflict(options);
    int err;

    if (why)
        return seed__server_fail(server, SEED_EUNSUPPORTED,
            "The server cannot be made: %s.", why);

    err = seed__plan_init(&server->plan, options, server, &why);
    if (err == SEED_EINVAL)
        return seed__server_fail(server, err,
            "The server cannot be made: %s.", why);
    if (!err && options->evhttp)
        err = seed__plan_foreign(&server->plan);
    if (!err)
        err = seed__watchers_begin(server);
    return err;
}

seed_server *seed_server_new_sized(const struct seed_options *options,
    size_t size)
{
    seed_server *server = seed__alloc_zeroed(sizeof *server);
    struct seed_options known;

    if (!server)
        return NULL;
    if (!init_locks(server)) {
        seed__release(server);
        return NULL;
    }

    server->last_door = &server->doors;
    server->signals = -1;
    atomic_init(&server->grace, UINT_MAX);
    if (!copy_options(&known, options, size))
        seed__server_fail(server, SEED_EUNSUPPORTED, "The server cannot be "
            "made: its options hold a field that libseed %s does not know; "
            "link a newer one.", seed_version());
    server->embedded = known.base != NULL;
    if (server->error || init_plan(server, &known) != SEED_ENOMEM)
        return server;

    seed_server_free(server);
    return NULL;
}

/* A server that another thread runs ends first; then nobody else has it. */
static void await_end(seed_server *server)
{
    if (server->embedded || seed__server_state(server) != SERVER_RUNS)
        return;

    seed_stop(server, 0);
    pthread_mutex_lock(&server->lock);
    while (server->state == SERVER_RUNS)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

bool seed_server_embedded(const seed_server *server)
{
    return server && server->embedded;
}

void seed_server_free(seed_server *server)
{
    struct seed_watchers watchers;

    if (!server)
        return;
    if (!server->embedded && seed__worker_here(server)) {
        seed__warn(&server->plan, "seed_server_free() was called by a handler "
            "of the server itself, and does nothing: call seed_stop(), and "
            "free the server when seed_run() has returned");
        return;
    }

    await_end(server);
    seed__signals_stop(server);
    seed__pool_stop(&server->pool);
    seed__watchers_close(server);
    seed__workers_free(server);
    seed__pool_clear(&server->pool);
    seed__server_slots_clear(server);
    seed__listeners_close(server);
    seed__plan_clear(&server->plan);
    destroy_locks(server);
    watchers = server->watchers;
    seed__release(server);
    seed__watchers_free(&watchers);
}

static int keep_error(seed_server *server, int error, const char *format,
    va_list arguments)
{
    if (server->error)
        return server->error;

    vsnprintf(server->sentence, sizeof server->sentence, format, arguments);
    return server->error = error;
}

int seed__server_fail(seed_server *server, int error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    error = keep_error(server, error, format, arguments);
    va_end(arguments);
    return error;
}

int seed_setup_fail(seed_server *server, int error, const char *format, ...)
{
    va_list arguments;

    if (!server)
        return SEED_ENOMEM;
    if (seed__server_state(server) != SERVER_SETUP)
        return SEED_ESTATE;

    va_start(arguments, format);
    error = keep_error(server, error ? error : SEED_EINVAL, format, arguments);
    va_end(arguments);
    return error;
}

const char *seed_server_error(const seed_server *server)
{
    if (!server)
        return seed_strerror(SEED_ENOMEM);
    return server->error ? server->sentence : NULL;
}

enum server_state seed__server_state(const seed_server *server)
{
    seed_server *locked = (seed_server *)(uintptr_t)server;
    enum server_state state;

    pthread_mutex_lock(&locked->lock);
    state = locked->state;
    pthread_mutex_unlock(&locked->lock);
    return state;
}

enum server_state seed__server_claim(seed_server *server)
{
    enum server_state found;

    pthread_mutex_lock(&server->lock);
    while (server->state == SERVER_BUSY)
        pthread_cond_wait(&server->changed, &server->lock);
    found = server->state;
    if (found == SERVER_SETUP)
        server->state = SERVER_BUSY;
    pthread_mutex_unlock(&server->lock);
    return found;
}

void seed__server_become(seed_server *server, enum server_state state)
{
    pthread_mutex_lock(&server->lock);
    server->state = state;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

int seed_server_port(const seed_server *server)
{
    return server ? server->port : 0;
}

const char *seed_server_url(const seed_server *server)
{
    return server ? server->url : "";
}
