/* SPDX-License-Identifier: MIT */
/* Stopping with drain: the doors close, idle connections end, requests in
 * flight get their answers, and after the grace what is left is cut. */
#include "wire/conn.h"

#include "base/clock.h"

void seed__stop_clear(struct loop *loop)
{
    if (event_initialized(&loop->grace))
        event_del(&loop->grace);
}

/* `done` may be where the host frees what it needs no more, but not the loop
 * itself: libevent is still in it. */
void seed__loop_check_done(struct loop *loop)
{
    void (*done)(void *ctx) = loop->done;

    if (!loop->stopping || loop->finished || loop->conn_count
        || loop->in_turn)
        return;

    loop->finished = true;
    event_del(&loop->grace);
    if (loop->own_base)
        event_base_loopbreak(loop->base);
    if (done)
        done(loop->done_ctx);
}

static void on_grace(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    loop_enter(loop);
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

/* Each looks for itself whether it is idle, in this turn's pass. */
static void touch_all(struct loop *loop)
{
    for (struct ring *at = loop->conns.next; at != &loop->conns; at = at->next)
        seed__conn_touch(RING_OWNER(at, struct conn, all));
}

void seed__loop_stop(struct loop *loop, unsigned grace,
    void (*done)(void *ctx), void *ctx)
{
    if (loop->finished)
        return;

    if (!loop->stopping) {
        loop->stopping = true;
        loop->done = done;
        loop->done_ctx = ctx;
        event_assign(&loop->grace, loop->base, -1, 0, on_grace, loop);
        if (loop->flow) {
            loop->flow->stopping = true;
            seed__accept_stop(loop);
        }
        seed__doors_close(loop);
        touch_all(loop);
    }
    set_grace(loop, grace);
    seed__loop_wake(loop);
}
