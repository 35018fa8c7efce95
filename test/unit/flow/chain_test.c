/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/trace.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static const char *lowest, *highest;
static unsigned called;

/* A long chain must not use more stack than a short one. */
static seed_step pass_on(seed_req *req, seed_res *res, void *ctx)
{
    char here;
    const char *volatile at = &here;

    (void)req;
    (void)res;
    lowest = !called || at < lowest ? at : lowest;
    highest = !called || at > highest ? at : highest;
    called++;
    return *(const seed_step *)ctx;
}

static seed_step resume_and_wait(seed_req *req, seed_res *res, void *ctx)
{
    pass_on(req, res, ctx);
    seed_resume(req, SEED_NEXT);
    return SEED_WAIT;
}

static void does_not_recurse(void **state)
{
    static seed_step next = SEED_NEXT;
    seed_handler *const handlers[] = { pass_on, resume_and_wait };

    (void)state;
    for (size_t k = 0; k < COUNT(handlers); k++) {
        struct life life = { 0 };
        struct client client = { 0 };

        called = 0;
        life_open(&life, "");
        for (int i = 0; i < 1000; i++)
            life_use(&life, handlers[k], &next);
        life_script(&life, "get=a/t");
        life_ask(&life, &client, GET);
        assert_int_equal(1000, called);
        assert_true(highest - lowest < 256);
        assert_int_equal(200, life_status(&client));
        life_close(&life);
        life_forget(&client);
    }
}

/* Each handler runs under its own site, and none when it has returned. */
static seed_step look_around(seed_req *req, seed_res *res, void *ctx)
{
    const seed_site *site = seed_current_site();

    (void)res;
    assert_non_null(site);
    assert_string_equal(ctx, site->kind);
    assert_ptr_equal(req, seed_current_req());
    assert_int_equal(1, life_of(req)->flow.depth);
    assert_ptr_equal(strcmp(ctx, "route") ? NULL : seed_req_route(req),
        site->route);
    return SEED_NEXT;
}

static void runs_under_its_site(void **state)
{
    static char pre[] = "pre", use[] = "use", route[] = "route";
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_pre(&life, look_around, pre);
    life_use(&life, look_around, use);
    life_route(&life, "GET", "/", look_around, route);
    life_script(&life, "get=a/t");
    life_ask(&life, &client, GET);
    assert_int_equal(200, life_status(&client));
    assert_null(seed_current_site());
    assert_null(seed_current_req());
    assert_int_equal(0, life.flow.depth);
    life_close(&life);
    life_forget(&client);
}

/* A chain stops where its request was settled meanwhile. */
static seed_step settle(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    seed__req_settle(req);
    return SEED_NEXT;
}

static void stops_when_settled(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "pre=p/n");
    life_pre(&life, settle, NULL);
    life_script(&life, "pre=q/n get=a/t");
    life_begin(&life, &client, GET);
    assert_string_equal("PRE p", life.log);
    life_gone(&client);
    assert_string_equal("PRE p AFTER", life.log);
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_not_recurse),
        cmocka_unit_test(runs_under_its_site),
        cmocka_unit_test(stops_when_settled),
    };

    return cmocka_run_group_tests_name("flow/chain", tests, life_count_memory,
        NULL);
}
