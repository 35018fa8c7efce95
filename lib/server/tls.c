/* SPDX-License-Identifier: MIT */
/* TLS listeners: what they are told at setup, and their reload. */
#include "server/server.h"

#include <seed/error.h>
#include <seed/tls.h>
#include <seed/version.h>

#include <string.h>
#include <unistd.h>

/* Copies what this version knows of a structure of the caller's. Returns 0, or
 * SEED_EUNSUPPORTED for a newer one that uses what only the newer one has. */
static int copy_known(void *out, size_t known, const void *given, size_t size)
{
    const char *bytes = given;

    memset(out, 0, known);
    if (!given)
        return 0;

    memcpy(out, given, size < known ? size : known);
    for (size_t i = known; i < size; i++) {
        if (bytes[i])
            return SEED_EUNSUPPORTED;
    }
    return 0;
}

static int refuse_newer(seed_server *server, const char *call)
{
    return seed__server_fail(server, SEED_EUNSUPPORTED, "%s has a field that "
        "libseed %s does not know; link a newer one.", call, seed_version());
}

/* Paths that evhttp answers, by writing to the socket itself. Returns 0, or
 * the error that is kept. */
static int refuse_lent(seed_server *server)
{
    const seed_route *route = server->plan.routes;

    while (route && !route->lent)
        route = route->next;
    if (route)
        return seed__server_fail(server, SEED_EUNSUPPORTED, "%s is served by "
            "evhttp (seed_mount_evhttp()), which cannot speak TLS: give it a "
            "server of its own without seed_listen_tls().", route->pattern);
    if (server->plan.foreign)
        return seed__server_fail(server, SEED_EUNSUPPORTED, "The application's "
            "own evhttp (options.evhttp) cannot speak TLS: leave it out, or "
            "use seed_listen().");
    return 0;
}

/* Returns 0, or the server's error. */
static int make_tls(seed_server *server, struct tls **out,
    const struct seed_tls_options *options, size_t size)
{
    struct seed_tls_options known;
    char why[TLS_WHY];
    int err = seed__may_listen(server);

    if (err)
        return err;
    if (copy_known(&known, sizeof known, options, size))
        return refuse_newer(server, "seed_listen_tls()");
    if ((err = refuse_lent(server)))
        return err;

    err = seed__tls_new(out, &known, why);
    return err ? seed__server_fail(server, err, "%s.", why) : 0;
}

int seed_listen_tls_sized(seed_server *server, const char *host, int port,
    const struct seed_tls_options *options, size_t size)
{
    struct tls *tls = NULL;
    int err = make_tls(server, &tls, options, size);

    return err ? err : seed__listeners_add(server, host, port, tls);
}

int seed_listen_tls_fd_sized(seed_server *server, int fd,
    const struct seed_tls_options *options, size_t size)
{
    struct tls *tls = NULL;
    int err = make_tls(server, &tls, options, size);

    if (!err)
        return seed__listeners_add_fd(server, fd, tls);
    if (fd >= 0)
        close(fd);
    return err;
}

/* The newest of the server's listeners that speak TLS. */
static struct tls *last_tls(const seed_server *server)
{
    struct tls *last = NULL;

    for (struct door *door = server->doors; door; door = door->next)
        last = door->tls ? door->tls : last;
    return last;
}

int seed_tls_add_host_sized(seed_server *server,
    const struct seed_tls_host *host, size_t size)
{
    struct seed_tls_host known;
    char why[TLS_WHY];
    struct tls *tls;
    int err = seed__may_listen(server);

    if (err)
        return err;
    if (copy_known(&known, sizeof known, host, size))
        return refuse_newer(server, "seed_tls_add_host()");

    tls = last_tls(server);
    if (!tls)
        return seed__server_fail(server, SEED_ESTATE, "seed_tls_add_host() "
            "adds to a TLS listener, and there is none: call "
            "seed_listen_tls() first.");

    err = seed__tls_add(tls, &known, why);
    return err ? seed__server_fail(server, err, "%s.", why) : 0;
}

/* Either all listeners change, or none does. */
static int prepare_all(seed_server *server, char why[TLS_WHY])
{
    int err = SEED_ESTATE;

    for (struct door *door = server->doors; door; door = door->next) {
        if (!door->tls)
            continue;
        err = seed__tls_prepare(door->tls, why);
        if (err)
            return err;
    }
    return err;
}

static void conclude_all(seed_server *server,
    void (*conclude)(struct tls *tls))
{
    for (struct door *door = server->doors; door; door = door->next) {
        if (door->tls)
            conclude(door->tls);
    }
}

int seed_tls_reload(seed_server *server)
{
    char why[TLS_WHY] = "no listener speaks TLS";
    int err;

    if (!server)
        return SEED_ENOMEM;

    pthread_mutex_lock(&server->reloads);
    err = prepare_all(server, why);
    conclude_all(server, err ? seed__tls_abandon : seed__tls_commit);
    pthread_mutex_unlock(&server->reloads);

    if (err)
        seed__warn(&server->plan, "TLS is not reloaded, and goes on with the "
            "certificates that it has: %s", why);
    return err;
}
