/* SPDX-License-Identifier: MIT */
/* Tells in hex what a request was read as, byte for byte, and has one limit
 * for bodies by every way of reading one: for test_cve_classes.py.
 *
 *     classes [--workers N] */
#include "wire/servers/common.h"

enum { BODY_MOST = 1000, LINE_MOST = 60000, HEAD_MOST = 65535 };

static void hex(seed_json *json, seed_req *req, const char *bytes,
    size_t length)
{
    char *text = seed_req_alloc(req, 2 * length + 1);

    text[0] = '\0';
    for (size_t i = 0; i < length; i++)
        sprintf(text + 2 * i, "%02x", (unsigned char)bytes[i]);
    seed_json_raw_string(json, NULL, text, 2 * length);
}

static void tell_pairs(seed_json *json, seed_req *req, const char *key,
    const seed_pairs *pairs)
{
    seed_json_array(json, key);
    for (size_t i = 0; pairs && i < pairs->count; i++) {
        const seed_pair *pair = &pairs->pairs[i];

        hex(json, req, pair->name, pair->name_length);
        hex(json, req, pair->value, pair->value_length);
    }
    seed_json_end(json);
}

static seed_step see(seed_req *req, seed_res *res, void *ctx)
{
    static const char *const trailers[] = { "Host", "Authorization",
        "Content-Length", "Cookie", "X-User" };
    const char *name, *value;
    seed_json json;

    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_string(&json, "method", seed_req_method(req));
    seed_json_string(&json, "host", seed_req_host(req));
    seed_json_string(&json, "peer", seed_req_peer(req));
    seed_json_array(&json, "params");
    for (size_t i = 0; seed_req_param_at(req, i, &name, &value); i++)
        hex(&json, req, value, strlen(value));
    seed_json_end(&json);
    seed_json_array(&json, "fields");
    for (size_t i = 0; seed_req_field(req, i, &name, &value); i++) {
        hex(&json, req, name, strlen(name));
        hex(&json, req, value, strlen(value));
    }
    seed_json_end(&json);
    seed_json_array(&json, "trailers");
    for (size_t i = 0; i < sizeof trailers / sizeof *trailers; i++)
        seed_json_string(&json, NULL, seed_req_trailer(req, trailers[i]));
    seed_json_end(&json);
    tell_pairs(&json, req, "query", seed_req_query_pairs(req));
    tell_pairs(&json, req, "form", seed_req_form(req));
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

/* Answers with its own words: which route it was. */
static seed_step say(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    return seed_send_text(res, 200, ctx);
}

static seed_step read_whole(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, BODY_MOST);
}

static void take_piece(seed_req *req, const char *bytes, size_t length,
    void *ctx)
{
    atomic_fetch_add(&counts.received, (long)length);
    if (!bytes)
        seed_resume(req, say(req, seed_req_res(req), ctx));
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return seed_on_body(req, BODY_MOST, take_piece, ctx);
}

static void add_bodies(seed_server *server)
{
    static struct seed_parse_options small = { .max_body = BODY_MOST };

    seed_route_then(seed_post(server, "/whole", read_whole, NULL), say,
        "whole");
    seed_post(server, "/stream", stream, "stream");
    seed_route_then(seed_post(server, "/form", seed_parse_form, &small), say,
        "form");
    seed_route_then(seed_post(server, "/json", seed_parse_json, &small), say,
        "json");
    seed_route_then(seed_post(server, "/deep", seed_parse_json, NULL), say,
        "deep");
    seed_route_then(seed_post(server, "/see", seed_parse_form, NULL), see,
        NULL);
}

/* Patterns that a reader with second thoughts would try in many ways. */
static void add_thickets(seed_server *server)
{
    seed_get(server, "/t/:a/b/:c/d/*", say, "five");
    seed_get(server, "/t/:a/b/:c/e", say, "four");
    seed_get(server, "/t/a/b/a/b/a/b/a/c", say, "fixed");
    seed_get(server, "/t/:a/:b/:c/:d/:e/:f/:g/:h", say, "eight");
    seed_get(server, "/v/:a-:b-:c.x", say, "parts");
    seed_get(server, "/w/*", say, "rest");
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server;

    flags.options.max_request_line = LINE_MOST;
    flags.options.max_head = HEAD_MOST;
    server = seed_server_new(&flags.options);
    seed_watch(server, &(struct seed_watch){ .metrics = true });
    keep_counts(server);
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
    seed_get(server, "/quick", say, "quick");
    seed_get(server, "/see/:a", see, NULL);
    seed_get(server, "/public/*", say, "public");
    seed_get(server, "/private", say, "private");
    add_bodies(server);
    add_thickets(server);
    return serve(server, &flags);
}
