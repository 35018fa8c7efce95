/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/trace.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static struct life *the;

static void say(const seed_event *event, void *ctx)
{
    (void)event;
    life_note(the, "%s", (const char *)ctx);
}

static void add_say(const seed_event *event, void *ctx)
{
    life_note(the, "+");
    life_on(the, event->on, say, ctx);
}

static void remove_say(const seed_event *event, void *ctx)
{
    life_note(the, "-%d", seed__hooks_remove(&the->flow.hooks, event->on, say,
        ctx));
}

/* Hooks that add and take away hooks of the event that is being told. */
static void changes_while_it_tells(void **state)
{
    static char x[] = "x", y[] = "y";
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    the = &life;
    life_open(&life, "get=a/t");
    life_on(&life, SEED_ON_ROUTED, say, x);
    life_on(&life, SEED_ON_ROUTED, add_say, y);
    life_ask(&life, &client, GET);
    assert_string_equal("PRE ROUTED x + a SEND AFTER", life.log);
    life.log[0] = '\0';
    life_ask(&life, &client, GET);
    assert_string_equal("PRE ROUTED x + y a SEND AFTER", life.log);

    /* One that is taken away before its turn does not run any more. */
    seed__hooks_remove(&life.flow.hooks, SEED_ON_ROUTED, add_say, y);
    seed__hooks_remove(&life.flow.hooks, SEED_ON_ROUTED, say, x);
    seed__hooks_remove(&life.flow.hooks, SEED_ON_ROUTED, say, y);
    seed__hooks_remove(&life.flow.hooks, SEED_ON_ROUTED, say, y);
    life_on(&life, SEED_ON_ROUTED, remove_say, x);
    life_on(&life, SEED_ON_ROUTED, say, x);
    life_on(&life, SEED_ON_ROUTED, say, y);
    life.log[0] = '\0';
    life_ask(&life, &client, GET);
    assert_string_equal("PRE ROUTED -0 y a SEND AFTER", life.log);
    assert_false(life.flow.hooks.lists[SEED_ON_ROUTED].holes);
    assert_int_equal(3, life.flow.hooks.lists[SEED_ON_ROUTED].count);
    life.log[0] = '\0';
    life_ask(&life, &client, GET);
    assert_has(life.log, "PRE ROUTED --4 y a SEND AFTER"); /* SEED_EINVAL */
    life_close(&life);
    life_forget(&client);
}

static void remove_self(const seed_event *event, void *ctx)
{
    life_note(the, "once");
    assert_int_equal(0, seed__hooks_remove(&the->flow.hooks, event->on,
        remove_self, ctx));
}

/* An emission inside another of the same event: the holes close when the
 * outermost has ended. */
static void nested(const seed_event *event, void *ctx)
{
    unsigned *depth = ctx;

    if (++*depth > 2)
        return;
    seed__flow_emit(&the->flow, event->on, 7);
    life_note(the, "n");
}

static void tells_in_tellings(void **state)
{
    static char x[] = "x";
    struct life life = { 0 };
    unsigned depth = 0;

    (void)state;
    the = &life;
    life_open(&life, "");
    life_on(&life, SEED_ON_OPEN, nested, &depth);
    life_on(&life, SEED_ON_OPEN, remove_self, NULL);
    life_on(&life, SEED_ON_OPEN, say, x);
    life_start(&life);
    seed__flow_emit(&life.flow, SEED_ON_OPEN, 7);
    assert_string_equal("once x n x n x", life.log);
    assert_int_equal(2, life.flow.hooks.lists[SEED_ON_OPEN].count);
    assert_int_equal(0, life.flow.hooks.lists[SEED_ON_OPEN].emitting);
    life_close(&life);
}

/* What a hook is told. */
static void look(const seed_event *event, void *ctx)
{
    const seed_site *site = seed_current_site();
    bool of_req = event->on <= SEED_ON_AFTER;

    (void)ctx;
    assert_ptr_equal(the->plan.server, event->server);
    assert_ptr_equal(the->flow.worker, event->worker);
    assert_string_equal(seed__hook_name(event->on), site->kind);
    assert_ptr_equal(event->req, seed_current_req());
    assert_int_equal(of_req, event->req != NULL);
    if (of_req)
        assert_ptr_equal(seed_req_res(event->req), event->res);
    else
        assert_int_equal(event->on == SEED_ON_BAD_REQUEST ? 1 : 9,
            event->connection);
    life_note(the, "%d", (int)event->on);
}

static void tells_the_facts(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    the = &life;
    life_open(&life, "get=a/t");
    for (enum seed_on on = 0; on < SEED_ON_COUNT; on++)
        life_on(&life, on, look, NULL);
    life_ask(&life, &client, GET);
    assert_string_equal("PRE 0 ROUTED 1 a SEND 2 AFTER 3", life.log);
    life.log[0] = '\0';
    life_ask(&life, &client, "BAD\r\n\r\n");
    assert_string_equal("BAD 4", life.log);
    life.log[0] = '\0';
    seed__flow_emit(&life.flow, SEED_ON_OPEN, 9);
    seed__flow_emit(&life.flow, SEED_ON_CLOSE, 9);
    seed__flow_emit(&life.flow, SEED_ON_LISTEN, 9);
    seed__flow_emit(&life.flow, SEED_ON_STOPPING, 9);
    seed__flow_emit(&life.flow, SEED_ON_STOP, 9);
    assert_string_equal("5 6 7 8 9", life.log);
    assert_null(seed_current_site());
    life_close(&life);
    life_forget(&client);
}

/* The article's leak: each request adds one more `after`, which runs for that
 * request as well. */
static seed_step leak(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    life_on(life_of(req), SEED_ON_AFTER, say, ctx);
    return SEED_NEXT;
}

static void runs_what_a_request_adds(void **state)
{
    static char x[] = "x";
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    the = &life;
    life_open(&life, "");
    life_use(&life, leak, x);
    life_script(&life, "get=a/t");
    life_ask(&life, &client, GET);
    assert_string_equal("PRE ROUTED a SEND AFTER x", life.log);
    life.log[0] = '\0';
    life_ask(&life, &client, GET);
    assert_string_equal("PRE ROUTED a SEND AFTER x x", life.log);
    assert_int_equal(3, seed__hooks_count(&life.flow.hooks, SEED_ON_AFTER));
    assert_int_equal(2,
        seed__hooks_newest(&life.flow.hooks, SEED_ON_AFTER).same);
    assert_int_equal(0, life.warned);
    life_close(&life);
    life_forget(&client);
}

static void hear_limit(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_int_equal(SEED_ON_LIMIT, event->on);
    assert_int_equal(event->req != NULL, event->res != NULL);
    life_note(the, "%d:%d", (int)event->limit, (int)event->connection);
}

static void counts_and_tells_limits(void **state)
{
    struct life life = { 0 };

    (void)state;
    the = &life;
    life_open(&life, "");
    life_on(&life, SEED_ON_LIMIT, hear_limit, NULL);
    life_start(&life);
    seed__flow_limit(&life.flow, SEED_LIMIT_IDLE, 7, NULL);
    seed__flow_limit(&life.flow, SEED_LIMIT_IDLE, 8, NULL);
    assert_string_equal("2:7 2:8", life.log);
    assert_int_equal(2, seed__flow_limits(&life.flow, SEED_LIMIT_IDLE));
    assert_int_equal(0, seed__flow_limits(&life.flow, SEED_LIMIT_HEAD));
    assert_int_equal(2, seed__flow_events(&life.flow, SEED_ON_LIMIT));
    life_close(&life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_while_it_tells),
        cmocka_unit_test(tells_in_tellings),
        cmocka_unit_test(tells_the_facts),
        cmocka_unit_test(runs_what_a_request_adds),
        cmocka_unit_test(counts_and_tells_limits),
    };

    return cmocka_run_group_tests_name("flow/emit", tests, life_count_memory,
        NULL);
}
