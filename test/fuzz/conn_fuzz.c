/* SPDX-License-Identifier: MIT */
/* A whole connection: any bytes, in several writes, to a server with handlers
 * of every kind. Whatever comes, each answer is well formed and belongs to a
 * request that was accepted, `after` runs for all of them, and nothing of the
 * connection stays. Seeds: test/data/head. */
#include "fuzz/answers.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <seed.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CUTS = 8, REQUESTS = 512, ROOM = 1 << 21, TURNS = 400 };

static struct event_base *base;
static seed_server *server;
static struct sockaddr_un address = { .sun_family = AF_UNIX };

static char reply[ROOM];
static size_t length;
static bool heads[REQUESTS]; /* whether the request is a HEAD */
static unsigned begun, ended, refused, open_now, lent_out;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* --- handlers ------------------------------------------------------------- */

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_step read_body(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 2000);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t bytes;
    const char *body = seed_req_body(req, &bytes);

    (void)ctx;
    return seed_send_bytes(res, 200, body, bytes);
}

static void go_on(void *ctx)
{
    seed_resume(ctx, SEED_NEXT);
}

static seed_step later(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    if (seed_next_turn(seed_req_worker(req), go_on, req))
        return seed_fail(res, 503, NULL);
    return SEED_WAIT;
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    const char *query = seed_req_query(req, "n");
    unsigned pieces = query ? (unsigned)atoi(query) % 100 : 3;
    static char piece[3000];

    (void)ctx;
    if (seed_stream_open(res, 200, SEED_UNLIMITED))
        return SEED_STOP;
    for (unsigned i = 0; i < pieces; i++)
        seed_stream_write(res, piece, i * 37 % sizeof piece);
    return seed_stream_end(res);
}

static void on_piece(seed_req *req, const char *piece, size_t bytes,
    void *ctx)
{
    (void)bytes;
    (void)ctx;
    if (piece)
        return;
    seed_resume(req, seed_send_text(seed_req_res(req), 200, "read"));
}

static seed_step take_pieces(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_on_body(req, 5000, on_piece, NULL);
}

static seed_step close_after(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_close(res);
    return seed_send_text(res, 200, "bye");
}

static void lent(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *body = evbuffer_new();

    (void)ctx;
    lent_out++;
    evbuffer_add_printf(body, "lent");
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

/* --- what came to pass ---------------------------------------------------- */

static void on_pre(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert(begun < REQUESTS);
    heads[begun++] = !strcmp(seed_req_method(event->req), "HEAD");
}

static void on_other(const seed_event *event, void *ctx)
{
    (void)event;
    ++*(unsigned *)ctx;
}

static void on_close(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    open_now--;
}

static void say_nothing(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static char folder[] = "/tmp/seed-fuzz-XXXXXX";

static void leave(void)
{
    seed_server_free(server);
    event_base_free(base);
    unlink(address.sun_path);
    rmdir(folder);
}

static void start(void)
{
    assert(mkdtemp(folder));
    atexit(leave);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
    base = event_base_new();
    server = seed_server_new(&(struct seed_options){ .base = base,
        .warn = say_nothing, .max_drain = 4000, .max_output = 9000 });
    seed_get(server, "/", hello, NULL);
    seed_route_then(seed_post(server, "/echo", read_body, NULL), echo, NULL);
    seed_route_then(seed_get(server, "/later/:x", later, NULL), hello, NULL);
    seed_get(server, "/stream", stream, NULL);
    seed_put(server, "/pieces", take_pieces, NULL);
    seed_get(server, "/close", close_after, NULL);
    seed_route_then(seed_post(server, "/json", seed_parse_body, NULL), hello,
        NULL);
    seed_mount_evhttp(server, "/lent", lent, NULL);
    seed_on(server, SEED_ON_PRE, on_pre, NULL);
    seed_on(server, SEED_ON_BAD_REQUEST, on_other, &refused);
    seed_on(server, SEED_ON_OPEN, on_other, &open_now);
    seed_on(server, SEED_ON_CLOSE, on_close, NULL);
    seed_after(server, on_other, &ended);
    seed_listen_unix(server, address.sun_path);
    if (seed_start(server)) {
        fprintf(stderr, "%s\n", seed_server_error(server));
        abort();
    }
}

/* --- the client ----------------------------------------------------------- */

static void take(int fd)
{
    ssize_t got;

    while (length < ROOM
        && (got = recv(fd, reply + length, ROOM - length, MSG_DONTWAIT)) > 0)
        length += (size_t)got;
}

static void turn(int fd)
{
    for (int i = 0; i < 4; i++) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        take(fd);
    }
}

/* With `last` the client shuts its side at once, before anything is read. */
static void push(int fd, const uint8_t *bytes, size_t size, bool last)
{
    for (int tries = 0; size && tries < TURNS; tries++) {
        ssize_t sent = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            return;
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
        if (last && !size)
            shutdown(fd, SHUT_WR);
        turn(fd);
    }
}

/* "cuts": how many, where, how it ends; then the bytes. */
static void play(int fd, const uint8_t *bytes, size_t size)
{
    size_t cuts = size ? bytes[0] % CUTS : 0, at;
    const uint8_t *places = bytes + 1;
    bool half_close = size && bytes[0] & 128;

    if (size <= cuts)
        return;
    bytes += 1 + cuts;
    size -= 1 + cuts;
    for (size_t i = 0; i < cuts && size; i++) {
        at = places[i] % (size + 1);
        push(fd, bytes, at, false);
        bytes += at;
        size -= at;
        turn(fd);
    }
    push(fd, bytes, size, half_close);
    if (half_close)
        shutdown(fd, SHUT_WR);
    turn(fd);
}

static void judge(void)
{
    const char *at = reply, *end = reply + length;
    unsigned answers = 0;
    struct answer_read answer;

    while (at && at < end) {
        bool to_head = answers < begun && heads[answers];

        /* What evhttp says to HTTP/1.0 ends with the connection, at times,
         * and is evhttp's own. Libseed never speaks so. */
        if (lent_out && end - at > 9 && !memcmp(at, "HTTP/1.0 ", 9))
            return;
        at = answer_read(&answer, at, end, to_head);
        if (!at)
            break; /* the client went away in the middle of a head */
        answers += answer.status >= 200;
        assert(answer.status != 101);
    }
    assert(answers <= begun + refused && refused <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int fd, tries;

    if (!base)
        start();
    begun = ended = refused = lent_out = 0;
    length = 0;
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert(fd >= 0);
    assert(!connect(fd, (struct sockaddr *)&address, sizeof address));
    turn(fd);
    play(fd, bytes, size);
    for (tries = 0; tries < TURNS && ended < begun; tries++)
        turn(fd);
    close(fd);
    for (tries = 0; tries < TURNS && (open_now || ended < begun); tries++)
        event_base_loop(base, EVLOOP_NONBLOCK);

    assert(begun == ended && !open_now);
    judge();
    return 0;
}
