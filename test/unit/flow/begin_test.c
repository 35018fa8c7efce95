/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

/* What is refused never becomes a request. */
static void refuses_heads(void **state)
{
    static const struct {
        const char *text;
        int status;
        const char *fault, *body;
    } cases[] = {
        { "GET / HTTP/1.1\r\n\r\n", 400, "BadRequest",
            "{\"code\":\"BadRequest\",\"message\":\"an HTTP/1.1 request needs"
            " a Host field\"}" },
        { "GET / HTTP/2.0\r\n\r\n", 505, "HttpVersionNotSupported", NULL },
        { "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br, chunked\r\n"
          "\r\n", 501, "NotImplemented", NULL },
        { "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417,
            "ExpectationFailed", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_open(&life, "pre=p/n get=a/t err=e/t");
        assert_null(life_begin(&life, &client, cases[i].text));
        assert_string_equal("BAD", life.log);
        assert_string_equal(cases[i].fault, life.fault);
        assert_int_equal(cases[i].status, life_status(&client));
        assert_true(client.ended);
        assert_int_equal(SINK_CLOSE, client.how);
        assert_has(client.answer, "\r\nConnection: close\r\n");
        assert_has(client.answer, "\r\nServer: libseed\r\n");
        assert_has(client.answer, "\r\nContent-Type: application/json\r\n");
        if (cases[i].body)
            assert_string_equal(cases[i].body, life_body(&client));
        assert_int_equal(0, life.flow.begun);
        life_close(&life);
        life_forget(&client);
    }
}

/* The sink knows its request before the request can answer. */
static seed_step look_at_sink(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    assert_ptr_equal(req, req->sink->req);
    assert_ptr_equal(req, life_of(req)->flow.live);
    return seed_send(res, 204);
}

static void gives_the_sink_its_request(void **state)
{
    struct life life = { 0 };
    struct client client = { .slow = true };

    (void)state;
    life_open(&life, "");
    life_pre(&life, look_at_sink, NULL);
    assert_non_null(life_begin(&life, &client,
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(1, life.flow.begun);
    assert_int_equal(0, life.flow.finished);
    assert_int_equal(204, life_status(&client));
    life_flush(&client);
    assert_int_equal(1, life.flow.finished);
    life_close(&life);
    life_forget(&client);
}

/* The head's bytes are the caller's again when begin returns. */
static void copies_the_head(void **state)
{
    char text[] = "GET /path?q=1 HTTP/1.1\r\nHost: a\r\nX-Y:  z \r\n\r\n";
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;

    (void)state;
    life_open(&life, "pre=p/w");
    req = life_begin(&life, &client, text);
    memset(text, '!', sizeof text - 1);
    assert_string_equal("GET", seed_req_method(req));
    assert_string_equal("/path?q=1", seed_req_url(req));
    assert_string_equal("z", seed_req_header(req, "x-y"));
    life_gone(&client);
    seed_resume(req, SEED_STOP);
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_heads),
        cmocka_unit_test(gives_the_sink_its_request),
        cmocka_unit_test(copies_the_head),
    };

    return cmocka_run_group_tests_name("flow/begin", tests, life_count_memory,
        NULL);
}
