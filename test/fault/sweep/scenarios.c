/* SPDX-License-Identifier: MIT */
/* The scenarios of a sweep: what a server is made of, and what it is asked. */
#include "life.h"

#include <event2/http.h>
#include <jansson.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- handlers ------------------------------------------------------------- */

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_step send_value(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_json(res, 200, json_pack("{s:[i,s]}", "a", 1, "b"));
}

static seed_step write_value(seed_req *req, seed_res *res, void *ctx)
{
    static const char long_text[3000];
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_bytes(&json, "zeros", long_text, sizeof long_text);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static seed_step read_it(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 4000);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    return seed_send_bytes(res, 200, body, length);
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    static const char piece[2000];

    (void)req;
    (void)ctx;
    if (seed_stream_open(res, 200, SEED_UNLIMITED))
        return SEED_STOP;
    for (int i = 0; i < 5; i++)
        seed_stream_write(res, piece, sizeof piece);
    return seed_stream_end(res);
}

static void work(void *ctx)
{
    (void)ctx;
}

static seed_step send_off(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_offload(req, work, hello, NULL);
}

static void lent(struct evhttp_request *request, void *ctx)
{
    (void)ctx;
    evhttp_send_reply(request, 200, "OK", NULL);
}

static void more_hooks(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static seed_step add_hook(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_after(seed_req_server(req), more_hooks, NULL);
    return seed_send(res, 204);
}

/* --- scenarios ------------------------------------------------------------ */

static void set_hello(seed_server *server)
{
    (void)server;
}

static void set_json(seed_server *server)
{
    seed_get(server, "/json", send_value, NULL);
    seed_get(server, "/written", write_value, NULL);
}

static void set_bodies(seed_server *server)
{
    seed_route_then(seed_post(server, "/echo", read_it, NULL), echo, NULL);
    seed_route_then(seed_post(server, "/parse", seed_parse_body, NULL), hello,
        NULL);
}

static void set_stream(seed_server *server)
{
    seed_get(server, "/stream", stream, NULL);
}

static void set_conditional(seed_server *server)
{
    seed_use(server, seed_conditional, NULL);
}

static void set_lent(seed_server *server)
{
    seed_mount_evhttp(server, "/lent", lent, NULL);
}

static void set_offload(seed_server *server)
{
    seed_get(server, "/off", send_off, NULL);
}

static void set_hooks(seed_server *server)
{
    seed_set_max_hooks(server, SEED_UNLIMITED);
    seed_get(server, "/hook/:a/:b", add_hook, NULL);
}

static seed_step send_file(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_file(res, 200, life_file());
}

static seed_step send_much(seed_req *req, seed_res *res, void *ctx)
{
    static const char much[100000];

    (void)req;
    (void)ctx;
    return seed_send_static(res, 200, much, sizeof much);
}

static void set_large(seed_server *server)
{
    seed_get(server, "/file", send_file, NULL);
    seed_get(server, "/much", send_much, NULL);
}

static void reload(seed_server *server)
{
    seed_tls_reload(server);
}

static void set_watchers(seed_server *server)
{
    seed_watch(server, &(struct seed_watch){ .log = "/dev/null",
        .metrics = true, .ledger = true });
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
    seed_get(server, "/ledger", seed_ledger_send,
        seed_watchers(server).ledger);
}

#define HEAD(line) line " HTTP/1.1\r\nHost: a\r\n"
#define BODY(line, type, length, body) \
    HEAD(line) "Content-Type: " type "\r\nContent-Length: " length \
    "\r\n\r\n" body

const struct scenario scenarios[] = {
    { "start", set_hello, .request = NULL },
    { "get", set_hello,
        .request = HEAD("GET /") "\r\n" },
    { "head", set_hello,
        .request = HEAD("HEAD /") "\r\n" },
    { "fields", set_hello,
        .request = HEAD("GET /") "A: 1\r\nB: 2\r\nC: 3\r\n\r\n" },
    { "not found", set_hello,
        .request = HEAD("GET /no/such") "\r\n" },
    { "not allowed", set_hello,
        .request = HEAD("PUT /") "\r\n" },
    { "bad request", set_hello,
        .request = "GET / HTTP/1.1\r\nHost : a\r\n\r\n" },
    { "pipelined", set_hello,
        .request = HEAD("GET /") "\r\n" HEAD("GET /") "\r\n" },
    { "json value", set_json,
        .request = HEAD("GET /json") "\r\n" },
    { "json written", set_json,
        .request = HEAD("GET /written") "\r\n" },
    { "echo", set_bodies,
        .request = BODY("POST /echo", "a/b", "5", "12345") },
    { "chunked", set_bodies,
        .request = HEAD("POST /echo")
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" },
    { "expect", set_bodies,
        .request = HEAD("POST /echo")
        "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab" },
    { "parse json", set_bodies,
        .request = BODY("POST /parse", "application/json", "13",
        "{\"a\":[1,2,3]}") },
    { "parse form", set_bodies,
        .request = BODY("POST /parse",
        "application/x-www-form-urlencoded", "7", "a=1&b=2") },
    { "stream", set_stream,
        .request = HEAD("GET /stream") "\r\n" },
    { "conditional", set_conditional,
        .request = HEAD("GET /") "If-None-Match: \"x\"\r\n\r\n" },
    { "lent", set_lent,
        .request = HEAD("GET /lent") "\r\n" },
    { "offload", set_offload,
        .request = HEAD("GET /off") "\r\n" },
    { "hooks", set_hooks,
        .request = HEAD("GET /hook/1/2?c=d") "\r\n" },
    { "watchers", set_watchers,
        .request = HEAD("GET /") "\r\n" },
    { "metrics", set_watchers,
        .request = HEAD("GET /metrics") "\r\n" },
    { "ledger", set_watchers,
        .request = HEAD("GET /ledger") "\r\n" },
    { "file", set_large,
        .request = HEAD("GET /file") "\r\n" },
    { "much", set_large,
        .request = HEAD("GET /much") "\r\n" },
    { "tcp", set_hello,
        .request = HEAD("GET /") "\r\n", .how = LIFE_TCP },
    { "tls", set_hello,
        .request = HEAD("GET /") "\r\n", .how = LIFE_TLS },
    { "tls post", set_bodies,
        .request = BODY("POST /echo", "a/b", "5", "12345"),
        .how = LIFE_TLS, .started = true },
    { "tls file", set_large,
        .request = HEAD("GET /file") "\r\n", .how = LIFE_TLS,
        .started = true },
    { "tls reload", set_hello,
        .request = HEAD("GET /") "\r\n", .how = LIFE_TLS,
        .act = reload, .started = true },
    { "workers", set_hello,
        .request = HEAD("GET /") "\r\n", .how = LIFE_TCP,
        .workers = 2 },
};

const int scenario_count = sizeof scenarios / sizeof *scenarios;
