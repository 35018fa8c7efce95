/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#define POST "POST /lent HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"

static void callback(struct evhttp_request *request, void *ctx)
{
    (void)request;
    (void)ctx;
}

static char callback_ctx;

/* A mounted path, or what no route matches. */
static void open_lender(struct life *life, bool foreign, const char *script)
{
    seed_route *route;
    const char *why;

    life_open(life, script);
    if (foreign) {
        assert_int_equal(0, seed__plan_foreign(&life->plan));
        return;
    }
    assert_int_equal(0, seed__plan_route(&life->plan, "*", "/lent", &route,
        &why));
    assert_int_equal(0, seed__route_lend(route, callback, &callback_ctx));
}

static void lends_requests(void **state)
{
    static const struct {
        bool foreign;
        const char *script, *log;
    } cases[] = {
        { false, "pre=p/n use=u/n", "PRE p ROUTED u AFTER" },
        { false, "pre=p/w use=u/w", "PRE p ~ ROUTED u ~ AFTER" },
        { true, "pre=p/n use=u/n get=a/t", "PRE p AFTER" },
        { true, "pre=p/w", "PRE p ~ AFTER" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { .lends = true };
        const struct head *head;
        const char *bytes;
        size_t length;
        seed_req *req;

        open_lender(&life, cases[i].foreign, cases[i].script);
        req = life_begin(&life, &client, POST);
        life_drive(&life);
        assert_true(client.lent);
        assert_ptr_equal(cases[i].foreign ? NULL : callback,
            client.lent_callback);
        assert_ptr_equal(cases[i].foreign ? NULL : &callback_ctx,
            client.lent_ctx);
        assert_string_equal("abc", seed_req_body(req, &length));
        head = seed__flow_head(req, &bytes);
        assert_memory_equal("/lent", bytes + head->target,
            head->target_length);

        life_lent_done(&client, 207);
        assert_string_equal(cases[i].log, life.log);
        assert_int_equal(207, life.status);
        assert_int_equal(123, life.wire_bytes);
        assert_int_equal(1, life.afters);
        life_close(&life);
        life_forget(&client);
    }
}

static seed_step answer_and_go_on(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_send_text(res, 200, "mine");
    return SEED_NEXT;
}

/* Nor does it get what was answered already. */
static void lends_nothing_answered(void **state)
{
    (void)state;
    for (int foreign = 0; foreign < 2; foreign++) {
        struct life life = { 0 };
        struct client client = { .lends = true };

        open_lender(&life, foreign, "");
        life_pre(&life, answer_and_go_on, NULL);
        life_ask(&life, &client, "GET /lent HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_false(client.lent);
        assert_string_equal("mine", life_body(&client));
        assert_int_equal(1, life.warned);
        assert_has(life.warnings, "evhttp's answer for GET /lent in lend");
        life_close(&life);
        life_forget(&client);
    }
}

/* While evhttp has it, nobody else may answer. */
static void keeps_others_out(void **state)
{
    struct life life = { 0 };
    struct client client = { .lends = true };
    seed_req *req;

    (void)state;
    open_lender(&life, false, "");
    req = life_begin(&life, &client, POST);
    life_run(&life);
    assert_int_equal(SEED_STOP, seed_send_text(&req->res, 200, "no"));
    assert_int_equal(1, life.warned);
    assert_string_equal("", life_answer(&client));
    life_lent_done(&client, 200);
    life_close(&life);
    life_forget(&client);
}

static void ends_when_the_client_goes(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct life life = { 0 };
        struct client client = { .lends = true };

        open_lender(&life, i & 1, "");
        life_begin(&life, &client, POST);
        life_run(&life);
        if (i < 2)
            life_gone(&client);
        life_close(&life);
        assert_int_equal(444, life.status);
        assert_int_equal(1, life.afters);
        life_forget(&client);
    }
}

static void fails_where_it_cannot(void **state)
{
    static const struct {
        bool foreign;
        const char *script, *log;
        int status;
    } cases[] = {
        { false, "", "PRE ROUTED SEND AFTER", 501 },
        { true, "", "PRE SEND AFTER", 501 },
        { true, "err=e/t", "PRE e SEND AFTER", 200 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        open_lender(&life, cases[i].foreign, cases[i].script);
        life_ask(&life, &client, POST);
        assert_false(client.lent);
        assert_int_equal(cases[i].status, life_status(&client));
        assert_string_equal(cases[i].log, life.log);
        life_close(&life);
        life_forget(&client);
    }
}

/* Too large a body is refused before evhttp sees anything; what has a route
 * with other methods is a 405 and not the application's. */
static void refuses_by_itself(void **state)
{
    struct life life = { 0 };
    struct client client = { .lends = true };

    (void)state;
    life_init(&life);
    life.options.max_body = 2;
    open_lender(&life, true, "put=a/t");
    life_ask(&life, &client, POST);
    assert_false(client.lent);
    assert_int_equal(413, life_status(&client));
    life_ask(&life, &client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_false(client.lent);
    assert_int_equal(405, life_status(&client));
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lends_requests),
        cmocka_unit_test(lends_nothing_answered),
        cmocka_unit_test(keeps_others_out),
        cmocka_unit_test(ends_when_the_client_goes),
        cmocka_unit_test(fails_where_it_cannot),
        cmocka_unit_test(refuses_by_itself),
    };

    return cmocka_run_group_tests_name("flow/lend", tests, life_count_memory,
        NULL);
}
