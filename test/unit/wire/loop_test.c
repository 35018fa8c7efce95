/* SPDX-License-Identifier: MIT */
/* Turns as they can be seen from outside, and the loop's own memory. */
#include "unit/wire/rig.h"

#include "unit/failing.h"

#include <event2/http.h>

#include <unistd.h>

static struct rig rig;

static void counts_turns_and_says_when_it_is_busy(void **state)
{
    struct seed_loop_state before, after;
    int client;

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    before = seed__loop_state(rig.loop);
    assert_int_equal(0, before.busy_since);
    client = rig_connect(&rig);
    rig_ask(&rig, client, GET("/hello"));
    after = seed__loop_state(rig.loop);
    assert_true(after.iterations >= before.iterations + 2);
    assert_true(after.iterations < before.iterations + 10);
    assert_int_equal(0, after.busy_since);
    rig_turn(&rig);
    assert_int_equal(after.iterations, seed__loop_state(rig.loop).iterations);
    close(client);
    rig_close(&rig);
}

static struct seed_loop_state seen;

static void look(struct task *task)
{
    (void)task;
    seen = seed__loop_state(rig.loop);
}

static void is_busy_while_it_works(void **state)
{
    struct task task = { NULL, look };
    uint64_t now = seed__now();

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    seed__loop_port(rig.loop)->ops->soon(seed__loop_port(rig.loop), &task);
    rig_turn(&rig);
    assert_true(seen.busy_since >= now);
    assert_true(seen.busy_since <= seed__now());
    rig_close(&rig);
}

static unsigned turns_told;

static void on_turn(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_int_equal(SEED_ON_TURN, event->on);
    assert_null(event->req);
    assert_false(rig.loop->in_turn);
    seen = seed__loop_state(rig.loop);
    turns_told++;
}

/* Behind all that the turn had to do, and still busy: the hook can tell how
 * long it was. */
static void tells_the_end_of_a_turn(void **state)
{
    uint64_t now = seed__now();
    struct seed_loop_state after;
    int client;

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    turns_told = 0;
    assert_int_equal(0, seed__hooks_add(&rig.flow.hooks, SEED_ON_TURN,
        on_turn, NULL, "on_turn", __FILE__, __LINE__));
    rig_turn(&rig);
    assert_int_equal(0, turns_told);
    client = rig_connect(&rig);
    rig_ask(&rig, client, GET("/hello"));
    after = seed__loop_state(rig.loop);
    assert_true(turns_told >= 2);
    assert_true(seen.busy_since >= now);
    assert_int_equal(seen.iterations, after.iterations);
    assert_int_equal(0, after.busy_since);
    close(client);
    rig_close(&rig);
}

static void runs_on_a_base_of_the_host(void **state)
{
    int client;

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.base = event_base_new();
    rig_open(&rig);
    assert_ptr_equal(rig.base, seed__loop_base(rig.loop));
    client = rig_connect(&rig);
    assert_int_equal(1,
        rig_count(rig_ask(&rig, client, GET("/hello")), HELLO_BODY));
    rig_close(&rig);
    close(client);
    event_base_loop(rig.base, EVLOOP_NONBLOCK);
    event_base_free(rig.base);
}

static void may_be_closed_twice(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    seed__loop_close(rig.loop);
    rig_close(&rig);
    seed__loop_free(NULL);
}

static void survives_each_failed_allocation(void **state)
{
    long n = 0;
    int error = 1;

    (void)state;
    for (; error; n++) {
        struct loop *loop = NULL;
        char why[256] = "";

        failing.left = n;
        error = seed__loop_new(&loop, NULL, NULL, why, sizeof why);
        failing.left = -1;
        assert_int_equal(error == 0, *why == '\0');
        seed__loop_free(loop);
        assert_int_equal(0, failing.live);
    }
    assert_true(n > 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_each_failed_allocation),
        cmocka_unit_test(counts_turns_and_says_when_it_is_busy),
        cmocka_unit_test(is_busy_while_it_works),
        cmocka_unit_test(tells_the_end_of_a_turn),
        cmocka_unit_test(runs_on_a_base_of_the_host),
        cmocka_unit_test(may_be_closed_twice),
    };

    failing_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
