/* SPDX-License-Identifier: MIT */
/* From the queue to the wire, and the polite end of a connection. */
#include "wire/conn.h"

/* The stream may go on. */
static void tell_writable(struct conn *conn)
{
    uint64_t most = conn->loop->flow->plan->options.max_output;

    if (!conn->over_full || conn->out.waiting > most / 2)
        return;

    conn->over_full = false;
    if (conn->req && !conn->ended && !conn->answered)
        seed__flow_writable(conn->req);
}

void seed__output_stuck(struct conn *conn, bool progress)
{
    conn->blocked = true;
    if (progress || !conn->stuck)
        conn->stuck = conn->loop->now;
}

/* The last answer has left. A close now would reset the connection if the
 * client is still sending, and the reset could overtake the answer: so our
 * side is shut, and what comes is read for a while (RFC 9112 9.6). */
static void finish(struct conn *conn)
{
    struct mover *mover = conn->mover;

    if (mover->ops->farewell
        && mover->ops->farewell(mover) == MOVED_AGAIN) {
        seed__output_stuck(conn, false);
        return;
    }
    if (conn->eof) {
        seed__conn_kill(conn);
        return;
    }
    mover->ops->shut(mover);
    conn->drained = 0;
    conn->at = conn->end;
    conn->starved = true;
    seed__conn_enter(conn, PHASE_LINGER);
}

/* Sends until the queue is empty, the mover is full, or others come first. */
static void flush(struct conn *conn)
{
    uint64_t before = conn->out.waiting;
    struct piece mark;

    while (conn->phase != PHASE_GONE) {
        switch (seed__queue_flush(&conn->out, conn->mover, &mark)) {
        case FLUSHED_MARK:
            before = UINT64_MAX;
            if (mark.what)
                seed__flow_flushed(mark.what, mark.length);
            break;
        case FLUSHED_BLOCKED:
            seed__output_stuck(conn, conn->out.waiting < before);
            return;
        case FLUSHED_DEAD:
            seed__conn_kill(conn);
            return;
        case FLUSHED_ENOUGH:
        case FLUSHED_ALL:
            conn->stuck = 0;
            return;
        }
    }
}

/* What clients have not taken yet, of all connections together. */
void seed__output_account(struct conn *conn)
{
    struct loop *loop = conn->loop;
    uint64_t backlog = seed__loop_backlog(loop);

    if (conn->backlog == conn->out.waiting)
        return;
    atomic_store_explicit(&loop->backlog,
        backlog - conn->backlog + conn->out.waiting, memory_order_relaxed);
    conn->backlog = conn->out.waiting;
}

bool seed__output_run(struct conn *conn)
{
    bool had = conn_may_send(conn);

    if (had) {
        flush(conn);
        if (conn->phase != PHASE_GONE)
            tell_writable(conn);
    }
    seed__output_account(conn);
    if (conn->phase == PHASE_CLOSING && !conn->out.count && !conn->blocked) {
        finish(conn);
        return true;
    }
    return had;
}
