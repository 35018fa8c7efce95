/* SPDX-License-Identifier: MIT */
/* Listeners. evhttp accepts on them; what is ours is that a failing accept
 * does not become a busy loop (an evhttp out of descriptors takes a whole core
 * and writes megabytes of log a second): the listener rests for a moment, and
 * says so once a second. */
#include "wire/inside.h"

#include "base/clock.h"
#include "base/mem.h"
#include "flow/req.h"

#include <seed/error.h>

#include <event2/http.h>
#include <event2/listener.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static const struct timeval rest = { 0, 100000 };
enum { SECOND = 1000000000 };

struct door {
    struct ring ring; /* in loop->doors */
    struct evconnlistener *listener;
    struct evhttp_bound_socket *bound;
    bool resting;
};

/* evhttp takes the listener's argument for itself, so that the error callback
 * is told an evhttp and must find the loop. Locked, for each worker has one;
 * looked at when accept has failed, and not on a connection's way. */
static struct {
    pthread_mutex_t lock;
    struct ring loops;
} known = { PTHREAD_MUTEX_INITIALIZER, { &known.loops, &known.loops } };

static struct loop *find_loop(const struct evhttp *evhttp)
{
    struct loop *found = NULL;

    pthread_mutex_lock(&known.lock);
    for (struct ring *at = known.loops.next; at != &known.loops; at = at->next)
        if (RING_OWNER(at, struct loop, known)->evhttp == evhttp)
            found = RING_OWNER(at, struct loop, known);
    pthread_mutex_unlock(&known.lock);
    return found;
}

static void complain(struct loop *loop, int error)
{
    if (loop->complained && loop->now - loop->complained < SECOND)
        return;

    loop->complained = loop->now;
    if (loop->flow)
        seed__warn(loop->flow->plan, "connections cannot be accepted: %s;"
            " trying again ten times a second", strerror(error));
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    loop_enter(loop);
    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);

        if (door->resting)
            evconnlistener_enable(door->listener);
        door->resting = false;
    }
}

static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    int error = errno;
    struct loop *loop = find_loop(ctx);

    if (!loop)
        return;

    loop_enter(loop);
    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);

        if (door->listener == listener)
            door->resting = !evconnlistener_disable(listener);
    }
    event_add(&loop->retry, &rest);
    complain(loop, error);
}

void seed__doors_open(struct loop *loop)
{
    event_assign(&loop->retry, loop->base, -1, 0, on_retry, loop);
    pthread_mutex_lock(&known.lock);
    ring_add(&known.loops, &loop->known);
    pthread_mutex_unlock(&known.lock);
}

bool seed__doors_admit(struct loop *loop)
{
    bool any = false;

    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);
        int fd = evconnlistener_get_fd(door->listener);
        struct pollfd waiting = { .fd = fd, .events = POLLIN };

        if (door->resting || poll(&waiting, 1, 0) <= 0)
            continue;
        event_base_active_by_fd(loop->base, fd, EV_READ);
        any = true;
    }
    return any;
}

void seed__doors_close(struct loop *loop)
{
    while (!ring_empty(&loop->doors)) {
        struct door *door = RING_OWNER(loop->doors.next, struct door, ring);

        ring_remove(&door->ring);
        evhttp_del_accept_socket(loop->evhttp, door->bound);
        seed__release(door);
    }
    if (event_initialized(&loop->retry))
        event_del(&loop->retry);
}

void seed__doors_forget(struct loop *loop)
{
    pthread_mutex_lock(&known.lock);
    ring_remove(&loop->known);
    pthread_mutex_unlock(&known.lock);
}

int seed__loop_listen(struct loop *loop, int fd)
{
    struct door *door = seed__alloc_zeroed(sizeof *door);

    if (!door) {
        close(fd);
        return SEED_ENOMEM;
    }
    door->listener = evconnlistener_new(loop->base, NULL, NULL,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (!door->listener) {
        close(fd);
        seed__release(door);
        return SEED_ENOMEM;
    }
    door->bound = evhttp_bind_listener(loop->evhttp, door->listener);
    if (!door->bound) {
        evconnlistener_free(door->listener);
        seed__release(door);
        return SEED_ENOMEM;
    }
    evconnlistener_set_error_cb(door->listener, on_accept_error);
    ring_add(&loop->doors, &door->ring);
    return 0;
}
