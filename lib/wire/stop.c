/* SPDX-License-Identifier: MIT */
/* Stopping with drain: the doors close, idle connections end, requests in
 * flight get their answers, and after the grace what is left is cut.
 *
 * Two things would lose requests, were they done the short way. A listening
 * socket that closes resets whom the kernel has let in and nobody has accepted:
 * they are accepted first, and the doors close behind the last of them, with
 * nothing in between. And a connection that closes unannounced while a request
 * is on its way to it: so an idle one stays for a second, and if a request does
 * come, its answer says Connection: close. */
#include "wire/conn.h"

#include "base/clock.h"

enum {
    SHUT_ROUNDS = 16, /* a crowd must not keep the doors open */
    MILLISECOND = 1000000,
    IDLE_MOST = 1000 * MILLISECOND
};

static const struct timeval idle_first = { 1, 0 }, idle_next = { 0, 100000 };

static void clear_event(struct event *event)
{
    if (event_initialized(event))
        event_del(event);
}

void seed__stop_clear(struct loop *loop)
{
    clear_event(&loop->shut);
    clear_event(&loop->idle);
    clear_event(&loop->grace);
}

/* `done` may be where the host frees what it needs no more, but not the loop
 * itself: libevent is still in it. */
void seed__loop_check_done(struct loop *loop)
{
    void (*done)(void *ctx) = loop->done;

    if (!loop->stopping || loop->finished || loop->conn_count
        || loop->in_turn || !ring_empty(&loop->doors))
        return;

    loop->finished = true;
    seed__stop_clear(loop);
    if (loop->own_base)
        event_base_loopbreak(loop->base);
    if (done)
        done(loop->done_ctx);
}

/* --- the doors ------------------------------------------------------------ */

/* libevent runs what is activated in the order in which that was done: first
 * evhttp accepts until nobody is left, then this comes again. */
static void on_shut(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    loop_enter(loop);
    if (loop->shut_rounds++ < SHUT_ROUNDS && seed__doors_admit(loop)) {
        event_active(&loop->shut, EV_TIMEOUT, 0);
        return;
    }
    seed__doors_close(loop);
    if (loop->flow)
        seed__accept_stop(loop);
}

/* --- idle connections ----------------------------------------------------- */

bool seed__stop_ends(const struct conn *conn)
{
    const struct loop *loop = conn->loop;
    uint64_t since = conn->since > loop->stop_at ? conn->since
                                                 : loop->stop_at;

    return loop->stopping && conn->phase == PHASE_HEAD
        && seed__conn_idle(conn) && loop->now >= since + IDLE_MOST;
}

/* Each looks for itself whether it is idle, in this turn's pass, behind one
 * more read: what has just come is still served. */
static void on_idle(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    loop_enter(loop);
    for (struct ring *at = loop->conns.next; at != &loop->conns;
         at = at->next) {
        struct conn *conn = RING_OWNER(at, struct conn, all);

        if (!seed__stop_ends(conn))
            continue;
        conn->readable = !conn->eof;
        seed__conn_touch(conn);
    }
    event_add(&loop->idle, &idle_next);
}

/* --- the grace ------------------------------------------------------------ */

static void count_cut(struct loop *loop)
{
    unsigned count = 0;

    for (struct ring *at = loop->conns.next; at != &loop->conns; at = at->next)
        count += RING_OWNER(at, struct conn, all)->req
            || RING_OWNER(at, struct conn, all)->out.count;
    atomic_fetch_add(&loop->cut, count);
}

unsigned seed__loop_cut(const struct loop *loop)
{
    return atomic_load(&loop->cut);
}

static void on_grace(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    loop_enter(loop);
    count_cut(loop);
    seed__conn_end_all(loop);
}

static void set_grace(struct loop *loop, unsigned milliseconds)
{
    struct timeval after = { milliseconds / 1000,
        milliseconds % 1000 * 1000 };
    uint64_t cut_at = seed__now() + milliseconds * UINT64_C(1000000);

    if (loop->cut_at && loop->cut_at <= cut_at)
        return;

    loop->cut_at = cut_at;
    event_add(&loop->grace, &after);
}

static void begin(struct loop *loop)
{
    loop->stopping = true;
    loop->stop_at = seed__now();
    if (loop->flow)
        loop->flow->stopping = true;
    event_assign(&loop->shut, loop->base, -1, 0, on_shut, loop);
    event_assign(&loop->idle, loop->base, -1, 0, on_idle, loop);
    event_assign(&loop->grace, loop->base, -1, 0, on_grace, loop);
    seed__doors_rouse(loop);
    event_active(&loop->shut, EV_TIMEOUT, 0);
    event_add(&loop->idle, &idle_first);
}

void seed__loop_stop(struct loop *loop, unsigned grace,
    void (*done)(void *ctx), void *ctx)
{
    if (loop->finished)
        return;

    if (!loop->stopping) {
        loop->done = done;
        loop->done_ctx = ctx;
        begin(loop);
    }
    set_grace(loop, grace);
    seed__loop_wake(loop);
}
