/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

static seed_step handler(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static void fills_in_defaults(void **state)
{
    struct seed_options options = { 0 };
    struct plan plan;
    const char *why = "?";

    (void)state;
    assert_int_equal(0, seed__plan_init(&plan, &options, NULL, &why));
    assert_null(why);
    assert_int_equal(1, plan.options.workers);
    assert_int_equal(8192, plan.limits.line);
    assert_int_equal(8192, plan.limits.field);
    assert_int_equal(32768, plan.limits.head);
    assert_int_equal(100, plan.limits.fields);
    assert_int_equal(1048576, plan.options.max_body);
    assert_int_equal(65536, plan.options.max_drain);
    assert_int_equal(262144, plan.options.max_output);
    assert_int_equal(10, plan.hooks.limit);
    assert_int_equal(4, plan.options.offload_threads);
    assert_int_equal(30000, plan.options.grace);
    assert_string_equal("libseed", plan.server_name.at);
    seed__plan_clear(&plan);
}

#define MS UINT64_C(1000000)

static void fills_in_deadlines_and_limits(void **state)
{
    struct seed_options options = { 0 };
    struct plan plan;
    const char *why;

    (void)state;
    assert_int_equal(0, seed__plan_init(&plan, &options, NULL, &why));
    assert_int_equal(10000 * MS, plan.deadlines.first_byte);
    assert_int_equal(10000 * MS, plan.deadlines.head);
    assert_int_equal(5000 * MS, plan.deadlines.idle);
    assert_int_equal(300000 * MS, plan.deadlines.body);
    assert_int_equal(20000 * MS, plan.deadlines.body_stall);
    assert_int_equal(500, plan.options.min_body_rate);
    assert_int_equal(30000 * MS, plan.deadlines.write_stall);
    assert_int_equal(2000 * MS, plan.deadlines.linger);
    assert_int_equal(NEVER, plan.deadlines.handler);
    assert_int_equal(3600000 * MS, plan.deadlines.age);
    assert_int_equal(1000, plan.options.max_requests);
    assert_int_equal(SEED_UNLIMITED, plan.options.max_per_address);
    assert_int_equal(1000, plan.most_in_flight);
    seed__plan_clear(&plan);
}

static void divides_requests_among_workers(void **state)
{
    static const struct {
        size_t all;
        unsigned workers;
        uint64_t each;
    } cases[] = { { 0, 4, 250 }, { 1, 4, 1 }, { 10, 4, 3 }, { 12, 4, 3 },
        { SEED_UNLIMITED, 1, SEED_UNLIMITED } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct seed_options options = { .max_in_flight = cases[i].all,
            .workers = cases[i].workers };
        struct plan plan;
        const char *why;

        assert_int_equal(0, seed__plan_init(&plan, &options, NULL, &why));
        assert_int_equal(cases[i].each, plan.most_in_flight);
        seed__plan_clear(&plan);
    }
}

static void finds_the_shortest_deadline(void **state)
{
    struct seed_options options = { 0 };
    struct plan plan;
    seed_route *route;
    const char *why;

    (void)state;
    assert_int_equal(0, seed__plan_init(&plan, &options, NULL, &why));
    assert_int_equal(5000 * MS, seed__plan_shortest(&plan));
    assert_int_equal(0, seed__plan_route(&plan, "GET", "/", &route, &why));
    assert_int_equal(5000 * MS, seed__plan_shortest(&plan));
    route->deadline = seed__plan_time(40);
    assert_int_equal(40 * MS, seed__plan_shortest(&plan));
    route->deadline = seed__plan_time(SEED_UNLIMITED);
    assert_int_equal(NEVER, route->deadline);
    assert_int_equal(NEVER, seed__plan_time(SIZE_MAX / 1000));
    plan.deadlines.write_stall = 1;
    assert_int_equal(1, seed__plan_shortest(&plan));
    seed__plan_clear(&plan);
}

static void finds_mistakes(void **state)
{
    static const struct {
        struct seed_options options;
        int error;
        const char *why;
    } cases[] = {
        { { .workers = 256 }, 0, NULL },
        { { .workers = 257 }, SEED_EINVAL, "options.workers is over 256" },
        { { .max_head = 65535 }, 0, NULL },
        { { .max_head = 65536 }, SEED_EINVAL,
            "options.max_head is over 65,535" },
        { { .max_head = SEED_UNLIMITED }, SEED_EINVAL,
            "options.max_head is over 65,535" },
        { { .max_fields = 1000 }, 0, NULL },
        { { .max_fields = 1001 }, SEED_EINVAL,
            "options.max_fields is over 1,000" },
        { { .name = "restify" }, 0, NULL },
        { { .name = "" }, 0, NULL },
        { { .name = "a\r\nB: c" }, SEED_EINVAL,
            "options.name holds a byte that no field may hold" },
        { { .max_hooks = SEED_UNLIMITED, .max_body = SEED_UNLIMITED }, 0,
            NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct plan plan;
        const char *why = NULL;

        assert_int_equal(cases[i].error, seed__plan_init(&plan,
            &cases[i].options, NULL, &why));
        if (cases[i].why)
            assert_string_equal(cases[i].why, why);
        else
            assert_null(why);
        seed__plan_clear(&plan);
    }
}

/* The name is copied; "" is no Server field at all. */
static void names_the_server(void **state)
{
    static const struct {
        const char *name, *field;
    } cases[] = {
        { NULL, "\r\nServer: libseed\r\n" },
        { "restify", "\r\nServer: restify\r\n" },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        char name[32] = "";

        life_init(&life);
        if (cases[i].name)
            life.options.name = strcpy(name, cases[i].name);
        life_open(&life, "get=a/t");
        memset(name, '!', sizeof name - 1);
        life_ask(&life, &client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        if (cases[i].field)
            assert_has(client.answer, cases[i].field);
        else
            assert_lacks(client.answer, "Server");
        life_close(&life);
        life_forget(&client);
    }
}

static void adds_routes(void **state)
{
    struct seed_options options = { 0 };
    seed_route *first, *second, *third;
    struct plan plan;
    const char *why;

    (void)state;
    assert_int_equal(0, seed__plan_init(&plan, &options, NULL, &why));
    assert_int_equal(0, seed__plan_route(&plan, "GET", "/a", &first, &why));
    assert_int_equal(0, seed__plan_route(&plan, "PUT", "/a", &second, &why));
    assert_int_equal(SEED_EDUP, seed__plan_route(&plan, "GET", "/a", &third,
        &why));
    assert_ptr_equal(first, third);
    assert_int_equal(SEED_EPATTERN, seed__plan_route(&plan, "GET", "/:",
        &third, &why));
    assert_non_null(why);
    assert_null(third);

    assert_ptr_equal(first, plan.routes);
    assert_ptr_equal(second, first->next);
    assert_null(second->next);
    assert_string_equal("GET", first->method);
    assert_string_equal("/a", first->pattern);
    assert_ptr_equal(&plan, first->plan);

    assert_int_equal(0, seed__route_then(first, handler, NULL, "handler",
        "a.c", 3));
    assert_int_equal(1, first->chain.count);
    assert_ptr_equal(first, first->chain.links[0].site->route);
    assert_string_equal("route", first->chain.links[0].site->kind);
    assert_string_equal("handler", first->chain.links[0].site->function);
    assert_int_equal(3, first->chain.links[0].site->line);
    seed__plan_clear(&plan);
}

/* Fills a plan; returns the first error. */
static int set_up(struct plan *plan)
{
    struct seed_options options = { .name = "name" };
    seed_route *route;
    const char *why;
    int err = seed__plan_init(plan, &options, NULL, &why);

    for (int i = 0; i < 9 && !err; i++)
        err = seed__chain_add(&plan->use, "use", handler, NULL, "h", "a.c", i);
    if (!err)
        err = seed__plan_on_error(plan, "Name", handler, NULL, "h", "a.c", 1);
    if (!err)
        err = seed__plan_on_error(plan, NULL, handler, NULL, "h", "a.c", 2);
    if (!err)
        err = seed__plan_route(plan, "GET", "/a/:b", &route, &why);
    if (!err)
        err = seed__route_then(route, handler, NULL, "h", "a.c", 3);
    if (!err)
        err = seed__route_lend(route, NULL, NULL);
    if (!err)
        err = seed__plan_foreign(plan);
    if (!err)
        err = seed__hooks_add(&plan->hooks, SEED_ON_PRE, NULL, NULL, "h",
            "a.c", 4);
    return err;
}

static void survives_without_memory(void **state)
{
    int err = SEED_ENOMEM;
    long n, before = atomic_load(&life_memory.living);

    (void)state;
    for (n = 1; err; n++) {
        struct plan plan;

        assert_true(n < 200);
        atomic_store(&life_memory.fail_in, n);
        err = set_up(&plan);
        if (err)
            assert_int_equal(SEED_ENOMEM, err);
        atomic_store(&life_memory.fail_in, 0);
        seed__plan_clear(&plan);
        assert_int_equal(before, atomic_load(&life_memory.living));
    }
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_defaults),
        cmocka_unit_test(fills_in_deadlines_and_limits),
        cmocka_unit_test(divides_requests_among_workers),
        cmocka_unit_test(finds_the_shortest_deadline),
        cmocka_unit_test(finds_mistakes),
        cmocka_unit_test(names_the_server),
        cmocka_unit_test(adds_routes),
        cmocka_unit_test(survives_without_memory),
    };

    return cmocka_run_group_tests_name("flow/plan", tests, life_count_memory,
        NULL);
}
