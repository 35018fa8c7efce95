/* SPDX-License-Identifier: MIT */
#include "unit/wire/rig.h"

#include "wire/listen.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAM_BYTES = 1 << 20, FILE_BYTES = 300000, PIECE = 20000 };

static void note(struct rig *rig, const char *word)
{
    size_t length = strlen(rig->log);

    snprintf(rig->log + length, sizeof rig->log - length, "%s%s",
        length ? " " : "", word);
}

static void note_number(struct rig *rig, const char *word, uint64_t number)
{
    char text[64];

    snprintf(text, sizeof text, "%s:%llu", word, (unsigned long long)number);
    note(rig, text);
}

/* --- handlers ------------------------------------------------------------- */

static void on_peer(seed_req *req, enum seed_peer_state state, void *ctx)
{
    (void)req;
    note(ctx, state == SEED_GONE ? "gone" : "half");
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_step wait_for_it(seed_req *req, seed_res *res, void *ctx)
{
    struct rig *rig = ctx;

    (void)res;
    rig->waiting = req;
    seed_on_peer(req, on_peer, rig);
    note(rig, "wait");
    return SEED_WAIT;
}

static seed_step read_body(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    seed_on_peer(req, on_peer, ctx);
    return seed_read_body(req, 0);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    return seed_send_static(res, 200, body, length);
}

static void on_piece(seed_req *req, const char *bytes, size_t length,
    void *ctx)
{
    struct rig *rig = ctx;
    const char *trailer = seed_req_trailer(req, "X-Sum");

    if (!bytes) {
        note(rig, "end");
        if (trailer)
            note(rig, trailer);
        if (!seed_res_sent(seed_req_res(req)))
            seed_send_text(seed_req_res(req), 200, "read");
        seed_resume(req, SEED_STOP);
        return;
    }
    note_number(rig, "body", length);
    if (strstr(seed_req_path(req), "pause"))
        seed_body_pause(req);
}

static seed_step stream_in(seed_req *req, seed_res *res, void *ctx)
{
    struct rig *rig = ctx;

    if (strstr(seed_req_path(req), "keep"))
        seed_send_text(res, 202, "early");
    rig->waiting = req;
    seed_on_peer(req, on_peer, rig);
    return seed_on_body(req, SEED_UNLIMITED, on_piece, rig);
}

static void write_some(seed_res *res, void *ctx)
{
    static char piece[PIECE];
    struct rig *rig = ctx;
    size_t *left = seed_req_slot(seed_res_req(res), rig);

    note(rig, "drain");
    while (*left) {
        size_t length = *left < sizeof piece ? *left : sizeof piece;

        *left -= length;
        if (seed_stream_write(res, piece, length))
            return;
    }
    seed_stream_end(res);
    seed_resume(seed_res_req(res), SEED_STOP);
}

static void on_stream_peer(seed_req *req, enum seed_peer_state state,
    void *ctx)
{
    on_peer(req, state, ctx);
    if (state == SEED_GONE)
        seed_resume(req, SEED_STOP);
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    size_t *left = seed_req_alloc(req, sizeof *left);

    *left = STREAM_BYTES;
    seed_req_set(req, ctx, left);
    seed_on_peer(req, on_stream_peer, ctx);
    seed_stream_open(res, 200, SEED_UNLIMITED);
    seed_on_drain(res, write_some, ctx);
    write_some(res, ctx);
    return SEED_WAIT;
}

static seed_step copy(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_stream_open(res, 200, SEED_UNLIMITED);
    seed_stream_write(res, "one", 3);
    seed_stream_write(res, "two", 3);
    return seed_stream_end(res);
}

static seed_step cut(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_stream_open(res, 200, 10);
    seed_stream_write(res, "half", 4);
    return seed_stream_abort(res);
}

static seed_step close_after(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_close(res);
    return seed_send_text(res, 200, "bye");
}

static seed_step send_file(seed_req *req, seed_res *res, void *ctx)
{
    char path[] = "/tmp/seed-rig-XXXXXX";
    static char bytes[FILE_BYTES];
    int fd = mkstemp(path);
    seed_step step;

    (void)req;
    (void)ctx;
    memset(bytes, 'f', sizeof bytes);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    step = seed_send_file(res, 200, path);
    unlink(path);
    return step;
}

/* --- evhttp's callbacks --------------------------------------------------- */

static void lent_echo(struct evhttp_request *request, void *ctx)
{
    struct evkeyvalq *fields = evhttp_request_get_input_headers(request);
    const char *length = evhttp_find_header(fields, "Content-Length");

    note(ctx, evhttp_request_get_uri(request));
    assert_null(evhttp_find_header(fields, "Transfer-Encoding"));
    assert_null(evhttp_find_header(fields, "Expect"));
    if (length)
        assert_int_equal(atoi(length), (int)evbuffer_get_length(
            evhttp_request_get_input_buffer(request)));
    evhttp_send_reply(request, 200, "Lent",
        evhttp_request_get_input_buffer(request));
}

static void lent_later(struct evhttp_request *request, void *ctx)
{
    struct rig *rig = ctx;

    note(rig, "lent");
    rig->lent = request;
}

static void lent_empty(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *body = evhttp_request_get_output_buffer(request);

    (void)ctx;
    evbuffer_add_printf(body, "not for 204 or HEAD");
    evhttp_send_reply(request,
        evhttp_request_get_command(request) == EVHTTP_REQ_HEAD ? 200 : 204,
        "Lent", NULL);
}

static void lent_stream(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *piece = evbuffer_new();

    (void)ctx;
    evhttp_send_reply_start(request, 200, "Lent");
    for (int i = 0; i < 3; i++) {
        evbuffer_add_printf(piece, "piece %d;", i);
        evhttp_send_reply_chunk(request, piece);
    }
    evhttp_send_reply_end(request);
    evbuffer_free(piece);
}

/* --- the plan ------------------------------------------------------------- */

static void on_event(const seed_event *event, void *ctx)
{
    static const char *const words[SEED_ON_COUNT] = {
        [SEED_ON_BAD_REQUEST] = "bad",
        [SEED_ON_OPEN] = "open",
        [SEED_ON_CLOSE] = "close",
    };

    if (event->on == SEED_ON_AFTER)
        note_number(ctx, "after", (uint64_t)seed_res_status(event->res));
    else
        note(ctx, words[event->on]);
}

static seed_route *add_route(struct rig *rig, const char *path)
{
    seed_route *route;
    const char *why;

    assert_int_equal(0,
        seed__plan_route(&rig->plan, "*", path, &route, &why));
    return route;
}

static void add(struct rig *rig, const char *path, seed_handler *first,
    seed_handler *second)
{
    seed_route *route = add_route(rig, path);

    seed__chain_add(&route->chain, "route", first, rig, path, "rig", 1);
    if (second)
        seed__chain_add(&route->chain, "route", second, rig, path, "rig", 2);
}

static void mount(struct rig *rig, const char *path,
    void (*callback)(struct evhttp_request *, void *))
{
    assert_int_equal(0,
        seed__route_lend(add_route(rig, path), callback, rig));
}

static void ignore(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static void plan(struct rig *rig)
{
    static const enum seed_on events[] = { SEED_ON_AFTER, SEED_ON_OPEN,
        SEED_ON_CLOSE, SEED_ON_BAD_REQUEST };
    static char server;
    const char *why;

    if (!rig->options.warn)
        rig->options.warn = ignore;
    assert_int_equal(0, seed__plan_init(&rig->plan, &rig->options,
        (seed_server *)(void *)&server, &why));
    for (size_t i = 0; i < COUNT(events); i++)
        seed__hooks_add(&rig->plan.hooks, events[i], on_event, rig, "on_event",
            "rig", 1);
    add(rig, "/hello", hello, NULL);
    add(rig, "/wait", wait_for_it, NULL);
    add(rig, "/echo", read_body, echo);
    add(rig, "/early", hello, NULL);
    add(rig, "/keep", stream_in, NULL);
    add(rig, "/pause", stream_in, NULL);
    add(rig, "/keep-pause", stream_in, NULL);
    add(rig, "/stream", stream, NULL);
    add(rig, "/copy", copy, NULL);
    add(rig, "/abort", cut, NULL);
    add(rig, "/close", close_after, NULL);
    add(rig, "/file", send_file, NULL);
    mount(rig, "/lent", lent_echo);
    mount(rig, "/lent-later", lent_later);
    mount(rig, "/lent-empty", lent_empty);
    mount(rig, "/lent-stream", lent_stream);
}

static void listen_here(struct rig *rig)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_int_equal(0, bind(fd, (struct sockaddr *)&address, size));
    assert_int_equal(0, listen(fd, 64));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address, &size));
    rig->port = ntohs(address.sin_port);
    assert_int_equal(0, seed__loop_listen(rig->loop, fd, rig->maker));
}

void rig_open(struct rig *rig)
{
    static char worker;
    char why[256];

    plan(rig);
    if (rig->evhttp)
        seed__plan_foreign(&rig->plan);
    assert_int_equal(0, seed__loop_new(&rig->loop, rig->base, rig->evhttp, why,
        sizeof why));
    assert_int_equal(0, seed__flow_init(&rig->flow, &rig->plan,
        seed__loop_port(rig->loop), (seed_worker *)(void *)&worker));
    seed__loop_serve(rig->loop, &rig->flow);
    listen_here(rig);
}

void rig_close(struct rig *rig)
{
    seed__loop_close(rig->loop);
    assert_int_equal(rig->flow.begun, rig->flow.finished);
    seed__flow_clear(&rig->flow);
    seed__loop_free(rig->loop);
    seed__plan_clear(&rig->plan);
}

/* --- clients -------------------------------------------------------------- */

int rig_connect(struct rig *rig)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)rig->port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    assert_int_equal(0,
        connect(fd, (struct sockaddr *)&address, sizeof address));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    rig_turn(rig);
    return fd;
}

/* Loopback delivers at once; a few turns carry everything through. */
void rig_turn(struct rig *rig)
{
    struct event_base *base = seed__loop_base(rig->loop);

    for (int i = 0; i < 24; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

void rig_send(struct rig *rig, int fd, const char *text)
{
    size_t length = strlen(text);

    while (length) {
        ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            break;
        if (sent > 0) {
            text += sent;
            length -= (size_t)sent;
        }
        rig_turn(rig);
    }
    rig_turn(rig);
}

size_t rig_drain(int fd)
{
    static char bytes[65536];
    size_t all = 0;
    ssize_t count;

    while ((count = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        all += (size_t)count;
    return all;
}

const char *rig_read(struct rig *rig, int fd)
{
    int quiet = 0;

    rig->length = 0;
    while (quiet < 3) {
        size_t room = sizeof rig->reply - 8 - rig->length;
        ssize_t count;

        rig_turn(rig);
        count = recv(fd, rig->reply + rig->length, room, 0);
        if (count > 0) {
            rig->length += (size_t)count;
            quiet = 0;
            continue;
        }
        if (count == 0 || errno != EAGAIN) {
            memcpy(rig->reply + rig->length, count ? "RST" : "EOF", 3);
            rig->length += 3;
            break;
        }
        quiet++;
    }
    rig->reply[rig->length] = '\0';
    return rig->reply;
}

const char *rig_ask(struct rig *rig, int fd, const char *text)
{
    rig_send(rig, fd, text);
    return rig_read(rig, fd);
}

unsigned rig_count(const char *text, const char *what)
{
    unsigned count = 0;

    while ((text = strstr(text, what))) {
        text += strlen(what);
        count++;
    }
    return count;
}

const char *rig_log(struct rig *rig)
{
    static char copy_of_log[sizeof rig->log];

    memcpy(copy_of_log, rig->log, sizeof rig->log);
    rig->log[0] = '\0';
    return copy_of_log;
}

void rig_hang_up(struct rig *rig, int fd)
{
    close(fd);
    rig_turn(rig);
    rig_log(rig);
}

void rig_reset(struct rig *rig, int fd)
{
    struct linger none = { 1, 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
    rig_turn(rig);
}

void rig_answer(struct rig *rig)
{
    seed_req *req = rig->waiting;

    rig->waiting = NULL;
    seed_resume(req, seed_send_text(seed_req_res(req), 200, "hello"));
    rig_turn(rig);
}

void rig_answer_lent(struct rig *rig)
{
    struct evhttp_request *request = rig->lent;

    rig->lent = NULL;
    evhttp_send_reply(request, 200, "Lent", NULL);
    rig_turn(rig);
}

struct conn *rig_conn(struct rig *rig)
{
    assert_false(ring_empty(&rig->loop->conns));
    return RING_OWNER(rig->loop->conns.next, struct conn, all);
}
