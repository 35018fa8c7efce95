/* SPDX-License-Identifier: MIT */
/* The one function in which a connection works, and who calls it: an edge of
 * its socket, and whoever had something for it to do. */
#include "wire/conn.h"

enum { READS_A_TURN = 8, OUTPUT_A_TURN = 256 << 10 };

/* A client that shut its side may still wait for the answer; its request's
 * handler wants to know. */
static void tell_half_closed(struct conn *conn)
{
    bool waits = conn->phase == PHASE_WAIT || conn->phase == PHASE_LENT;

    if (!conn->fin || conn->told || !waits || !conn->req)
        return;

    conn->told = true;
    seed__flow_peer(conn->req, SEED_HALF_CLOSED);
}

/* What becomes of the connection when nothing more can be done now. */
static void rest(struct conn *conn)
{
    if (seed__stop_ends(conn)) {
        seed__conn_kill(conn);
        return;
    }
    if (conn->out.count && !conn->blocked)
        seed__conn_later(conn); /* its share was used up */
    seed__input_park(conn);
}

/* What has been sent makes way for more, or its hooks have asked for it, or
 * have added to it. */
static bool goes_on(const struct conn *conn)
{
    bool body = conn->phase == PHASE_BODY && conn->wants && !conn->starved;

    return conn->readable || conn->at != conn->end || conn->broken || body
        || conn_may_send(conn);
}

/* However often it works in one turn. */
static void share_out(struct conn *conn)
{
    if (conn->turn == conn->loop->now)
        return;
    conn->turn = conn->loop->now;
    conn->reads_left = READS_A_TURN;
    conn->out.share = OUTPUT_A_TURN;
}

void seed__conn_work(struct conn *conn)
{
    bool moved = true;

    conn->busy++;
    share_out(conn);
    while (moved && conn->phase != PHASE_GONE) {
        if (conn->phase == PHASE_GREET)
            seed__greet_run(conn);
        seed__answer_settle(conn);
        seed__input_run(conn);
        tell_half_closed(conn);
        if (conn->broken)
            seed__conn_kill(conn);
        moved = conn->phase != PHASE_GONE && seed__output_run(conn)
            && goes_on(conn);
        if (conn->lending)
            moved = seed__lend_work(conn) || moved;
        moved = moved || conn->ended;
    }
    if (conn->phase != PHASE_GONE)
        rest(conn);
    seed__conn_leave(conn);
}

/* Sink calls from inside work() are seen by its own loop. */
void seed__conn_touch(struct conn *conn)
{
    struct loop *loop = conn->loop;

    if (conn->busy || conn->phase == PHASE_GONE)
        return;

    ring_remove(&conn->work);
    ring_add(&loop->dirty, &conn->work);
    if (!loop->in_turn)
        seed__loop_wake(loop);
}

void seed__conn_later(struct conn *conn)
{
    struct loop *loop = conn->loop;

    ring_remove(&conn->work);
    ring_add(&loop->later, &conn->work);
    seed__port_next_turn(loop);
}

void seed__conn_work_dirty(struct loop *loop)
{
    while (!ring_empty(&loop->dirty)) {
        struct ring *first = loop->dirty.next;

        ring_remove(first);
        seed__conn_work(RING_OWNER(first, struct conn, work));
    }
}

/* Edges while nothing will be read, so that a reset would go unnoticed: it
 * comes as both edges at once, as does more input. */
static bool reset_unseen(const struct conn *conn, short what)
{
    bool both = (what & EV_READ) && (what & EV_WRITE);
    bool reading = conn->phase == PHASE_HEAD || conn->phase == PHASE_DRAIN
        || conn->phase == PHASE_LINGER
        || (conn->phase == PHASE_BODY && conn->wants);

    return both && !reading && conn->mover->ops->lost(conn->mover);
}

void seed__conn_on_edge(evutil_socket_t fd, short what, void *ctx)
{
    struct conn *conn = ctx;
    struct mover *mover = conn->mover;
    unsigned edges = ((what & (EV_READ | EV_CLOSED)) ? EDGE_IN : 0)
        | ((what & EV_WRITE) ? EDGE_OUT : 0);

    (void)fd;
    loop_enter(conn->loop);
    conn->fin |= (what & EV_CLOSED) != 0;
    conn->readable |= (edges & mover->read_on) != 0;
    if (edges & mover->write_on)
        conn->blocked = false;
    conn->unsure = (what & EV_READ) && (what & EV_WRITE);
    if (reset_unseen(conn, what))
        seed__conn_kill(conn);
    else
        seed__conn_work(conn);
}
