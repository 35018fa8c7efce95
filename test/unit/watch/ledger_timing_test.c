/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char field_name[] = "X-Timing";

static seed_step pass(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "Server-Timing", "db;dur=1");
    return SEED_NEXT;
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hi");
}

static void go_on(void *ctx)
{
    seed_resume(ctx, SEED_NEXT);
}

static void send_late(void *ctx)
{
    seed_resume(ctx, seed_send_text(seed_req_res(ctx), 200, "late"));
}

static seed_step wait_a_while(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    seed_timer_start(seed_req_worker(req), 60, false, ctx ? send_late : go_on,
        req);
    return SEED_WAIT;
}

/* The Server-Timing of one answer that was asked for: its first field, and
 * how many there are. */
static unsigned timing(seed_server *server, const char *url, bool ask,
    char out[4096])
{
    const char *headers[] = { "x-TIMING", "", NULL }, *at;
    seed_reply *reply = seed_inject(server, &(struct seed_injection){
        .url = url, .headers = ask ? headers : NULL });
    unsigned count = 0;

    assert_int_equal(seed_reply_status(reply), 200);
    for (at = seed_reply_raw(reply, NULL); at && (at = strstr(at,
            "Server-Timing: ")); count++) {
        at += strlen("Server-Timing: ");
        snprintf(out, 4096, "%.*s", (int)strcspn(at, "\r"), at);
    }
    seed_reply_free(reply);
    return count;
}

static double duration(const char *text, const char *name)
{
    char start[64];
    const char *at;

    snprintf(start, sizeof start, "%s;", name);
    at = strstr(text, start);
    assert_non_null(at);
    at = strstr(at, "dur=");
    assert_non_null(at);
    return strtod(at + 4, NULL);
}

static void tells_who_asks(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server,
        &(struct seed_ledger_options){ .timing_field = field_name });
    char text[4096], want[256];
    int line;

    (void)state;
    seed_use(server, pass, NULL);
    line = __LINE__ + 1;
    seed_get(server, "/", hello, NULL);
    assert_int_equal(timing(server, "/", false, text), 1);
    assert_string_equal(text, "db;dur=1");

    /* The application's own stays. */
    assert_int_equal(timing(server, "/", true, text), 2);
    snprintf(want, sizeof want, ", hello;desc=\"route ledger_timing_test.c:%d"
        "\";dur=", line);
    assert_non_null(strstr(text, want));
    assert_non_null(strstr(text, "pass;desc=\"use "));
    assert_null(strstr(text, "wait;"));
    assert_true(duration(text, "total") >= duration(text, "hello"));
    seed_server_free(server);
    seed_ledger_free(ledger);
}

static void tells_everybody_when_told(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server,
        &(struct seed_ledger_options){ .timing = true });
    char text[4096];

    (void)state;
    seed_get(server, "/", hello, NULL);
    assert_int_equal(timing(server, "/", false, text), 1);
    assert_non_null(strstr(text, "hello;"));
    seed_server_free(server);
    seed_ledger_free(ledger);
}

static void tells_nobody_by_itself(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    char text[4096];

    (void)state;
    seed_get(server, "/", hello, NULL);
    assert_int_equal(timing(server, "/", true, text), 0);
    assert_int_equal(seed_hook_count(server, SEED_ON_PRE), 0);
    assert_int_equal(seed_hook_count(server, SEED_ON_SEND), 0);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* Whether the answer is sent after the wait, or in its middle. */
static void tells_of_waiting(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server,
        &(struct seed_ledger_options){ .timing = true });
    char text[4096];

    (void)state;
    seed_route_then(seed_get(server, "/then", wait_a_while, NULL), hello,
        NULL);
    seed_get(server, "/in", wait_a_while, server);
    assert_int_equal(timing(server, "/then", false, text), 1);
    assert_true(duration(text, "wait") >= 59);
    assert_true(duration(text, "wait_a_while") < 50);
    assert_true(duration(text, "hello") < 50);
    assert_int_equal(timing(server, "/in", false, text), 1);
    assert_true(duration(text, "wait") >= 59);
    assert_true(duration(text, "total") >= duration(text, "wait"));
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* A name is a token and a place a quoted string, however they were spelled. */
static void cleans_names(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server,
        &(struct seed_ledger_options){ .timing = true });
    char text[4096];

    (void)state;
    seed_use_at(server, pass, NULL, "table[i].run", "a/b \"c\"\\\n.c", 7);
    seed_use_at(server, pass, NULL, "", "", 8);
    seed_get(server, "/", hello, NULL);
    assert_int_equal(timing(server, "/", false, text), 2);
    assert_non_null(strstr(text, "table_i_.run;desc=\"use b _c___.c:7\";"));
    assert_non_null(strstr(text, ", _;desc=\"use :8\";"));
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* Many handlers with long names: a field of a size that clients take. */
static void stays_short(void **state)
{
    static char name[300];
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server,
        &(struct seed_ledger_options){ .timing = true });
    char text[4096];

    (void)state;
    memset(name, 'n', sizeof name - 1);
    for (int i = 0; i < 50; i++)
        seed_use_at(server, pass, NULL, name, name, i);
    seed_get(server, "/", hello, NULL);
    assert_int_equal(timing(server, "/", false, text), 2);
    assert_true(strlen(text) > 1000 && strlen(text) < 2048);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_who_asks),
        cmocka_unit_test(tells_everybody_when_told),
        cmocka_unit_test(tells_nobody_by_itself),
        cmocka_unit_test(tells_of_waiting),
        cmocka_unit_test(cleans_names),
        cmocka_unit_test(stays_short),
    };

    return cmocka_run_group_tests_name("watch/ledger_timing", tests, NULL,
        NULL);
}
