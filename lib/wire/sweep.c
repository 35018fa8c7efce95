/* SPDX-License-Identifier: MIT */
/* Deadlines, coarse: a connection notes when its phase began, which costs one
 * store, and a few times a second all of them are looked at. There is no timer
 * per connection. The table below is the place for every deadline: a phase
 * that needs one more is one more row. */
#include "wire/conn.h"

enum { PERIOD = 500, PERIOD_LEAST = 50, MS = 1000000 };

/* What an idle connection is left while others wait to be accepted. */
#define PRESSED ((uint64_t)1000 * MS)

static uint64_t spent(const struct conn *conn)
{
    return conn->loop->now - conn->since;
}

static uint64_t patience(const struct conn *conn, uint64_t limit)
{
    return conn->loop->resting && limit > PRESSED ? PRESSED : limit;
}

/* --- what is missed ------------------------------------------------------- */

/* Too many at once leave each a moment only: those who mean it need no more,
 * and the others are in their way. */
static bool greets_too_long(const struct conn *conn,
    const struct deadlines *most)
{
    uint64_t limit = conn->maker->patience;

    (void)most;
    if (seed__greet_full(conn->loop, conn->maker) && limit > PRESSED)
        limit = PRESSED;
    return spent(conn) > patience(conn, limit);
}

static bool is_silent(const struct conn *conn, const struct deadlines *most)
{
    return !conn->requests && !conn->partial
        && spent(conn) > patience(conn, most->first_byte);
}

/* What is read behind answers that have not left waits for its own client. */
static bool head_is_late(const struct conn *conn, const struct deadlines *most)
{
    return conn->partial && !conn->out.count && spent(conn) > most->head;
}

static bool is_idle(const struct conn *conn, const struct deadlines *most)
{
    return conn->requests && !conn->partial && !conn->out.count
        && spent(conn) > patience(conn, most->idle);
}

/* Only what was waited for counts: a handler that rests, or has not asked for
 * the body, does not make its client slow. What comes is counted on the wire,
 * since a record of TLS is 16 KiB that nobody sees before its end. */
static bool body_is_late(const struct conn *conn, const struct deadlines *most)
{
    const struct toll *toll = &conn->toll;
    size_t rate = conn->loop->flow->plan->options.min_body_rate;
    uint64_t taken = conn->mover->heard - toll->from;

    if (toll->still > most->body_stall || toll->awaited > most->body)
        return true;
    return rate != SEED_UNLIMITED && toll->awaited > most->body_stall
        && taken * 1000 / rate < toll->awaited / MS;
}

static bool handler_is_late(const struct conn *conn,
    const struct deadlines *most)
{
    (void)most;
    return conn->req && !conn->answered && !conn->ended
        && seed__flow_late(conn->req, conn->loop->now);
}

static bool takes_nothing(const struct conn *conn,
    const struct deadlines *most)
{
    return conn->blocked && conn->stuck
        && conn->loop->now - conn->stuck > most->write_stall;
}

static bool has_lingered(const struct conn *conn, const struct deadlines *most)
{
    return spent(conn) > most->linger;
}

/* --- and what follows ----------------------------------------------------- */

static void refuse_head(struct conn *conn)
{
    conn->at = conn->end;
    seed__conn_enter(conn, PHASE_WAIT);
    seed__flow_refuse(conn->loop->flow, &conn->sink, NULL, 408,
        "the head did not arrive in time");
}

static void refuse_body(struct conn *conn)
{
    seed__input_cut(conn, 408, "the body did not arrive in time");
}

/* What evhttp was asked for only evhttp can answer. */
static void end_handler(struct conn *conn)
{
    if (conn->phase == PHASE_LENT)
        seed__conn_cut(conn);
    else
        seed__flow_expire(conn->req);
}

/* --- the table ------------------------------------------------------------ */

#define IN(phase) (1u << PHASE_##phase)

static const struct {
    unsigned phases;
    enum seed_limit limit; /* SEED_LIMITS: nothing that anybody counts */
    bool (*missed)(const struct conn *conn, const struct deadlines *most);
    void (*end)(struct conn *conn);
} rows[] = {
    { IN(GREET), SEED_LIMIT_HANDSHAKE, greets_too_long, seed__conn_kill },
    { IN(HEAD), SEED_LIMIT_FIRST_BYTE, is_silent, seed__conn_kill },
    { IN(HEAD), SEED_LIMIT_HEAD, head_is_late, refuse_head },
    { IN(HEAD), SEED_LIMIT_IDLE, is_idle, seed__conn_kill },
    { IN(BODY), SEED_LIMIT_BODY, body_is_late, refuse_body },
    { IN(DRAIN), SEED_LIMIT_BODY, body_is_late, seed__conn_kill },
    { IN(BODY) | IN(WAIT) | IN(LENT), SEED_LIMIT_HANDLER, handler_is_late,
        end_handler },
    { IN(HEAD) | IN(BODY) | IN(WAIT) | IN(LENT) | IN(DRAIN) | IN(CLOSING),
        SEED_LIMIT_WRITE, takes_nothing, seed__conn_cut },
    { IN(LINGER), SEED_LIMITS, has_lingered, seed__conn_kill },
};

static void miss(struct conn *conn, size_t row)
{
    conn->busy++;
    if (rows[row].limit < SEED_LIMITS)
        seed__flow_limit(conn->loop->flow, rows[row].limit, conn->sink.number,
            conn->req);
    if (conn->phase != PHASE_GONE)
        rows[row].end(conn);
    seed__conn_work(conn);
    seed__conn_leave(conn);
}

static void judge(struct conn *conn)
{
    const struct deadlines *most = &conn->loop->flow->plan->deadlines;

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!(rows[i].phases & 1u << conn->phase)
            || !rows[i].missed(conn, most))
            continue;
        miss(conn, i);
        return;
    }
}

static void take_toll(struct conn *conn, uint64_t passed)
{
    struct toll *toll = &conn->toll;
    uint64_t heard = conn->mover->heard;
    bool asked = (conn->phase == PHASE_BODY && conn->wants)
        || conn->phase == PHASE_DRAIN;

    if (!asked)
        return;

    passed = spent(conn) < passed ? spent(conn) : passed;
    toll->awaited += passed;
    toll->still = heard == toll->before ? toll->still + passed : 0;
    toll->before = heard;
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

/* Since the last sweep; a loop that was held up meanwhile has not waited for
 * anybody. */
static uint64_t passed_since(struct loop *loop)
{
    uint64_t passed = loop->now - loop->swept, most = 2 * loop->sweep_period;

    loop->swept = loop->now;
    return passed < most ? passed : most;
}

static void on_sweep(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    struct ring all;
    uint64_t passed;

    (void)fd;
    (void)what;
    loop_enter(loop);
    passed = passed_since(loop);

    /* Whatever a connection's end sets off, each is looked at once. */
    ring_move(&all, &loop->conns);
    while (!ring_empty(&all)) {
        struct conn *conn = RING_OWNER(all.next, struct conn, all);

        ring_remove(&conn->all);
        ring_add(&loop->conns, &conn->all);
        take_toll(conn, passed);
        if (lost_unseen(conn))
            seed__conn_kill(conn);
        else
            judge(conn);
    }
    if (ring_empty(&loop->conns))
        seed__sweep_stop(loop);
}

/* Often enough for the shortest deadline. */
static uint64_t period_for(const struct loop *loop)
{
    uint64_t shortest = seed__plan_shortest(loop->flow->plan), quarter;

    if (loop->least_patience && loop->least_patience < shortest)
        shortest = loop->least_patience;
    quarter = shortest / 4 / MS;
    if (quarter > PERIOD)
        quarter = PERIOD;
    return (quarter < PERIOD_LEAST ? PERIOD_LEAST : quarter) * MS;
}

void seed__sweep_start(struct loop *loop)
{
    struct timeval period = { 0, 0 };

    if (loop->sweeping)
        return;
    if (!loop->sweep_period)
        loop->sweep_period = period_for(loop);

    loop->sweeping = true;
    loop->swept = loop->now;
    period.tv_usec = (suseconds_t)(loop->sweep_period / 1000);
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

/* --- a connection's share ------------------------------------------------- */

bool seed__conn_last(struct conn *conn)
{
    const struct plan *plan = conn->loop->flow->plan;
    bool old = conn->loop->now - conn->opened > plan->deadlines.age;

    if (!old && conn->requests < plan->options.max_requests)
        return false;

    seed__flow_limit(conn->loop->flow,
        old ? SEED_LIMIT_AGE : SEED_LIMIT_REQUESTS, conn->sink.number, NULL);
    return true;
}
