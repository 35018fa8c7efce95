/* SPDX-License-Identifier: MIT */
/* HTTPS for the seed server, and its reload: kill -HUP. */
#include "shared.h"

#include <event2/event.h>
#include <signal.h>

static struct event *hangup;

static void reload(evutil_socket_t number, short what, void *server)
{
    (void)number;
    (void)what;
    seed_tls_reload(server); /* says itself why it could not */
}

static void catch_hangup(const struct seed_event *event, void *server)
{
    if (seed_worker_index(event->worker))
        return;

    hangup = evsignal_new(seed_worker_base(event->worker), SIGHUP, reload,
        server);
    event_add(hangup, NULL);
}

static void leave_hangup(const struct seed_event *event, void *ctx)
{
    (void)ctx;
    if (!seed_worker_index(event->worker))
        event_free(hangup);
}

void reload_on_hangup(seed_server *server)
{
    seed_on(server, SEED_ON_LISTEN, catch_hangup, server);
    seed_on(server, SEED_ON_STOP, leave_hangup, NULL);
}

int listen_by_files(seed_server *server, const char *host, int port,
    const char *cert, const char *key)
{
    return seed_listen_tls(server, host, port,
        &(struct seed_tls_options){.cert = cert, .key = key});
}

int listen_selfsigned(seed_server *server, const char *host, int port)
{
    char *cert, *key;
    int error = seed_tls_selfsigned("localhost 127.0.0.1 ::1", &cert, &key);

    if (error)
        return seed_setup_fail(server, error, "A certificate cannot be made: "
            "%s.", seed_strerror(error));

    error = listen_by_files(server, host, port, cert, key);
    seed_release(cert);
    seed_release(key);
    return error;
}
