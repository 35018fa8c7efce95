/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_param(req, "name"));
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const void *body;

    (void)ctx;
    body = seed_req_body(req, &length);
    return seed_send_bytes(res, 200, body, length);
}

static seed_step read_body(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

static seed_step never(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    *(seed_req **)ctx = req;
    return SEED_WAIT;
}

static void answer_later(void *ctx)
{
    seed_req *req = ctx;

    seed_resume(req, seed_send_text(seed_req_res(req), 200, "later"));
}

static seed_step later(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    seed_next_turn(seed_req_worker(req), answer_later, req);
    return SEED_WAIT;
}

static seed_step peer(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_peer(req));
}

static seed_req *held;

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/hello/:name", hello, NULL);
    seed_route_then(seed_post(server, "/echo", read_body, NULL), echo, NULL);
    seed_get(server, "/later", later, NULL);
    seed_get(server, "/never", never, &held);
    seed_get(server, "/peer", peer, NULL);
    return server;
}

static const struct {
    const char *what;
    struct seed_injection injection;
    int status;
    const char *body;
} requests[] = {
    { "a parameter", { .url = "/hello/you" }, 200, "you" },
    { "in a later turn", { .url = "/later" }, 200, "later" },
    { "no route", { .url = "/nope" }, 404,
        "{\"code\":\"ResourceNotFound\","
        "\"message\":\"/nope does not exist\"}" },
    { "HEAD", { .method = "HEAD", .url = "/hello/x" }, 200, "" },
    { "no method", { .method = "PUT", .url = "/later" }, 405, NULL },
    { "unknown method", { .method = "FROB", .url = "/later" }, 501, NULL },
    { "bad target", { .url = "a b" }, 400, NULL },
    { "bad field", { .url = "/later",
        .headers = (const char *const[]){ "a b", "c", NULL } }, 400, NULL },
    { "a body", { .method = "POST", .url = "/echo", .body = "abc",
        .length = 3 }, 200, "abc" },
    { "a chunked body", { .method = "POST", .url = "/echo",
        .headers = (const char *const[]){ "Transfer-Encoding", "chunked",
            NULL }, .body = "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", .length = 18 },
        200, "abc" },
    { "a malformed body", { .method = "POST", .url = "/echo",
        .headers = (const char *const[]){ "Transfer-Encoding", "chunked",
            NULL }, .body = "zz\r\n", .length = 4 }, 400, NULL },
    { "a body that is cut", { .method = "POST", .url = "/echo",
        .headers = (const char *const[]){ "Content-Length", "9", NULL },
        .body = "abc", .length = 3 }, 400, NULL },
    { "a body that nobody reads", { .method = "GET", .url = "/hello/b",
        .body = "abc", .length = 3 }, 200, "b" },
    { "no socket", { .url = "/peer" }, 200, "inject:" },
};

static void check_requests(seed_server *server)
{
    for (size_t i = 0; i < COUNT(requests); i++) {
        seed_reply *reply = seed_inject(server, &requests[i].injection);

        if (seed_reply_status(reply) != requests[i].status)
            print_error("%s\n", requests[i].what);
        assert_int_equal(seed_reply_status(reply), requests[i].status);
        if (requests[i].body)
            assert_string_equal(seed_reply_body(reply, NULL),
                requests[i].body);
        seed_reply_free(reply);
    }
}

static void goes_the_whole_way(void **state)
{
    seed_server *server = make_server();

    (void)state;
    check_requests(server);
    seed_server_free(server);
}

static void says_continue_to_who_expects_it(void **state)
{
    seed_server *server = make_server();
    seed_reply *reply = seed_inject(server, &(struct seed_injection){
        .method = "POST", .url = "/echo", .body = "abc", .length = 3,
        .headers = (const char *const[]){ "Expect", "100-continue", NULL } });

    (void)state;
    assert_memory_equal(seed_reply_raw(reply, NULL),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", 42);
    assert_string_equal(seed_reply_body(reply, NULL), "abc");
    seed_reply_free(reply);
    seed_server_free(server);
}

static void routes_may_follow_between_injections(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_reply *reply = seed_inject(server, NULL);

    (void)state;
    assert_int_equal(seed_reply_status(reply), 404);
    seed_reply_free(reply);

    seed_get(server, "/", peer, NULL);
    assert_null(seed_server_error(server));
    reply = seed_inject(server, NULL);
    assert_int_equal(seed_reply_status(reply), 200);
    seed_reply_free(reply);
    seed_server_free(server);
}

static void works_on_a_server_that_runs(void **state)
{
    seed_server *server = make_server();
    struct served served;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    check_requests(server);
    serve(&served, server);
    check_requests(server);
    assert_int_equal(serve_stop(&served), 0);
    assert_null(seed_inject(server, NULL));
    seed_server_free(server);
}

static seed_step inner(seed_req *req, seed_res *res, void *ctx)
{
    seed_reply *reply = seed_inject(seed_req_server(req),
        &(struct seed_injection){ .url = ctx });
    seed_step step = seed_send_text(res, 200,
        reply ? seed_reply_body(reply, NULL) : "no answer");

    seed_reply_free(reply);
    return step;
}

static void answers_a_handler_at_once_or_not(void **state)
{
    static const struct {
        const char *url, *want;
    } cases[] = {
        { "/hello/me", "me" },
        { "/later", "no answer" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        seed_server *server = make_server();
        seed_reply *reply;

        seed_get(server, "/", inner, (void *)(uintptr_t)cases[i].url);
        reply = seed_inject(server, NULL);
        assert_string_equal(seed_reply_body(reply, NULL), cases[i].want);
        seed_reply_free(reply);
        seed_server_free(server);
    }
}

static void *inject_from_afar(void *server)
{
    return seed_inject(server, &(struct seed_injection){ .url = "/never" });
}

static void lets_go_when_the_server_stops(void **state)
{
    seed_server *server = make_server();
    struct served served;
    pthread_t thread;
    void *reply = server;

    (void)state;
    held = NULL;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    pthread_create(&thread, NULL, inject_from_afar, server);
    sleep_ms(100);
    assert_int_equal(serve_stop(&served), 0);
    pthread_join(thread, &reply);
    assert_null(reply);
    assert_non_null(held);
    assert_int_equal(seed_req_peer_state(held), SEED_GONE);
    seed_resume(held, SEED_STOP);
    seed_server_free(server);
}

static void count(const seed_event *event, void *ctx)
{
    (void)event;
    ++*(int *)ctx;
}

static void is_counted_by_after(void **state)
{
    seed_server *server = make_server();
    int afters = 0, bad = 0;

    (void)state;
    seed_after(server, count, &afters);
    seed_on(server, SEED_ON_BAD_REQUEST, count, &bad);
    check_requests(server);
    assert_int_equal(afters + 3, COUNT(requests)); /* heads that were refused */
    assert_int_equal(bad, 3 + 2);                  /* and two bodies          */
    seed_server_free(server);
}

static void gives_nothing_after_an_error(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_null(seed_inject(NULL, NULL));
    seed_get(server, "no slash", peer, NULL);
    assert_null(seed_inject(server, NULL));
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_the_whole_way),
        cmocka_unit_test(says_continue_to_who_expects_it),
        cmocka_unit_test(routes_may_follow_between_injections),
        cmocka_unit_test(works_on_a_server_that_runs),
        cmocka_unit_test(answers_a_handler_at_once_or_not),
        cmocka_unit_test(lets_go_when_the_server_stops),
        cmocka_unit_test(is_counted_by_after),
        cmocka_unit_test(gives_nothing_after_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
