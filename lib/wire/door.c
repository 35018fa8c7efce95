/* SPDX-License-Identifier: MIT */
/* Listeners. evhttp accepts on them; what is ours is when they rest, and the
 * kernel's backlog holds who comes: while there are as many connections as may
 * be, and when accept fails. An evhttp out of descriptors would take a whole
 * core and write megabytes of log a second; here that is said once a second,
 * tried again ten times a second, and who has waited for a second is told by
 * the reserve. */
#include "wire/conn.h"
#include "wire/reserve.h"

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
    struct evconnlistener *listener; /* NULL when it is closed */
    struct evhttp_bound_socket *bound;
    bool full;        /* enough of its connections greet */

    /* Which listener has accepted a connection, evhttp does not tell. One with
     * its own movers has an evhttp of its own, whose connections are known by
     * that; NULL: it is the loop's. */
    struct evhttp *evhttp;
    struct entrance entrance;
};

enum cause { CAUSE_FULL, CAUSE_ERROR, CAUSES };

/* evhttp takes the listener's argument for itself, so that the error callback
 * is told an evhttp and must find the loop. Locked, for each worker has one;
 * looked at when accept has failed, and not on a connection's way. */
static struct {
    pthread_mutex_t lock;
    struct ring loops;
    uint64_t complained[CAUSES];
} known = { PTHREAD_MUTEX_INITIALIZER, { &known.loops, &known.loops }, { 0 } };

/* Loops on one base are on one thread, this one. */
static bool has_door(struct loop *loop, const struct event_base *base,
    const struct evhttp *evhttp)
{
    if (loop->evhttp == evhttp)
        return true;
    if (loop->base != base)
        return false;

    for (struct ring *at = loop->doors.next; at != &loop->doors; at = at->next)
        if (RING_OWNER(at, struct door, ring)->evhttp == evhttp)
            return true;
    return false;
}

static struct loop *find_loop(struct evconnlistener *listener,
    const struct evhttp *evhttp)
{
    const struct event_base *base = evconnlistener_get_base(listener);
    struct loop *found = NULL;

    pthread_mutex_lock(&known.lock);
    for (struct ring *at = known.loops.next; at != &known.loops && !found;
         at = at->next) {
        struct loop *loop = RING_OWNER(at, struct loop, known);

        if (has_door(loop, base, evhttp))
            found = loop;
    }
    pthread_mutex_unlock(&known.lock);
    return found;
}

/* One line a second, whichever worker comes first: the turn of another may
 * have begun later than this one's. */
static bool may_complain(const struct loop *loop, enum cause cause)
{
    bool may;

    pthread_mutex_lock(&known.lock);
    may = !known.complained[cause]
        || loop->now >= known.complained[cause] + SECOND;
    if (may)
        known.complained[cause] = loop->now;
    pthread_mutex_unlock(&known.lock);
    return may;
}

/* --- rest ----------------------------------------------------------------- */

static void enable(struct evhttp_bound_socket *bound, void *ctx)
{
    bool *all = ctx;

    if (evconnlistener_enable(evhttp_bound_socket_get_listener(bound)))
        *all = false;
}

static void disable(struct evhttp_bound_socket *bound, void *ctx)
{
    (void)ctx;
    evconnlistener_disable(evhttp_bound_socket_get_listener(bound));
}

/* Of the loop's evhttp, also those that the application has opened, and of
 * doors with their own, but for those that rest for a reason of theirs. */
static void each_listener(struct loop *loop,
    void (*each)(struct evhttp_bound_socket *bound, void *ctx), void *ctx)
{
    evhttp_foreach_bound_socket(loop->evhttp, each, ctx);
    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);

        if (door->evhttp && !door->full)
            evhttp_foreach_bound_socket(door->evhttp, each, ctx);
    }
}

static void begin_rest(struct loop *loop)
{
    loop->resting = true;
    each_listener(loop, disable, NULL);
    event_add(&loop->retry, &rest);
}

void seed__doors_try(struct loop *loop)
{
    bool all = true;

    if (!loop->resting || loop->stopping || loop->closing)
        return;
    seed__reserve_mind(&loop->reserve);
    if (seed__census_full(loop->census)) {
        event_add(&loop->retry, &rest); /* others may have closed some */
        return;
    }
    each_listener(loop, enable, &all);
    if (!all) { /* the kernel watches no more now; those that it does, wait */
        event_add(&loop->retry, &rest);
        return;
    }
    loop->resting = false;
    event_del(&loop->retry);
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    loop_enter(loop);
    seed__doors_try(loop);
}

void seed__doors_count(struct loop *loop)
{
    loop->starved = 0;
    if (!seed__census_full(loop->census) || loop->resting || loop->stopping)
        return;

    begin_rest(loop);
    seed__flow_limit(loop->flow, SEED_LIMIT_CONNECTIONS, 0, NULL);
    if (may_complain(loop, CAUSE_FULL))
        seed__warn(loop->flow->plan, "%zu connections are open, as many as may"
            " be (max_connections); others wait",
            seed__census_most(loop->census));
}

static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    int error = errno;
    struct loop *loop = find_loop(listener, ctx);

    if (!loop)
        return;

    loop_enter(loop);
    if (!loop->starved)
        loop->starved = loop->now;
    else if ((error == EMFILE || error == ENFILE)
        && loop->now - loop->starved >= SECOND)
        seed__reserve_refuse(&loop->reserve, evconnlistener_get_fd(listener),
            ctx == loop->evhttp);
    begin_rest(loop);
    if (!loop->flow)
        return;

    seed__flow_limit(loop->flow, SEED_LIMIT_ACCEPT, 0, NULL);
    if (may_complain(loop, CAUSE_ERROR))
        seed__warn(loop->flow->plan, "connections cannot be accepted: %s;"
            " trying again ten times a second", strerror(error));
}

/* --- opening and closing -------------------------------------------------- */

static void mind(struct evhttp_bound_socket *bound, void *ctx)
{
    (void)ctx;
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound),
        on_accept_error);
}

void seed__doors_mind(struct loop *loop)
{
    evhttp_foreach_bound_socket(loop->evhttp, mind, NULL);
}

void seed__doors_open(struct loop *loop)
{
    event_assign(&loop->retry, loop->base, -1, 0, on_retry, loop);
    loop->reserve = seed__reserve_open();
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
    if (loop->stopping)
        return;

    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);
        bool full = seed__greet_full(loop, door->entrance.maker);

        if (full == door->full)
            continue;
        door->full = full;
        if (!door->listener || loop->resting)
            continue;
        if (full)
            evconnlistener_disable(door->listener);
        else if (evconnlistener_enable(door->listener))
            begin_rest(loop); /* and is tried again */
    }
}

void seed__doors_rouse(struct loop *loop)
{
    bool all = true;

    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);

        if (door->full)
            evconnlistener_enable(door->listener);
        door->full = false;
    }
    if (loop->resting)
        each_listener(loop, enable, &all);
    loop->resting = false;
}

bool seed__doors_admit(struct loop *loop)
{
    bool any = false;

    for (struct ring *at = loop->doors.next; at != &loop->doors;
         at = at->next) {
        struct door *door = RING_OWNER(at, struct door, ring);
        struct pollfd waiting = { .fd = -1, .events = POLLIN };

        if (door->listener && !door->full && !loop->resting)
            waiting.fd = evconnlistener_get_fd(door->listener);
        if (poll(&waiting, 1, 0) <= 0)
            continue;
        event_base_active_by_fd(loop->base, waiting.fd, EV_READ);
        any = true;
    }
    return any;
}

/* An evhttp of a door's own has connections still. */
void seed__doors_close(struct loop *loop)
{
    while (!ring_empty(&loop->doors)) {
        struct door *door = RING_OWNER(loop->doors.next, struct door, ring);

        ring_remove(&door->ring);
        ring_add(&loop->closed_doors, &door->ring);
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
    while (!ring_empty(&loop->closed_doors)) {
        struct ring *first = loop->closed_doors.next;

        ring_remove(first);
        door_free(RING_OWNER(first, struct door, ring));
    }
}

void seed__doors_forget(struct loop *loop)
{
    pthread_mutex_lock(&known.lock);
    ring_remove(&loop->known);
    pthread_mutex_unlock(&known.lock);
    if (loop->reserve >= 0)
        close(loop->reserve);
    loop->reserve = -1;
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
    door->bound = seed__accept_bind(evhttp_of(door), door->listener);
    if (!door->bound) {
        door_free(door);
        return SEED_ENOMEM;
    }
    evconnlistener_set_error_cb(door->listener, on_accept_error);
    ring_add(&loop->doors, &door->ring);
    if (maker && (!loop->least_patience
            || maker->patience < loop->least_patience))
        loop->least_patience = maker->patience;
    return 0;
}
