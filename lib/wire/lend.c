/* SPDX-License-Identifier: MIT */
/* Lending a request to evhttp, and taking the connection back.
 *
 * evhttp receives one message that we write: what the strict reader accepted,
 * with the decoded body and one length. It goes straight into the bufferevent's
 * input; the socket is never read by evhttp, so that neither the peer's framing
 * nor its next bytes reach it, and a half-close does not cut the answer. When
 * evhttp has answered and waits for the next request, we take its place again.
 *
 * Both are seen from an activated event: it runs in the same turn, before
 * evhttp can write what must not leave (the body of an answer to HEAD) or read
 * what is not for it. */
#include "wire/conn.h"
#include "wire/message.h"

#include "base/mem.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <stdlib.h>
#include <string.h>

struct lending {
    struct conn *conn;
    struct event back;
    struct evbuffer_cb_entry *watch;
    void (*callback)(struct evhttp_request *request, void *ctx);
    void *ctx;
    int status;          /* of evhttp's answer; 0 before it began */
    uint64_t bytes;      /* of the answer, that have left         */
    bool asked;
    bool keep;           /* the connection goes on                */
    bool bodiless;       /* the answer has no body whatever it is */
    bool cutting;        /* what changes the output is us         */
};

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

/* evhttp's answer begins or goes on, or has left in part. */
static void on_output(struct evbuffer *output,
    const struct evbuffer_cb_info *info, void *ctx)
{
    struct lending *lending = ctx;

    if (lending->cutting || lending->conn->phase != PHASE_LENT)
        return;

    loop_enter(lending->conn->loop);
    if (info->n_added && !lending->status) {
        lending->status = status_of(output);
        lending->bodiless |= lending->status == 204 || lending->status == 304;
    }
    lending->bytes += info->n_deleted;
    event_active(&lending->back, EV_TIMEOUT, 0);
}

/* Nothing of an answer has left yet: keeps its head only. */
static void cut_body(struct lending *lending)
{
    struct evbuffer *output = bufferevent_get_output(lending->conn->bev);
    struct evbuffer_ptr end = evbuffer_search(output, "\r\n\r\n", 4, NULL);
    size_t length = evbuffer_get_length(output);
    struct evbuffer *head;

    if (end.pos < 0 || (size_t)end.pos + 4 >= length)
        return;

    head = evbuffer_new();
    if (!head) {
        seed__conn_kill(lending->conn);
        return;
    }
    lending->cutting = true;
    evbuffer_unfreeze(output, 1);
    evbuffer_remove_buffer(output, head, (size_t)end.pos + 4);
    evbuffer_drain(output, length);
    evbuffer_add_buffer(output, head);
    evbuffer_freeze(output, 1);
    evbuffer_free(head);
    lending->cutting = false;
}

/* Whatever evhttp has read all the same is the next request's. */
static bool return_input(struct conn *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    size_t length = evbuffer_get_length(input);
    unsigned char *bytes = length ? evbuffer_pullup(input, -1) : NULL;

    if (!length)
        return true;
    if (!bytes || !seed__input_return(conn, (char *)bytes, length))
        return false;

    evbuffer_unfreeze(input, 1);
    evbuffer_drain(input, length);
    evbuffer_freeze(input, 1);
    return true;
}

static void take_back(struct lending *lending)
{
    struct conn *conn = lending->conn;
    seed_req *req = conn->req;
    bool returned;

    bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    bufferevent_setcb(conn->bev, NULL, NULL, NULL, NULL);
    returned = return_input(conn);
    lending->asked = false;
    seed__conn_watch(conn);
    conn->busy++;
    seed__answer_lent(conn, lending->keep && returned);
    seed__flow_lent_done(req, lending->status, lending->bytes);
    seed__conn_work(conn);
    seed__conn_leave(conn);
}

/* Idle is an evhttp that has put its read callback back and has sent all. */
static void on_back(evutil_socket_t fd, short what, void *ctx)
{
    struct lending *lending = ctx;
    struct conn *conn = lending->conn;
    bufferevent_data_cb read = NULL;

    (void)fd;
    (void)what;
    loop_enter(conn->loop);
    if (conn->phase != PHASE_LENT || !lending->status)
        return;

    bufferevent_getcb(conn->bev, &read, NULL, NULL, NULL);
    if (read == conn->loop->evhttp_read
        && !evbuffer_get_length(bufferevent_get_output(conn->bev))) {
        take_back(lending);
        return;
    }
    bufferevent_disable(conn->bev, EV_READ);
    if (lending->bodiless && !lending->bytes)
        cut_body(lending);
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
    lending->asked = true;
    seed__conn_touch(conn);
    return true;
}

bool seed__lend_due(const struct conn *conn)
{
    return conn->lending && conn->lending->asked && conn->req
        && conn->phase == PHASE_WAIT && !conn->out.count;
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
    loop->evhttp_read(conn->bev, conn->evcon);
    loop->lending = NULL;
    if (path)
        evhttp_del_cb(evhttp, path);
    seed__release(path);
}

void seed__lend_begin(struct conn *conn)
{
    struct lending *lending = conn->lending;
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    const char *bytes;
    const struct head *head = seed__flow_head(conn->req, &bytes);
    bool whole;

    lending->asked = false;
    lending->keep = head->keep_alive && head->minor
        && !conn->loop->flow->stopping;
    lending->bodiless = seed__message_is_head(conn->req);
    seed__conn_unwatch(conn);
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

bool seed__lend_ended(struct conn *conn, int *status, uint64_t *bytes)
{
    struct lending *lending = conn->lending;

    if (!lending->status
        || evbuffer_get_length(bufferevent_get_output(conn->bev)))
        return false;

    *status = lending->status;
    *bytes = lending->bytes;
    return true;
}
