/* SPDX-License-Identifier: MIT */
/* What follows from the end of an answer: the next request, or the end. */
#include "wire/conn.h"

#include "base/mem.h"

/* A body that stays unread is passed over when it is small and does come: a
 * client that was not told to continue may never send it. */
static bool worth_draining(const struct conn *conn)
{
    const struct flow *flow = conn->loop->flow;

    return !conn->expects && (conn->chunked
        || conn->frame.left <= flow->plan->options.max_drain);
}

static enum phase next_phase(const struct conn *conn)
{
    if (conn->how == SINK_CLOSE)
        return PHASE_CLOSING;
    if (conn->phase != PHASE_BODY)
        return PHASE_HEAD;

    return worth_draining(conn) ? PHASE_DRAIN : PHASE_CLOSING;
}

/* What has been answered before still leaves, when it can. */
static void cut(struct conn *conn)
{
    seed__output_run(conn);
    if (conn->phase == PHASE_GONE)
        return;

    seed__conn_reset(conn);
    seed__conn_kill(conn);
}

static void leave_request(struct conn *conn, enum phase phase)
{
    conn->req = NULL;
    if (conn->trailers) {
        seed__release(conn->trailers);
        conn->trailers = NULL;
    }
    seed__conn_enter(conn, phase);
}

void seed__answer_settle_now(struct conn *conn)
{
    if (conn->answered && !seed__flow_body_open(conn->req)) {
        conn->answered = false;
        conn->ended = true;
    }
    if (!conn->ended)
        return;

    conn->ended = false;
    if (conn->how == SINK_ABORT) {
        cut(conn);
        return;
    }
    if (conn->phase == PHASE_BODY && conn->req
        && seed__flow_body_open(conn->req)) {
        conn->answered = true; /* the handler still reads */
        return;
    }
    if (!seed__queue_mark(&conn->out, conn->req, conn->answer_bytes)) {
        seed__conn_kill(conn);
        return;
    }
    leave_request(conn, next_phase(conn));
}

void seed__answer_lent(struct conn *conn, bool keep)
{
    leave_request(conn, keep ? PHASE_HEAD : PHASE_CLOSING);
}
