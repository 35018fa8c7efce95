/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/trace.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static char trail[512];
static char first, second;

static void add(const char *text)
{
    strncat(trail, text, sizeof trail - strlen(trail) - 1);
}

static void enter(const seed_site *site, seed_req *req, void *ctx)
{
    assert_ptr_equal(req, seed_current_req());
    assert_ptr_equal(site, seed_current_site());
    add(ctx == &first ? "(" : "<");
    add(site->kind);
}

static void leave(const seed_site *site, seed_req *req, void *ctx)
{
    assert_ptr_equal(req, seed_current_req());
    assert_ptr_equal(site, seed_current_site());
    add(ctx == &first ? ")" : ">");
}

/* Every handler and hook, nested as they are. */
static void follows_everything(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "pre=p/n use=u/n get=a/f err=e/t");
    life.plan.tracers[0] = (seed_tracer){
        .enter = enter, .leave = leave, .ctx = &first };
    life.plan.tracers[1] = (seed_tracer){ .enter = enter, .ctx = &second };
    life.plan.tracer_count = 1;
    trail[0] = '\0';
    life_ask(&life, &client, GET);
    assert_string_equal("(pre)(pre)(routed)(use)(route)(error(send))(after)",
        trail);

    /* Each tracer has its turn; half of one is enough. */
    life.plan.tracer_count = 2;
    trail[0] = '\0';
    life_ask(&life, &client, "GET /no HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_string_equal("(pre<pre)(pre<pre)(error<error(send<send))"
        "(after<after)", trail);
    assert_null(seed_current_site());
    assert_null(seed_current_req());
    life_close(&life);
    life_forget(&client);
}

static void note_wait(const seed_site *site, seed_req *req, void *ctx)
{
    assert_non_null(seed_req_res(req));
    add(ctx);
    add(site->kind);
}

static void note_resume(const seed_site *site, seed_req *req, void *ctx)
{
    (void)ctx;
    assert_non_null(seed_req_res(req));
    add("!");
    add(site->kind);
}

/* Each wait once, and each that goes on; not one that was over before it
 * began. A tracer may listen to only one of the two. */
static void tells_of_waiting(void **state)
{
    static const struct {
        const char *script, *want;
    } cases[] = {
        { "get=a/t", "" },
        { "get=a/r get=b/t", "" },
        { "get=a/a", "?route!route" },
        { "use=u/w get=a/a", "?use!use?route!route" },
    };
    static char question[] = "?";

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_open(&life, cases[i].script);
        life.plan.tracers[0] = (seed_tracer){ .wait = note_wait,
            .ctx = question };
        life.plan.tracers[1] = (seed_tracer){ .resume = note_resume };
        life.plan.tracer_count = 2;
        trail[0] = '\0';
        life_ask(&life, &client, GET);
        assert_string_equal(cases[i].want, trail);
        life_close(&life);
        life_forget(&client);
    }
}

/* The outer one is back when the inner one has left; a hook of no request has
 * none. */
static void gives_back_the_outer(void **state)
{
    static const seed_site sites[2] = { { .kind = "a" }, { .kind = "b" } };
    struct life life = { 0 };
    struct running outer, inner;
    seed_req *req = (seed_req *)(void *)&first;

    (void)state;
    life_open(&life, "");
    life_start(&life);
    outer = seed__trace_enter(&life.flow, &sites[0], req);
    assert_int_equal(1, life.flow.depth);
    inner = seed__trace_enter(&life.flow, &sites[1], NULL);
    assert_int_equal(2, life.flow.depth);
    assert_ptr_equal(&sites[1], seed_current_site());
    assert_null(seed_current_req());
    seed__trace_leave(&life.flow, inner, &sites[1], NULL);
    assert_ptr_equal(&sites[0], seed_current_site());
    assert_ptr_equal(req, seed_current_req());
    seed__trace_leave(&life.flow, outer, &sites[0], req);
    assert_null(seed_current_site());
    assert_int_equal(0, life.flow.depth);
    life_close(&life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_everything),
        cmocka_unit_test(tells_of_waiting),
        cmocka_unit_test(gives_back_the_outer),
    };

    return cmocka_run_group_tests_name("flow/trace", tests, life_count_memory,
        NULL);
}
