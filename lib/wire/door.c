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
#include <string.h>
#include <unistd.h>

static const struct timeval rest = { 0, 100000 };
enum { SECOND = 1000000000 };

struct door {
    struct ring ring; /* in loop->doors */
    struct evconnlistener *listener; /* NULL when it is closed */
    struct evhttp_bound_socket *bound;
    bool resting;
    bool full;        /* enough of its connections greet */

    /* Which listener has accepted a connection, evhttp does not tell. One with
     * its own movers has an evhttp of its own, whose connections are known by
     * that; NULL: it is the loop's. */
    struct evhttp *evhttp;
    struct entrance entrance;
};

/* evhttp takes the listener's argument for itself, so that the error callback
 * is told an evhttp and must find the door. Locked, for each worker has one;
 * looked at when accept has failed, and not on a connection's way. */
static struct {
    pthread_mutex_t lock;
    struct ring loops;
} known = { PTHREAD_MUTEX_INITIALIZER, { &known.loops, &known.loops } };

static struct door *find_here(struct loop *loop,
    const struct evconnlistener *listener)
{
    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);

        if (door->listener == listener)
            return door;
    }
    return NULL;
}

/* Loops on one base are on one thread, this one. */
static struct door *find_door(struct evconnlistener *listener)
{
    struct event_base *base = evconnlistener_get_base(listener);
    struct door *found = NULL;

    pthread_mutex_lock(&known.lock);
    for (struct ring *at = known.loops.next; at != &known.loops && !found;
         at = at->next) {
        struct loop *loop = RING_OWNER(at, struct loop, known);

        if (loop->base == base)
            found = find_here(loop, listener);
    }
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

        if (door->resting && !door->full && door->listener)
            evconnlistener_enable(door->listener);
        door->resting = false;
    }
}

static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    int error = errno;
    struct door *door = find_door(listener);
    struct loop *loop;

    (void)ctx;
    if (!door)
        return;

    loop = door->entrance.loop;
    loop_enter(loop);
    door->resting = !evconnlistener_disable(listener);
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

static struct evhttp *evhttp_of(const struct door *door)
{
    return door->evhttp ? door->evhttp : door->entrance.loop->evhttp;
}

void seed__doors_mind_greetings(struct loop *loop)
{
    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);
        bool full = seed__greet_full(loop, door->entrance.maker);

        if (full == door->full)
            continue;
        door->full = full;
        if (!door->listener || door->resting)
            continue;
        if (full)
            evconnlistener_disable(door->listener);
        else
            evconnlistener_enable(door->listener);
    }
}

void seed__doors_close(struct loop *loop)
{
    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);

        if (door->listener)
            evhttp_del_accept_socket(evhttp_of(door), door->bound);
        door->listener = NULL;
    }
    if (event_initialized(&loop->retry))
        event_del(&loop->retry);
}

static void door_free(struct door *door)
{
    if (door->evhttp)
        evhttp_free(door->evhttp);
    seed__release(door);
}

void seed__doors_free(struct loop *loop)
{
    while (!ring_empty(&loop->doors)) {
        struct door *door = RING_OWNER(loop->doors.next, struct door, ring);

        ring_remove(&door->ring);
        door_free(door);
    }
}

void seed__doors_forget(struct loop *loop)
{
    pthread_mutex_lock(&known.lock);
    ring_remove(&loop->known);
    pthread_mutex_unlock(&known.lock);
}

static struct door *door_new(struct loop *loop,
    const struct mover_maker *maker)
{
    struct door *door = seed__alloc_zeroed(sizeof *door);

    if (!door)
        return NULL;

    ring_init(&door->ring);
    door->entrance = (struct entrance){ loop, maker };
    if (!maker)
        return door;

    door->evhttp = evhttp_new(loop->base);
    if (!door->evhttp) {
        seed__release(door);
        return NULL;
    }
    seed__accept_at(door->evhttp, &door->entrance);
    return door;
}

int seed__loop_listen(struct loop *loop, int fd,
    const struct mover_maker *maker)
{
    struct door *door = door_new(loop, maker);

    if (!door) {
        close(fd);
        return SEED_ENOMEM;
    }
    door->listener = evconnlistener_new(loop->base, NULL, NULL,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (!door->listener) {
        close(fd);
        door_free(door);
        return SEED_ENOMEM;
    }
    door->bound = evhttp_bind_listener(evhttp_of(door), door->listener);
    if (!door->bound) {
        evconnlistener_free(door->listener);
        door_free(door);
        return SEED_ENOMEM;
    }
    evconnlistener_set_error_cb(door->listener, on_accept_error);
    ring_add(&loop->doors, &door->ring);
    return 0;
}
