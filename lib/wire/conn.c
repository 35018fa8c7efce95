/* SPDX-License-Identifier: MIT */
/* A connection's life: opened, watched, ended. What it does is in work.c. */
#include "wire/conn.h"

#include "base/mem.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SPARE_MOST = 256 };

static struct conn *take_conn(struct loop *loop)
{
    struct conn *conn = loop->spare_conns;

    if (!conn)
        return seed__alloc(sizeof *conn);

    loop->spare_conns = (struct conn *)(void *)conn->all.next;
    loop->spare_conn_count--;
    return conn;
}

/* It has ended; who waits for its place may come in. */
static void count_out(struct conn *conn)
{
    struct loop *loop = conn->loop;

    seed__census_leave(loop->census, &conn->origin);
    seed__census_drop(loop->census);
    seed__doors_try(loop);
}

static void give_conn(struct conn *conn)
{
    struct loop *loop = conn->loop;

    if (loop->spare_conn_count == SPARE_MOST) {
        seed__release(conn);
        return;
    }
    conn->all.next = (struct ring *)(void *)loop->spare_conns;
    loop->spare_conns = conn;
    loop->spare_conn_count++;
}

void seed__conn_free_spare(struct loop *loop)
{
    while (loop->spare_conns)
        seed__release(take_conn(loop));
}

static uint64_t next_number(void)
{
    static _Atomic uint64_t given;

    return atomic_fetch_add_explicit(&given, 1, memory_order_relaxed) + 1;
}

struct conn *seed__conn_new(struct loop *loop, struct bufferevent *bev)
{
    struct conn *conn = take_conn(loop);

    if (!conn)
        return NULL;

    seed__census_add(loop->census);
    memset(conn, 0, sizeof *conn);
    conn->sink.ops = &seed__conn_sink;
    conn->loop = loop;
    conn->bev = bev;
    conn->starved = true;
    ring_init(&conn->all);
    ring_init(&conn->work);
    seed__queue_init(&conn->out, &loop->stock);
    return conn;
}

void seed__conn_discard(struct conn *conn)
{
    seed__greet_end(conn);
    count_out(conn);
    give_conn(conn);
}

/* Of one that the kernel does not watch nothing would be heard any more. */
void seed__conn_watch(struct conn *conn)
{
    if (!event_add(&conn->edge, NULL))
        return;
    conn->broken = true;
    seed__conn_touch(conn);
}

void seed__conn_unwatch(struct conn *conn)
{
    event_del(&conn->edge);
}

void seed__conn_enter(struct conn *conn, enum phase phase)
{
    conn->phase = phase;
    conn->since = conn->loop->now;
}

/* What was asked and will not be answered, in the order in which it came. */
static void settle_as_gone(struct conn *conn)
{
    struct piece mark;
    seed_req *req = conn->req;

    conn->req = NULL;
    while (seed__queue_pop_mark(&conn->out, &mark))
        if (mark.what)
            seed__flow_peer(mark.what, SEED_GONE);
    if (req)
        seed__flow_peer(req, SEED_GONE);
}

static void release(struct conn *conn)
{
    ring_remove(&conn->work);
    seed__queue_clear(&conn->out);
    seed__output_account(conn);
    seed__input_clear(conn);
    conn->mover->ops->free(conn->mover);
    give_conn(conn);
}

void seed__conn_leave(struct conn *conn)
{
    if (!--conn->busy && conn->phase == PHASE_GONE)
        release(conn);
}

/* evhttp has it no more: the loop forgets it, its requests are settled. */
static void detach(struct conn *conn)
{
    struct loop *loop = conn->loop;

    loop_enter(loop);
    conn->busy++;
    conn->evcon = NULL;
    conn->phase = PHASE_GONE;
    seed__greet_end(conn);
    seed__greet_farewell(conn);
    ring_remove(&conn->all);
    loop->conn_count--;
    count_out(conn);
    seed__conn_unwatch(conn);
    seed__lend_free(conn);
    settle_as_gone(conn);
    seed__flow_emit(loop->flow, SEED_ON_CLOSE, conn->sink.number);
    seed__conn_leave(conn);
    seed__loop_check_done(loop);
}

static void watch_fd(struct conn *conn, int fd)
{
    event_assign(&conn->edge, conn->loop->base, fd,
        EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST, seed__conn_on_edge,
        conn);
    seed__conn_watch(conn);
}

/* evhttp closes a connection as soon as it has written the last answer, and
 * what the client still sends would reset it. A second descriptor keeps the
 * socket: evhttp's object ends, and ours lingers. */
static bool outlive(struct conn *conn)
{
    int fd = fcntl(conn->mover->fd, F_DUPFD_CLOEXEC, 0);

    if (fd < 0)
        return false;

    seed__lend_free(conn);
    conn->evcon = NULL;
    conn->own_fd = conn->mover->fd = fd;
    watch_fd(conn, fd);
    seed__conn_enter(conn, PHASE_CLOSING);
    seed__conn_touch(conn);
    return true;
}

/* The destructor: evhttp ends the connection, whoever asked it to. One that it
 * ends by itself behind a lent answer has done what it should. */
static void on_close(struct evhttp_connection *evcon, void *ctx)
{
    struct conn *conn = ctx;
    seed_req *req = conn->req;
    uint64_t bytes = 0;
    int status = 0;

    (void)evcon;
    loop_enter(conn->loop);
    if (conn->phase != PHASE_LENT || !seed__lend_ended(conn, &status,
            &bytes)) {
        detach(conn);
        return;
    }
    conn->busy++;
    conn->req = NULL;
    if (conn->loop->closing || !outlive(conn))
        detach(conn);
    seed__flow_lent_done(req, status, bytes);
    seed__conn_leave(conn);
}

/* An answer has begun that the client will not get whole. */
static bool breaks_off(const struct conn *conn)
{
    bool whole = conn->answered || (conn->ended && conn->how != SINK_ABORT);

    return conn->phase != PHASE_GONE && (conn->out.count
        || (conn->req && !whole && conn->answer_bytes));
}

/* A socket that was reset has no peer any more, and `after` logs it. */
void seed__conn_reset(struct conn *conn)
{
    if (conn->req)
        seed__conn_know_peer(conn);
    conn->mover->ops->reset(conn->mover);
}

/* What the client has is not the whole, and must not look so: by a FIN it
 * would, where the end of the connection is that of the answer. */
void seed__conn_kill(struct conn *conn)
{
    int fd = conn->own_fd;

    if (breaks_off(conn))
        seed__conn_reset(conn);
    if (conn->phase == PHASE_LENT) {
        seed__lend_abort(conn);
    } else if (conn->evcon) {
        evhttp_connection_free(conn->evcon);
    } else if (conn->phase != PHASE_GONE) {
        detach(conn);
        close(fd);
    }
}

void seed__conn_cut(struct conn *conn)
{
    if ((conn->req && !conn->answered) || conn->out.count)
        seed__conn_reset(conn);
    seed__conn_kill(conn);
}

void seed__conn_open(struct conn *conn, struct evhttp_connection *evcon)
{
    struct loop *loop = conn->loop;
    int fd = bufferevent_getfd(conn->bev);

    seed__mover_init_plain(&conn->plain, fd);
    conn->mover = conn->maker ? conn->maker->make(fd, conn->maker)
                              : &conn->plain;
    if (!conn->mover) {
        seed__conn_discard(conn);
        evhttp_connection_free(evcon);
        return;
    }
    conn->evcon = evcon;
    conn->sink.number = next_number();
    conn->opened = loop->now;
    seed__conn_enter(conn, conn->mover->ops->greet ? PHASE_GREET
                                                   : PHASE_HEAD);
    ring_add(&loop->conns, &conn->all);
    loop->conn_count++;
    evhttp_connection_set_closecb(evcon, on_close, conn);
    watch_fd(conn, fd);
    seed__sweep_start(loop);

    conn->busy++;
    seed__flow_emit(loop->flow, SEED_ON_OPEN, conn->sink.number);
    seed__conn_leave(conn);
}

bool seed__conn_idle(const struct conn *conn)
{
    return conn->phase == PHASE_HEAD && !conn->out.count && !conn->partial
        && conn->at == conn->end;
}

/* What the application's own evhttp has on loan stays with it, for some
 * callback still holds the request and will answer it. */
static void disown(struct conn *conn)
{
    struct bufferevent *bev = conn->bev;

    evhttp_connection_set_closecb(conn->evcon, NULL, NULL);
    detach(conn);
    if (evbuffer_get_length(bufferevent_get_output(bev)))
        bufferevent_enable(bev, EV_WRITE);
}

void seed__conn_end_all(struct loop *loop)
{
    while (!ring_empty(&loop->conns)) {
        struct conn *conn = RING_OWNER(loop->conns.next, struct conn, all);

        if (conn->phase == PHASE_LENT && !loop->own_evhttp)
            disown(conn);
        else
            seed__conn_cut(conn);
    }
}
