/* SPDX-License-Identifier: MIT */
/* Deadlines, coarse: a connection notes when its phase began, which costs one
 * store, and twice a second all of them are looked at. There is no timer per
 * connection. This table is the place for every deadline. */
#include "wire/conn.h"

static const struct timeval period = { 0, 500000 };

#define SECONDS(n) ((uint64_t)(n) * 1000000000u)

/* Nanoseconds that a phase may last; 0: for ever. */
static uint64_t limit_of(const struct conn *conn)
{
    switch (conn->phase) {
    case PHASE_HEAD:
        return conn->partial || !conn->served ? SECONDS(10) : SECONDS(5);
    case PHASE_GREET:
        /* Too many at once leave each a moment only: those who mean it need
         * no more, and the others are in their way. */
        return seed__greet_full(conn->loop, conn->maker)
            ? SECONDS(1) : conn->maker->patience;
    case PHASE_LINGER:
        return SECONDS(2);
    default:
        return 0;
    }
}

/* A reset that came in one edge with the last bytes looks like more input, and
 * no further edge follows it. Who waits for something would wait for ever. */
static bool lost_unseen(struct conn *conn)
{
    if (!conn->unsure || conn->phase == PHASE_LENT || seed__conn_idle(conn))
        return false;

    conn->unsure = false;
    return conn->mover->ops->lost(conn->mover);
}

/* Bytes of a head have come, but not all of it: that gets an answer. */
static void run_out(struct conn *conn)
{
    struct loop *loop = conn->loop;

    if (conn->phase == PHASE_HEAD && conn->out.count)
        return; /* the client is slow to take what it asked for */
    if (conn->phase != PHASE_HEAD || !conn->partial) {
        seed__conn_kill(conn);
        return;
    }
    conn->at = conn->end;
    seed__conn_enter(conn, PHASE_WAIT);
    conn->busy++;
    seed__flow_refuse(loop->flow, &conn->sink, NULL, 408,
        "the head did not arrive in time");
    conn->busy--;
    seed__conn_work(conn);
}

static void on_sweep(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    struct ring all;

    (void)fd;
    (void)what;
    loop_enter(loop);

    /* Whatever a connection's end sets off, each is looked at once. */
    ring_move(&all, &loop->conns);
    while (!ring_empty(&all)) {
        struct conn *conn = RING_OWNER(all.next, struct conn, all);
        uint64_t limit = limit_of(conn);

        ring_remove(&conn->all);
        ring_add(&loop->conns, &conn->all);
        if (lost_unseen(conn))
            seed__conn_kill(conn);
        else if (limit && loop->now - conn->since > limit)
            run_out(conn);
    }
    if (ring_empty(&loop->conns))
        seed__sweep_stop(loop);
}

void seed__sweep_start(struct loop *loop)
{
    if (loop->sweeping)
        return;

    loop->sweeping = true;
    event_assign(&loop->sweep, loop->base, -1, EV_PERSIST, on_sweep, loop);
    event_add(&loop->sweep, &period);
}

void seed__sweep_stop(struct loop *loop)
{
    if (!loop->sweeping)
        return;

    loop->sweeping = false;
    event_del(&loop->sweep);
}
