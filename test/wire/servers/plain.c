/* SPDX-License-Identifier: MIT */
/* Answers that are there at once: text, JSON, bytes, files, redirects, faults,
 * parsed bodies; and what the request looked like to a handler. */
#include "common.h"

#include <jansson.h>
#include <unistd.h>

static seed_step text(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    return seed_send_text(res, 200, ctx);
}

static seed_step send_value(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_json(res, 200, json_pack("{s:s, s:i}", "a", "b", "n", 7));
}

static seed_step send_many(seed_req *req, seed_res *res, void *ctx)
{
    size_t length = strtoul(seed_req_param(req, "n"), NULL, 10);
    char *bytes = seed_req_alloc(req, length + 1);

    (void)ctx;
    if (!bytes)
        return seed_fail(res, 503, "no memory");
    memset(bytes, 'x', length);
    return seed_send_static(res, 200, bytes, length);
}

static seed_step send_status(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, atoi(seed_req_param(req, "status")), "body");
}

static seed_step fail_status(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_res_set(res, "Retry-After", "1");
    return seed_fail(res, atoi(seed_req_param(req, "status")), "as %s",
        "asked");
}

static seed_step forget(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static seed_step send_twice(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_send_text(res, 200, "first");
    return seed_send_text(res, 500, "second");
}

static seed_step read_body(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    return seed_send_bytes(res, 200, body, length);
}

/* What a handler sees: the target, the fields, and a trailer apart. */
static seed_step tell_request(seed_req *req, seed_res *res, void *ctx)
{
    const char *name, *value, *trailer = seed_req_trailer(req, "X-Trailer");
    seed_json json;

    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_string(&json, "method", seed_req_method(req));
    seed_json_string(&json, "url", seed_req_url(req));
    seed_json_string(&json, "host", seed_req_host(req));
    seed_json_string(&json, "peer", seed_req_peer(req));
    seed_json_string(&json, "a", seed_req_param(req, "a"));
    seed_json_string(&json, "rest", seed_req_param(req, "*"));
    seed_json_string(&json, "q", seed_req_query(req, "q"));
    seed_json_string(&json, "trailer", trailer);
    seed_json_integer(&json, "worker",
        seed_worker_index(seed_req_worker(req)));
    seed_json_array(&json, "fields");
    for (size_t i = 0; seed_req_field(req, i, &name, &value); i++) {
        seed_json_string(&json, NULL, name);
        seed_json_string(&json, NULL, value);
    }
    seed_json_end(&json);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

/* Sets a field from the client's words: nothing of it may split the answer. */
static seed_step set_field(seed_req *req, seed_res *res, void *ctx)
{
    const seed_pairs *pairs = seed_req_query_pairs(req);
    const seed_pair *name = seed_pairs_find(pairs, "name", NULL);
    const seed_pair *value = seed_pairs_find(pairs, "value", NULL);
    int error = seed_res_set(res, name->value, value->value);

    (void)ctx;
    return seed_send_text(res, 200, error ? seed_strerror(error) : "set");
}

static seed_step redirect(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_redirect(res, 302, seed_req_query(req, "to"));
}

static seed_step close_after(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_close(res);
    return seed_send_text(res, 200, "last");
}

static seed_step send_path(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_file(res, 200, seed_req_query(req, "path"));
}

static seed_step tell_json(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_json(res, 200, json_incref(seed_req_json(req)));
}

static seed_step tell_form(seed_req *req, seed_res *res, void *ctx)
{
    const seed_pairs *form = seed_req_form(req);
    const seed_pair *pair = form ? seed_pairs_find(form, "name", NULL) : NULL;

    (void)ctx;
    return seed_send_text(res, 200, pair ? pair->value : "no name");
}

static seed_step rewrite(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    if (!strcmp(seed_req_path(req), "/old"))
        seed_req_rewrite(req, "/text");
    return SEED_NEXT;
}

static void add_bodies(seed_server *server)
{
    seed_route_then(seed_route_add(server, "*", "/echo", read_body, NULL),
        echo, NULL);
    seed_route_then(seed_post(server, "/fields", read_body, NULL),
        tell_request, NULL);
    seed_route_then(seed_post(server, "/json", seed_parse_json, NULL),
        tell_json, NULL);
    seed_route_then(seed_post(server, "/form", seed_parse_form, NULL),
        tell_form, NULL);
    seed_post(server, "/early", text, "answered before the body");
}

static void add_answers(seed_server *server)
{
    seed_get(server, "/text", text, "hello");
    seed_get(server, "/value", send_value, NULL);
    seed_get(server, "/many/:n", send_many, NULL);
    seed_get(server, "/status/:status", send_status, NULL);
    seed_get(server, "/fail/:status", fail_status, NULL);
    seed_get(server, "/forget", forget, NULL);
    seed_get(server, "/twice", send_twice, NULL);
    seed_get(server, "/fields", tell_request, NULL);
    seed_get(server, "/param/:a", tell_request, NULL);
    seed_get(server, "/rest/*", tell_request, NULL);
    seed_get(server, "/set", set_field, NULL);
    seed_get(server, "/redirect", redirect, NULL);
    seed_get(server, "/close", close_after, NULL);
    seed_get(server, "/file", send_path, NULL);
    seed_get(server, "/methods", text, "got");
    seed_put(server, "/methods", text, "put");
    seed_del(server, "/methods", text, "deleted");
    seed_route_then(seed_get(server, "/tagged", seed_conditional, NULL), text,
        "tagged");
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server = seed_server_new(&flags.options);

    keep_counts(server);
    seed_pre(server, rewrite, NULL);
    add_answers(server);
    add_bodies(server);
    return serve(server, &flags);
}
