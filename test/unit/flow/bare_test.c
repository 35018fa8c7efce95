/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include "flow/fault.h"

#define HEAD(method) method " / HTTP/1.1\r\nHost: a\r\n\r\n"

static seed_step without_memory(seed_req *req, seed_res *res, void *ctx)
{
    struct arena *arena = &req->arena;

    (void)ctx;
    seed__arena_bytes(arena, (size_t)(arena->end - arena->at));
    atomic_store(&life_memory.fail_in, 1);
    atomic_store(&life_memory.fail_all, true);
    return seed_send_text(res, 200, "hi");
}

static void memory_is_back(void)
{
    atomic_store(&life_memory.fail_in, 0);
    atomic_store(&life_memory.fail_all, false);
}

/* The fault's answer needs memory too: then comes one that needs none. */
static void answers_without_memory(void **state)
{
    static const struct {
        const char *request, *body;
    } cases[] = {
        { HEAD("GET"), "{\"code\":\"ServiceUnavailable\",\"message\":\"out of"
                       " memory\"}" },
        { HEAD("HEAD"), "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_open(&life, "err=e/t");
        life_route(&life, "GET", "/", without_memory, NULL);
        life_begin(&life, &client, cases[i].request);
        memory_is_back();
        life_run(&life);
        assert_int_equal(503, life_status(&client));
        assert_int_equal(503, life.status);
        assert_string_equal("ServiceUnavailable", life.fault);
        assert_string_equal(cases[i].body, life_body(&client));
        assert_int_equal(SINK_CLOSE, client.how);
        assert_has(client.answer, "\r\nConnection: close\r\n");
        assert_int_equal(1, life.afters);
        life_close(&life);
        life_forget(&client);
    }
}

/* A Server field too long for the stack needs memory; without it, the
 * connection is cut. */
static void cuts_when_nothing_is_left(void **state)
{
    char name[2000];
    seed_fault fault = { 400, NULL, NULL, NULL, NULL };

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    seed__fault_complete(&fault);
    for (int i = 0; i < 2; i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_init(&life);
        life.options.name = name;
        life_open(&life, "");
        life_begin(&life, &client, "GET /");
        life_forget(&client);
        client.ended = client.flushed = false;
        atomic_store(&life_memory.fail_in, i);
        seed__bare_answer(&life.flow, &client.sink, &fault, false);
        memory_is_back();
        assert_int_equal(i ? SINK_ABORT : SINK_CLOSE, client.how);
        assert_int_equal(i ? 0 : 400, life_status(&client));
        life_close(&life);
        life_forget(&client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_without_memory),
        cmocka_unit_test(cuts_when_nothing_is_left),
    };

    return cmocka_run_group_tests_name("flow/bare", tests, life_count_memory,
        NULL);
}
