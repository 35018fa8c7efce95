/* SPDX-License-Identifier: MIT */
/* What a connection does in one turn, and what it leaves to the next. */
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

static void answers_the_pipeline_in_order(void **state)
{
    const char *reply, *hello, *copy;

    (void)state;
    reply = rig_ask(&rig, client,
        GET("/hello") GET("/nothing") GET("/copy") GET("/hello"));
    hello = strstr(reply, HELLO_BODY);
    copy = strstr(reply, "3\r\ntwo\r\n0\r\n\r\n");
    assert_non_null(hello);
    assert_non_null(copy);
    assert_true(hello < strstr(reply, "404 Not Found"));
    assert_true(strstr(reply, "404 Not Found") < copy);
    assert_non_null(strstr(copy, HELLO_BODY));
    assert_string_equal(rig_log(&rig),
        "after:200 after:404 after:200 after:200");
}

static void holds_the_pipeline_while_one_waits(void **state)
{
    (void)state;
    assert_int_equal(1, rig_count(rig_ask(&rig, client,
        GET("/hello") GET("/wait") GET("/hello")), HELLO_BODY));
    rig_send(&rig, client, GET("/hello"));
    assert_string_equal(rig_log(&rig), "wait after:200");

    rig_answer(&rig);
    assert_int_equal(3, rig_count(rig_read(&rig, client), HELLO_BODY));
}

static void takes_a_thousand_at_once(void **state)
{
    static const char one[] = GET("/hello");
    static char text[sizeof one * 1000];
    unsigned answers = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        memcpy(text + (size_t)i * (sizeof one - 1), one, sizeof one);
    rig_send(&rig, client, text);
    for (int i = 0; i < 100 && answers < 1000; i++)
        answers += rig_count(rig_read(&rig, client), "HTTP/1.1 200");
    assert_int_equal(1000, answers);
    assert_int_equal(1000, rig.flow.finished);
}

/* A stream that would fill the kernel's buffers at once takes several turns,
 * and others have theirs between. */
static void sends_a_share_a_turn(void **state)
{
    static const char ask[] = GET("/stream");
    size_t arrived = 0;

    (void)state;
    assert_int_equal(0, setsockopt(client, SOL_SOCKET, SO_RCVBUF,
        &(int){ 4 << 20 }, sizeof(int)));
    assert_int_equal(sizeof ask - 1, send(client, ask, sizeof ask - 1, 0));
    for (int turns = 0; turns < 100 && arrived < 1 << 20; turns++) {
        size_t more;

        assert_int_equal(0, seed__loop_turn(rig.loop));
        more = rig_drain(client);
        assert_true(more <= 256 << 10);
        arrived += more;
    }
    assert_true(arrived >= 1 << 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(answers_the_pipeline_in_order),
        TEST(holds_the_pipeline_while_one_waits),
        TEST(takes_a_thousand_at_once),
        TEST(sends_a_share_a_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
