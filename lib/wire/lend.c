/* SPDX-License-Identifier: MIT */
/* Lending a request to evhttp, and taking the connection back.
 *
 * evhttp receives one message that we write: what the strict reader accepted,
 * with the decoded body and one length. It goes straight into the bufferevent's
 * input, and the answer is taken out of its output: evhttp never touches the
 * socket. So neither the peer's framing nor its next bytes reach it, a
 * half-close does not cut the answer, what must not leave (the body of an
 * answer to HEAD) does not, and no SIGPIPE comes of it.
 *
 * Whenever evhttp writes, it switches its bufferevent on. That is undone before
 * the loop looks at sockets again, from an activated event, and our own event
 * is off in between: libevent cannot mix edge- and level-triggered events. When
 * evhttp has answered and waits for the next request, we take its place. */
#include "wire/conn.h"
#include "wire/rescue.h"
#include "wire/message.h"
#include "wire/pipe.h"

#include "base/mem.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct lending {
    struct conn *conn;
    struct event back;
    struct evbuffer_cb_entry *watch;
    void (*callback)(struct evhttp_request *request, void *ctx);
    void *ctx;
    int status;     /* of evhttp's answer; 0 before it began      */
    uint64_t bytes; /* of the answer, that have left              */
    bool asked;
    bool keep;      /* the connection goes on                     */
    bool bodiless;  /* the answer has no body whatever it is      */
    bool news;      /* evhttp has written, and was not told since
                     * that all has left                          */
    bool ours;      /* what changes the output is us              */
    bool lost;      /* the connection broke                       */
};

static struct evbuffer *output_of(const struct lending *lending)
{
    return bufferevent_get_output(lending->conn->bev);
}

/* The status in "HTTP/1.1 200 OK", which evhttp adds in one piece. Peeking, for
 * a bufferevent freezes the front of its output. */
static int status_of(struct evbuffer *output)
{
    struct evbuffer_iovec first;
    char digits[4] = "";

    if (evbuffer_peek(output, 12, NULL, &first, 1) < 1 || first.iov_len < 12)
        return 0;

    memcpy(digits, (const char *)first.iov_base + 9, 3);
    return atoi(digits);
}

/* evhttp's answer begins or goes on; next it will switch its events on. */
static void on_output(struct evbuffer *output,
    const struct evbuffer_cb_info *info, void *ctx)
{
    struct lending *lending = ctx;
    struct conn *conn = lending->conn;

    if (lending->ours || !info->n_added || conn->phase != PHASE_LENT)
        return;

    loop_enter(conn->loop);
    if (!lending->status)
        lending->status = status_of(output);
    if (lending->status == 204 || lending->status == 304)
        lending->bodiless = true;
    lending->news = true;
    seed__conn_unwatch(conn);
    event_active(&lending->back, EV_TIMEOUT, 0);
}

static void on_back(evutil_socket_t fd, short what, void *ctx)
{
    struct lending *lending = ctx;

    (void)fd;
    (void)what;
    loop_enter(lending->conn->loop);
    seed__conn_work(lending->conn);
}

/* Nothing of an answer has left yet: keeps its head only. False when memory is
 * exhausted. */
static bool cut_body(struct lending *lending)
{
    struct evbuffer *output = output_of(lending), *head;
    struct evbuffer_ptr end = evbuffer_search(output, "\r\n\r\n", 4, NULL);
    size_t length = evbuffer_get_length(output);

    if (end.pos < 0 || (size_t)end.pos + 4 >= length)
        return true;

    head = evbuffer_new();
    if (!head)
        return false;

    evbuffer_remove_buffer(output, head, (size_t)end.pos + 4);
    evbuffer_drain(output, length);
    evbuffer_add_buffer(output, head);
    evbuffer_free(head);
    return true;
}

/* evhttp knows what to do about a broken connection: it keeps a request that
 * some callback still holds, and ends the connection. */
void seed__lend_abort(struct conn *conn)
{
    conn->lending->lost = true;
    seed__conn_unwatch(conn);
    bufferevent_trigger_event(conn->bev, BEV_EVENT_WRITING | BEV_EVENT_ERROR,
        0);
}

static void count_sent(struct lending *lending, uint64_t count)
{
    uint64_t *share = &lending->conn->out.share;

    lending->bytes += count;
    *share -= count < *share ? count : *share;
}

/* By evbuffer_write(), which knows of files in the buffer, and may send more of
 * one than the share. False when not all has left. */
static bool write_output(struct lending *lending)
{
    struct conn *conn = lending->conn;
    struct evbuffer *output = output_of(lending);
    struct pipe_guard guard;
    uint64_t before = lending->bytes;
    int sent = 0, error = 0;

    seed__pipe_guard(&guard);
    while (sent >= 0 && conn->out.share && evbuffer_get_length(output)) {
        sent = evbuffer_write_atmost(output, conn->mover->fd,
            (ev_ssize_t)conn->out.share);
        error = errno;
        if (sent > 0)
            count_sent(lending, (uint64_t)sent);
    }
    seed__pipe_unguard(&guard);
    if (sent >= 0) {
        conn->stuck = 0;
        return !evbuffer_get_length(output);
    }
    if (error == EAGAIN || error == EINTR)
        seed__output_stuck(conn, lending->bytes > before);
    return false;
}

/* Sends what there is, with our hands on a buffer that is evhttp's. */
static bool send_output(struct lending *lending)
{
    struct conn *conn = lending->conn;
    struct evbuffer *output = output_of(lending);
    bool whole;

    lending->ours = true;
    evbuffer_unfreeze(output, 1);
    whole = (!lending->bodiless || lending->bytes || cut_body(lending))
        && write_output(lending);
    evbuffer_freeze(output, 1);
    lending->ours = false;
    if (whole)
        return true;

    if (!conn->blocked && conn->out.share) {
        seed__lend_abort(conn);
        return false;
    }
    seed__conn_watch(conn);
    if (!conn->blocked)
        seed__conn_later(conn); /* its share was used up */
    return false;
}

/* Idle is an evhttp that has put its read callback back. */
static bool idle(const struct lending *lending)
{
    bufferevent_data_cb read = NULL;

    bufferevent_getcb(lending->conn->bev, &read, NULL, NULL, NULL);
    return read == lending->conn->loop->evhttp_read && !lending->news;
}

static void take_back(struct lending *lending)
{
    struct conn *conn = lending->conn;
    seed_req *req = conn->req;
    int status = lending->status;
    uint64_t bytes = lending->bytes;

    bufferevent_setcb(conn->bev, NULL, NULL, NULL, NULL);
    seed__answer_lent(conn, lending->keep);
    seed__flow_lent_done(req, status, bytes);
}

/* Telling evhttp that all has left is what its bufferevent would do. It may
 * end the connection then, or a callback may write more of a stream. */
static bool run(struct conn *conn)
{
    struct lending *lending = conn->lending;

    if (conn->phase != PHASE_LENT || !lending->news || conn->blocked)
        return false;

    bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    if (!send_output(lending))
        return false;

    lending->news = false;
    seed__conn_unwatch(conn);
    seed__rescue_open(); /* it makes the next request's object */
    bufferevent_trigger(conn->bev, EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS);
    seed__rescue_close();
    if (!conn->evcon)
        return true;

    bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    seed__conn_watch(conn);
    if (idle(lending))
        take_back(lending);
    return true;
}

static struct lending *lending_of(struct conn *conn)
{
    struct lending *lending = conn->lending;

    if (lending)
        return lending;

    lending = seed__alloc_zeroed(sizeof *lending);
    if (!lending)
        return NULL;
    lending->conn = conn;
    lending->watch = evbuffer_add_cb(bufferevent_get_output(conn->bev),
        on_output, lending);
    if (!lending->watch) {
        seed__release(lending);
        return NULL;
    }
    event_assign(&lending->back, conn->loop->base, -1, 0, on_back, lending);
    conn->lending = lending;
    return lending;
}

void seed__lend_free(struct conn *conn)
{
    struct lending *lending = conn->lending;

    if (!lending)
        return;

    event_del(&lending->back);
    evbuffer_remove_cb_entry(bufferevent_get_output(conn->bev),
        lending->watch);
    seed__release(lending);
    conn->lending = NULL;
}

/* Only a connection without TLS can be lent: what evhttp writes goes to the
 * socket as it is. */
bool seed__lend_ask(struct conn *conn,
    void (*callback)(struct evhttp_request *, void *), void *ctx)
{
    struct lending *lending;

    if (conn->mover != &conn->plain || !seed__message_known(conn->sink.req))
        return false;
    lending = lending_of(conn);
    if (!lending)
        return false;

    lending->callback = callback;
    lending->ctx = ctx;
    lending->status = 0;
    lending->bytes = 0;
    lending->news = false;
    lending->asked = true;
    seed__conn_touch(conn);
    return true;
}

/* A callback of ours on the application's evhttp is entered there for exactly
 * this message, by its path. When the application has one for that path, it
 * keeps its place, and gets the message; NULL then. */
static char *register_path(struct lending *lending)
{
    struct conn *conn = lending->conn;
    char *path = seed__message_path(conn->req);

    if (path && evhttp_set_cb(conn->loop->evhttp, path, lending->callback,
            lending->ctx)) {
        seed__release(path);
        path = NULL;
    }
    return path;
}

bool seed__lend_serve(struct loop *loop, struct evhttp_request *request)
{
    struct lending *lending = loop->lending;

    if (!lending)
        return false;

    loop->lending = NULL;
    lending->callback(request, lending->ctx);
    return true;
}

/* The message stands in the input: evhttp parses all of it here and now, and
 * calls back. */
static void serve(struct conn *conn)
{
    struct loop *loop = conn->loop;
    struct evhttp *evhttp = loop->evhttp;
    bool foreign = conn->lending->callback && !loop->own_evhttp;
    char *path = foreign ? register_path(conn->lending) : NULL;

    bufferevent_setcb(conn->bev, loop->evhttp_read, loop->evhttp_write,
        loop->evhttp_event, conn->evcon);
    loop->lending = foreign ? NULL : conn->lending;
    /* A line for which it has no memory is to evhttp one that has not come. */
    seed__rescue_open();
    loop->evhttp_read(conn->bev, conn->evcon);
    seed__rescue_close();
    loop->lending = NULL;
    if (path)
        evhttp_del_cb(evhttp, path);
    seed__release(path);
}

static void begin(struct conn *conn)
{
    struct lending *lending = conn->lending;
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    const char *bytes;
    const struct head *head = seed__flow_head(conn->req, &bytes);
    bool whole;

    lending->asked = false;
    lending->keep = head->keep_alive && head->minor
        && !conn->loop->flow->stopping && !conn->sink.last;
    lending->bodiless = seed__message_is_head(conn->req);
    evbuffer_unfreeze(input, 0);
    whole = seed__message_write(input, conn->req, lending->keep);
    evbuffer_freeze(input, 0);
    if (!whole) {
        seed__conn_kill(conn);
        return;
    }
    seed__conn_enter(conn, PHASE_LENT);
    serve(conn);
}

bool seed__lend_work(struct conn *conn)
{
    bool due = conn->lending->asked && conn->req && conn->phase == PHASE_WAIT
        && !conn->out.count;

    if (!due)
        return run(conn);

    begin(conn);
    return true;
}

bool seed__lend_ended(struct conn *conn, int *status, uint64_t *bytes)
{
    struct lending *lending = conn->lending;

    if (!lending->status || lending->lost || lending->news)
        return false;

    *status = lending->status;
    *bytes = lending->bytes;
    return true;
}
