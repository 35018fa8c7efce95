/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static seed_step pass(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hi");
}

static seed_ledger *ledger;
static seed_server *server;

static int set_up(void **state)
{
    (void)state;
    server = seed_server_new(NULL);
    ledger = seed_ledger_new(server, NULL);
    for (int i = 0; i < 3; i++)
        seed_use_at(server, pass, NULL, "a<b>&", "x\".c", 7);
    seed_get(server, "/hello/:name", hello, NULL);
    seed_get(server, "/ledger", seed_ledger_send, ledger);
    seed_get(server, "/none", seed_ledger_send, NULL);
    for (int i = 0; i < 5; i++)
        seed_reply_free(seed_inject(server,
            &(struct seed_injection){ .url = "/hello/x" }));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    seed_server_free(server);
    seed_ledger_free(ledger);
    return 0;
}

static seed_reply *ask_for(const char *url, const char *accept)
{
    const char *headers[] = { "Accept", accept, NULL };
    seed_reply *reply = seed_inject(server,
        &(struct seed_injection){ .url = url, .headers = headers });

    assert_non_null(reply);
    return reply;
}

static json_t *find(json_t *rows, const char *function)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
        if (!strcmp(json_string_value(json_object_get(row, "function")),
                function))
            return row;
    fail();
    return NULL;
}

static void sends_json(void **state)
{
    static const char *const keys[] = { "kind", "function", "file", "line",
        "callsPerRequest", "calls", "requests", "wallNs", "selfNs", "cpuNs",
        "longestNs", "p50Ns", "p99Ns", "waits", "waitedNs" };
    seed_reply *reply = ask_for("/ledger", "*/*");
    json_t *all = json_loads(seed_reply_body(reply, NULL), 0, NULL), *row;

    (void)state;
    assert_int_equal(seed_reply_status(reply), 200);
    assert_string_equal(seed_reply_header(reply, "Cache-Control"),
        "no-store");
    assert_non_null(all);
    row = find(json_object_get(all, "rows"), "a<b>&");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null(json_object_get(row, keys[i]));
    assert_null(json_object_get(row, "route"));
    assert_int_equal(json_integer_value(json_object_get(row, "line")), 7);
    assert_true(json_real_value(json_object_get(row, "callsPerRequest"))
        == 3);
    row = find(json_object_get(all, "rows"), "hello");
    assert_int_equal(json_integer_value(json_object_get(row, "calls")), 5);
    assert_string_equal(json_string_value(json_object_get(row, "route")),
        "/hello/:name");
    assert_string_equal(json_string_value(json_object_get(row, "method")),
        "GET");
    json_decref(all);
    seed_reply_free(reply);
}

static void sends_a_page(void **state)
{
    static const char *const wanted[] = { "<!doctype html>",
        "<code>a&lt;b&gt;&amp;</code><td>use<td><code>x&quot;.c:7</code>",
        "<code>hello</code><td>route <code>GET /hello/:name</code>",
        "<td>3.0<td>", "</html>\n" };
    seed_reply *reply = ask_for("/ledger",
        "text/html,application/xhtml+xml,*/*;q=0.8");
    const char *body = seed_reply_body(reply, NULL);

    (void)state;
    assert_string_equal(seed_reply_header(reply, "Content-Type"),
        "text/html; charset=utf-8");
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_non_null(strstr(body, wanted[i]));
    seed_reply_free(reply);
}

static void is_missed(void **state)
{
    seed_reply *reply = ask_for("/none", "*/*");

    (void)state;
    assert_int_equal(seed_reply_status(reply), 404);
    seed_reply_free(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_json),
        cmocka_unit_test(sends_a_page),
        cmocka_unit_test(is_missed),
    };

    return cmocka_run_group_tests_name("watch/ledger_page", tests, set_up,
        tear_down);
}
