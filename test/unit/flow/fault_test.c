/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include "flow/fault.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define ASK(method, path) method " " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static void fills_in_what_is_missing(void **state)
{
    static const struct {
        seed_fault given, whole;
    } cases[] = {
        { { .status = 404 }, { 404, "NotFound", "NotFound", "Not Found",
            NULL } },
        { { .status = 0 }, { 500, "InternalServer", "InternalServer",
            "Internal Server Error", NULL } },
        { { .status = 399 }, { 500, "InternalServer", "InternalServer",
            "Internal Server Error", NULL } },
        { { .status = 600, .message = "m" }, { 500, "InternalServer",
            "InternalServer", "m", NULL } },
        { { .status = 409, .code = "Mine" }, { 409, "Mine", "Mine",
            "Conflict", NULL } },
        { { .status = 409, .name = "Name" }, { 409, "Name", "Conflict",
            "Conflict", NULL } },
        { { 409, "N", "C", "M", "why" }, { 409, "N", "C", "M", "why" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        seed_fault fault = cases[i].given;

        seed__fault_complete(&fault);
        assert_int_equal(cases[i].whole.status, fault.status);
        assert_string_equal(cases[i].whole.name, fault.name);
        assert_string_equal(cases[i].whole.code, fault.code);
        assert_string_equal(cases[i].whole.message, fault.message);
        assert_ptr_equal(cases[i].given.cause, fault.cause);
    }
}

/* Strings of a fault are copied; its cause is never sent. */
static seed_step fail_with_own(seed_req *req, seed_res *res, void *ctx)
{
    char name[] = "Busy", code[] = "TooBusy", message[] = "say \"please\"\n",
         cause[] = "secret";
    seed_fault fault = { 503, name, code, message, cause };

    (void)req;
    (void)ctx;
    assert_null(seed_res_fault(res));
    seed_fail_with(res, &fault);
    memset(name, '!', sizeof name - 1);
    memset(code, '!', sizeof code - 1);
    memset(message, '!', sizeof message - 1);
    memset(cause, '!', sizeof cause - 1);
    return SEED_STOP;
}

static void answers_as_restify(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "GET", "/", fail_with_own, NULL);
    life_ask(&life, &client, GET);
    assert_int_equal(503, life_status(&client));
    assert_string_equal("{\"code\":\"TooBusy\",\"message\":\"say "
        "\\\"please\\\"\\n\"}", life_body(&client));
    assert_has(client.answer, "\r\nContent-Type: application/json\r\n");
    assert_lacks(client.answer, "secret");
    assert_string_equal("secret", life.cause);
    assert_string_equal("Busy", life.fault);
    life_close(&life);
    life_forget(&client);
}

static seed_step fail_without_words(seed_req *req, seed_res *res, void *ctx)
{
    const char *nothing = NULL;

    (void)req;
    (void)ctx;
    return seed_fail(res, 404, nothing);
}

static void needs_no_message(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "GET", "/", fail_without_words, NULL);
    life_ask(&life, &client, GET);
    assert_int_equal(404, life_status(&client));
    assert_string_equal("{\"code\":\"NotFound\",\"message\":\"Not Found\"}",
        life_body(&client));
    life_close(&life);
    life_forget(&client);
}

static seed_step fail_formatted(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_fail(res, 404, "no user %d of \"%s\"", 7, "x");
}

static void formats_messages(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "GET", "/", fail_formatted, NULL);
    life_ask(&life, &client, GET);
    assert_string_equal("{\"code\":\"NotFound\",\"message\":\"no user 7 of "
        "\\\"x\\\"\"}", life_body(&client));

    /* HEAD is told the status and nothing about a body. */
    life_ask(&life, &client, ASK("HEAD", "/"));
    assert_int_equal(404, life_status(&client));
    assert_lacks(client.answer, "Content-");
    assert_string_equal("", life_body(&client));
    life_close(&life);
    life_forget(&client);
}

/* --- no route ------------------------------------------------------------- */

static void answers_without_a_route(void **state)
{
    static const struct {
        bool no_head, no_options;
        const char *request;
        int status;
        const char *allow, *body;
    } cases[] = {
        { false, false, ASK("GET", "/no?q=1"), 404, NULL,
            "{\"code\":\"ResourceNotFound\",\"message\":\"/no does not "
            "exist\"}" },
        { false, false, ASK("HEAD", "/no"), 404, NULL, "" },
        { false, false, ASK("OPTIONS", "/no"), 404, NULL, NULL },
        { false, false, ASK("GET", "/%c0%zz"), 400, NULL,
            "{\"code\":\"BadRequest\",\"message\":\"/%c0%zz is not well "
            "encoded\"}" },
        { false, false, ASK("GET", "/%00"), 400, NULL, NULL },
        { false, false, ASK("DELETE", "/"), 405,
            "\r\nAllow: GET, HEAD, OPTIONS, PUT\r\n",
            "{\"code\":\"MethodNotAllowed\",\"message\":\"DELETE is not "
            "allowed\"}" },
        { true, true, ASK("DELETE", "/"), 405, "\r\nAllow: GET, PUT\r\n",
            NULL },
        { true, true, ASK("HEAD", "/"), 405, "\r\nAllow: GET, PUT\r\n", "" },
        { false, false, ASK("OPTIONS", "/"), 204,
            "\r\nAllow: GET, HEAD, OPTIONS, PUT\r\n", "" },
        { true, false, ASK("OPTIONS", "/"), 204,
            "\r\nAllow: GET, OPTIONS, PUT\r\n", "" },
        { false, true, ASK("OPTIONS", "/"), 405,
            "\r\nAllow: GET, HEAD, PUT\r\n", NULL },
        { false, false, ASK("OPTIONS", "*"), 204, NULL, "" },
        { false, true, ASK("OPTIONS", "*"), 404, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_init(&life);
        life.options.no_implied_head = cases[i].no_head;
        life.options.no_automatic_options = cases[i].no_options;
        life_open(&life, "get=a/t put=b/t use=u/n");
        life_ask(&life, &client, cases[i].request);
        assert_int_equal(cases[i].status, life_status(&client));
        if (cases[i].allow)
            assert_has(client.answer, cases[i].allow);
        else
            assert_lacks(client.answer, "Allow");
        if (cases[i].body)
            assert_string_equal(cases[i].body, life_body(&client));
        assert_lacks(life.log, " u");
        assert_lacks(life.log, "ROUTED");
        assert_int_equal(1, life.afters);
        life_close(&life);
        life_forget(&client);
    }
}

/* Fields that middleware has set stay on the error's answer. */
static seed_step set_field(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "X-Mine", "yes");
    return SEED_NEXT;
}

static void keeps_fields(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "get=a/f");
    life_pre(&life, set_field, NULL);
    life_ask(&life, &client, GET);
    assert_has(client.answer, "\r\nX-Mine: yes\r\n");
    life_close(&life);
    life_forget(&client);
}

/* --- after an answer ------------------------------------------------------ */

static seed_step fail_late(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_send_text(res, 200, "done");
    return seed_fail(res, 500, "too late");
}

static void says_nothing_behind_an_answer(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "err=e/t");
    life_route(&life, "GET", "/", fail_late, NULL);
    life_ask(&life, &client, GET);
    assert_int_equal(200, life_status(&client));
    assert_string_equal("done", life_body(&client));
    assert_string_equal("InternalServer", life.fault);
    assert_int_equal(0, life.warned);
    assert_string_equal("PRE ROUTED SEND AFTER", life.log);
    life_close(&life);
    life_forget(&client);
}

/* --- without memory ------------------------------------------------------- */

static seed_step fail_without_memory(seed_req *req, seed_res *res, void *ctx)
{
    struct arena *arena = &req->arena;
    seed_step step;

    (void)ctx;
    seed__arena_bytes(arena, (size_t)(arena->end - arena->at));
    atomic_store(&life_memory.fail_in, 1);
    atomic_store(&life_memory.fail_all, true);
    step = seed_fail(res, 404, "no %s", "memory");
    assert_int_equal(503, seed_res_fault(res)->status);
    atomic_store(&life_memory.fail_in, 0);
    atomic_store(&life_memory.fail_all, false);
    return step;
}

static void keeps_a_fault_without_memory(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "err.ServiceUnavailable=e/n");
    life_route(&life, "GET", "/", fail_without_memory, NULL);
    life_ask(&life, &client, GET);
    assert_int_equal(503, life_status(&client));
    assert_string_equal("PRE ROUTED e SEND AFTER", life.log);
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_what_is_missing),
        cmocka_unit_test(answers_as_restify),
        cmocka_unit_test(needs_no_message),
        cmocka_unit_test(formats_messages),
        cmocka_unit_test(answers_without_a_route),
        cmocka_unit_test(keeps_fields),
        cmocka_unit_test(says_nothing_behind_an_answer),
        cmocka_unit_test(keeps_a_fault_without_memory),
    };

    return cmocka_run_group_tests_name("flow/fault", tests, life_count_memory,
        NULL);
}
