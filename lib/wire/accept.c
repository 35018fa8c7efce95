/* SPDX-License-Identifier: MIT */
/* Taking connections over from evhttp.
 *
 * evhttp asks for a bufferevent when it has accepted, before it has made a
 * connection of it. The bufferevent is noted, and the turn's pass, which runs
 * before any byte can be read, looks at it again: by then evhttp has set its
 * callbacks, and their argument is the evhttp_connection. That is the one
 * thing here that libevent does not document; every 2.1 has it so, and a
 * connection of our own proves it when a loop is made. */
#include "wire/conn.h"
#include "wire/rescue.h"

#include <seed/error.h>

#include <event2/http.h>
#include <event2/listener.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* evhttp wants a bufferevent; until this turn's pass libevent has the rescue
 * behind its allocator. */
static struct bufferevent *new_bev(struct loop *loop, struct event_base *base)
{
    loop_enter(loop);
    seed__rescue_open();
    seed__loop_wake(loop);
    return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

static struct conn *accept_conn(struct loop *loop, struct bufferevent *bev,
    const struct mover_maker *maker)
{
    struct conn *conn = bev ? seed__conn_new(loop, bev) : NULL;

    if (!conn)
        return NULL;

    conn->maker = maker;
    seed__doors_count(loop);
    bufferevent_incref(bev);
    ring_add(&loop->fresh, &conn->all);
    return conn;
}

static struct bufferevent *on_accept(struct event_base *base, void *ctx)
{
    struct bufferevent *bev = new_bev(ctx, base);

    /* Without a connection evhttp serves it, and on our own says 503. */
    accept_conn(ctx, bev, NULL);
    return bev;
}

/* No clear text must leave here: without memory for a connection, evhttp gets
 * one that never shows it a byte and soon times out. */
static struct bufferevent *on_accept_at(struct event_base *base, void *ctx)
{
    struct entrance *entrance = ctx;
    struct bufferevent *bev = new_bev(entrance->loop, base);
    struct conn *conn = accept_conn(entrance->loop, bev, entrance->maker);

    if (conn) {
        seed__greet_begin(conn);
    } else if (bev) {
        bufferevent_setwatermark(bev, EV_READ, SIZE_MAX / 2, 0);
        bufferevent_set_timeouts(bev, &(struct timeval){ 1, 0 }, NULL);
    }
    return bev;
}

void seed__accept_at(struct evhttp *evhttp, struct entrance *entrance)
{
    evhttp_set_bevcb(evhttp, on_accept_at, entrance);
}

static void take_over(struct conn *conn)
{
    struct loop *loop = conn->loop;
    struct bufferevent *bev = conn->bev;
    void *evcon = NULL;

    bufferevent_getcb(bev, &loop->evhttp_read, &loop->evhttp_write,
        &loop->evhttp_event, &evcon);
    if (!evcon) { /* evhttp has given it up */
        seed__conn_discard(conn);
        bufferevent_decref(bev);
        return;
    }
    bufferevent_disable(bev, EV_READ | EV_WRITE);
    bufferevent_setcb(bev, NULL, NULL, NULL, NULL);
    bufferevent_decref(bev);
    if (seed__census_enter(loop->census, bufferevent_getfd(bev),
            &conn->origin)) {
        seed__conn_open(conn, evcon);
        return;
    }
    seed__flow_limit(loop->flow, SEED_LIMIT_ADDRESS, 0, NULL);
    seed__conn_discard(conn);
    evhttp_connection_free(evcon);
}

void seed__accept_fresh(struct loop *loop)
{
    seed__rescue_close();
    while (!ring_empty(&loop->fresh)) {
        struct ring *first = loop->fresh.next;

        ring_remove(first);
        take_over(RING_OWNER(first, struct conn, all));
    }
}

/* A request that reaches our evhttp without having been lent: its connection
 * could not be taken over, for want of memory. */
static void on_request(struct evhttp_request *request, void *ctx)
{
    struct loop *loop = ctx;

    if (!seed__lend_serve(loop, request))
        evhttp_send_error(request, HTTP_SERVUNAVAIL, NULL);
}

void seed__accept_start(struct loop *loop)
{
    evhttp_set_bevcb(loop->evhttp, on_accept, loop);
    if (!loop->own_evhttp)
        return;

    /* What is lent was judged by our own limits. */
    evhttp_set_gencb(loop->evhttp, on_request, loop);
    evhttp_set_allowed_methods(loop->evhttp,
        EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT
            | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE
            | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH);
    evhttp_set_max_headers_size(loop->evhttp, -1);
    evhttp_set_max_body_size(loop->evhttp, -1);
    evhttp_set_default_content_type(loop->evhttp, NULL);
}

/* evhttp says nothing when its listener could not be added to the loop, be it
 * for want of memory or by the kernel; to ask once more does. */
struct evhttp_bound_socket *seed__accept_bind(struct evhttp *evhttp,
    struct evconnlistener *listener)
{
    struct evhttp_bound_socket *bound;

    seed__rescue_open();
    bound = evhttp_bind_listener(evhttp, listener);
    seed__rescue_close();
    if (!bound) {
        evconnlistener_free(listener);
        return NULL;
    }
    if (!evconnlistener_enable(listener))
        return bound;

    evhttp_del_accept_socket(evhttp, bound);
    return NULL;
}

void seed__accept_stop(struct loop *loop)
{
    seed__accept_fresh(loop);
    evhttp_set_bevcb(loop->evhttp, NULL, NULL);
}

/* --- the proof ------------------------------------------------------------ */

enum { PROBE_TRIES = 500 };

struct probe {
    struct event_base *base;
    struct evhttp *evhttp;
    struct bufferevent *bev;
    int client;
};

static struct bufferevent *on_probe(struct event_base *base, void *ctx)
{
    struct probe *probe = ctx;

    seed__rescue_open();
    probe->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (probe->bev)
        bufferevent_incref(probe->bev);
    return probe->bev;
}

/* A Unix-domain socket whose name the kernel chooses: a machine may have its
 * loopback down, and serve by descriptors that it was given. */
static bool bind_any(int fd, struct sockaddr_un *address, socklen_t *size)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *size = sizeof *address;
    return !bind(fd, (struct sockaddr *)address, sizeof address->sun_family)
        && !listen(fd, 1)
        && !getsockname(fd, (struct sockaddr *)address, size);
}

static bool listen_for_probe(struct probe *probe, struct sockaddr_un *address,
    socklen_t *size)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct evconnlistener *listener = NULL;

    if (fd >= 0 && bind_any(fd, address, size))
        listener = evconnlistener_new(probe->base, NULL, NULL,
            LEV_OPT_CLOSE_ON_FREE, 0, fd);
    if (listener)
        return seed__accept_bind(probe->evhttp, listener) != NULL;
    if (fd >= 0)
        close(fd);
    return false;
}

/* One connection to a server of its own. */
static int connect_probe(struct probe *probe)
{
    static const struct timespec moment = { 0, 1000000 };
    struct sockaddr_un address;
    socklen_t size;

    probe->client = -1;
    probe->base = event_base_new();
    probe->evhttp = probe->base ? evhttp_new(probe->base) : NULL;
    if (!probe->evhttp)
        return SEED_ENOMEM;

    evhttp_set_bevcb(probe->evhttp, on_probe, probe);
    if (!listen_for_probe(probe, &address, &size))
        return SEED_ESYSTEM;

    probe->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe->client < 0
        || connect(probe->client, (struct sockaddr *)&address, size))
        return SEED_ESYSTEM;

    /* It is there at once, but where libevent could not make it: then nothing
     * comes any more, and waiting for an event would be for ever. */
    for (int tries = 0; tries < PROBE_TRIES && !probe->bev; tries++) {
        event_base_loop(probe->base, EVLOOP_NONBLOCK);
        if (!probe->bev)
            nanosleep(&moment, NULL);
    }
    seed__rescue_close();
    return probe->bev ? 0 : SEED_ESYSTEM;
}

static bool holds(const struct probe *probe)
{
    bufferevent_data_cb read, write;
    bufferevent_event_cb event;
    void *evcon = NULL;

    bufferevent_getcb(probe->bev, &read, &write, &event, &evcon);
    return read && write && event && evcon && evcon != probe->bev
        && evhttp_connection_get_bufferevent(evcon) == probe->bev;
}

int seed__accept_probe(char *why, size_t room)
{
    struct probe probe = { 0 };
    int error = connect_probe(&probe);

    if (error)
        snprintf(why, room, "libevent could not be tested on a connection"
            " to itself: %s", seed_strerror(error));
    else if (!holds(&probe)) {
        error = SEED_ELIBEVENT;
        snprintf(why, room, "libevent %s does not hand connections over as"
            " 2.1.12 does: its bufferevents' argument is not the"
            " evhttp_connection", event_get_version());
    }
    if (probe.bev)
        bufferevent_decref(probe.bev);
    if (probe.evhttp)
        evhttp_free(probe.evhttp);
    if (probe.client >= 0)
        close(probe.client);
    if (probe.base)
        event_base_free(probe.base);
    return error;
}
