/* SPDX-License-Identifier: MIT */
/* Deadlines: the clock is moved by setting when a phase began. */
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

static void pass(unsigned seconds)
{
    rig_conn(&rig)->since -= seconds * UINT64_C(1000000000);
    event_active(&rig.loop->sweep, EV_TIMEOUT, 0);
    rig_turn(&rig);
}

static void closes_an_idle_connection(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/hello"));
    rig_log(&rig);
    pass(4);
    assert_string_equal(rig_log(&rig), "");
    pass(2);
    assert_string_equal(rig_log(&rig), "close");
    assert_string_equal(rig_read(&rig, client), "EOF");
    assert_false(rig.loop->sweeping);
}

static void waits_longer_for_the_first_byte(void **state)
{
    (void)state;
    pass(6);
    assert_string_equal(rig_log(&rig), "");
    pass(5);
    assert_string_equal(rig_log(&rig), "close");
}

static void answers_408_to_half_a_head(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/hello") "GET /hello HT");
    rig_log(&rig);
    pass(6);
    assert_string_equal(rig_log(&rig), "");
    rig_send(&rig, client, "TP/1.1\r\n"); /* progress does not extend it */
    pass(5);
    rig_read(&rig, client);
    assert_int_equal(1, rig_count(rig.reply, "HTTP/1.1 408 "));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_string_equal(rig_log(&rig), "bad");
}

static void leaves_a_request_in_flight_alone(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/wait"));
    pass(100);
    assert_string_equal(rig_log(&rig), "wait");
    rig_answer(&rig);
    assert_int_equal(1, rig_count(rig_read(&rig, client), HELLO_BODY));
}

static void lingers_for_two_seconds(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/close"));
    rig_log(&rig);
    pass(1);
    assert_string_equal(rig_log(&rig), "");
    pass(2);
    assert_string_equal(rig_log(&rig), "close");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(closes_an_idle_connection),
        TEST(waits_longer_for_the_first_byte),
        TEST(answers_408_to_half_a_head),
        TEST(leaves_a_request_in_flight_alone),
        TEST(lingers_for_two_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
