/* SPDX-License-Identifier: MIT */
/* Stopping with drain. */
#include "unit/wire/rig.h"

#include <sys/socket.h>
#include <unistd.h>

static struct rig rig;
static int client;

static int open_all(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    client = rig_connect(&rig);
    rig_log(&rig);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    close(client);
    rig_close(&rig);
    return 0;
}

static void on_done(void *ctx)
{
    strcat(rig.log, *rig.log ? " done" : "done");
    ++*(int *)ctx;
}

static void closes_what_is_idle(void **state)
{
    int done = 0, late;

    (void)state;
    rig_ask(&rig, client, GET("/hello"));
    rig_log(&rig);
    seed__loop_stop(rig.loop, 1000, on_done, &done);
    assert_string_equal(rig_read(&rig, client), "EOF");
    assert_string_equal(rig_log(&rig), "close done");
    assert_int_equal(0, seed__loop_run(rig.loop));

    late = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(1, done);
    close(late);
}

static void lets_those_in_flight_finish(void **state)
{
    int done = 0;

    (void)state;
    rig_send(&rig, client, GET("/wait") GET("/hello"));
    seed__loop_stop(rig.loop, 1000, on_done, &done);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "wait");
    rig_answer(&rig);
    rig_read(&rig, client);
    assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
    assert_string_equal(rig.reply + rig.length - 8, "helloEOF");
    rig_hang_up(&rig, client);
    client = -1;
    assert_int_equal(1, done);
}

static void ends_half_a_head_after_the_grace(void **state)
{
    int done = 0;

    (void)state;
    rig_send(&rig, client, "GET /hello HT");
    seed__loop_stop(rig.loop, 20, on_done, &done);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "");
    assert_int_equal(0, seed__loop_run(rig.loop));
    assert_string_equal(rig_log(&rig), "close done");
}

static void cuts_what_is_left_after_the_grace(void **state)
{
    uint64_t begun = seed__now();
    int done = 0;

    (void)state;
    rig_send(&rig, client, GET("/wait"));
    seed__loop_stop(rig.loop, 60000, on_done, &done);
    seed__loop_stop(rig.loop, 30, on_done, &done); /* the shorter wins */
    seed__loop_stop(rig.loop, 90000, on_done, &done);
    assert_int_equal(0, seed__loop_run(rig.loop));
    assert_in_range(seed__now() - begun, 25000000, 5000000000);
    assert_string_equal(rig_log(&rig), "wait gone after:444 close done");
    seed_resume(rig.waiting, SEED_STOP);
}

static void stops_at_once_when_nothing_is_open(void **state)
{
    int done = 0;

    (void)state;
    rig_hang_up(&rig, client);
    client = -1;
    seed__loop_stop(rig.loop, 60000, on_done, &done);
    assert_int_equal(0, seed__loop_run(rig.loop));
    assert_int_equal(1, done);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(closes_what_is_idle),
        TEST(lets_those_in_flight_finish),
        TEST(ends_half_a_head_after_the_grace),
        TEST(cuts_what_is_left_after_the_grace),
        TEST(stops_at_once_when_nothing_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
