/* SPDX-License-Identifier: MIT */
/* What follows from the end of an answer. */
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

#define POST(path, fields) \
    "POST " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n"

static void goes_on_behind_a_small_body_that_comes_late(void **state)
{
    (void)state;
    rig_ask(&rig, client, POST("/early", "Content-Length: 6\r\n") "abc");
    assert_int_equal(1, rig_count(rig.reply, HELLO_BODY));
    assert_int_equal(PHASE_DRAIN, rig_conn(&rig)->phase);
    assert_string_equal(rig_log(&rig), "after:200");

    rig_ask(&rig, client, "def" GET("/hello"));
    assert_int_equal(1, rig_count(rig.reply, HELLO_BODY));
}

static void closes_on_a_large_body_that_nobody_reads(void **state)
{
    (void)state;
    rig_ask(&rig, client, POST("/early", "Content-Length: 100000\r\n"));
    assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
    assert_string_equal(rig.reply + rig.length - 8, "helloEOF");
    assert_int_equal(PHASE_LINGER, rig_conn(&rig)->phase);
}

static void closes_on_chunks_that_never_end(void **state)
{
    char text[1100] = "3e8\r\n";

    (void)state;
    rig_ask(&rig, client, POST("/early", "Transfer-Encoding: chunked\r\n"));
    assert_int_equal(PHASE_DRAIN, rig_conn(&rig)->phase);
    memset(text + 5, 'x', 1000);
    strcpy(text + 1005, "\r\n");
    for (int i = 0; i < 70; i++)
        rig_send(&rig, client, text);
    assert_string_equal(rig_read(&rig, client), "EOF");
}

static void closes_when_the_client_was_not_told_to_continue(void **state)
{
    (void)state;
    rig_ask(&rig, client,
        POST("/early", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
    assert_int_equal(0, rig_count(rig.reply, " 100 "));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
}

static void reads_on_for_a_handler_that_has_answered(void **state)
{
    (void)state;
    rig_ask(&rig, client, POST("/keep", "Content-Length: 6\r\n") "abc");
    assert_int_equal(1, rig_count(rig.reply, "early"));
    assert_string_equal(rig_log(&rig), "body:3");

    rig_ask(&rig, client, "def" GET("/hello"));
    assert_int_equal(1, rig_count(rig.reply, HELLO_BODY));
    assert_string_equal(rig_log(&rig), "body:3 end after:202 after:200");
}

static void keeps_the_rest_for_a_handler_that_rests(void **state)
{
    (void)state;
    rig_send(&rig, client,
        POST("/keep-pause", "Content-Length: 6\r\n") "abc");
    rig_send(&rig, client, "def" GET("/hello"));
    assert_string_equal(rig_log(&rig), "body:3");
    seed_body_resume(rig.waiting);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "body:3");
    seed_body_resume(rig.waiting);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "end after:202 after:200");
}

static void cuts_a_body_that_goes_wrong_behind_the_answer(void **state)
{
    (void)state;
    rig_ask(&rig, client, POST("/keep", "Transfer-Encoding: chunked\r\n")
        "1\r\na\r\n");
    assert_string_equal(rig_log(&rig), "body:1");
    rig_ask(&rig, client, "bad\n");
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_string_equal(rig_log(&rig), "bad after:202");
}

static void resets_when_an_answer_is_cut(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/hello") GET("/abort"));
    assert_int_equal(1, rig_count(rig.reply, HELLO_BODY));
    assert_string_equal(rig.reply + rig.length - 3, "RST");
    assert_int_equal(2, rig_count(rig.log, "after:200"));
    assert_int_equal(0, rig.loop->conn_count);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(goes_on_behind_a_small_body_that_comes_late),
        TEST(closes_on_a_large_body_that_nobody_reads),
        TEST(closes_on_chunks_that_never_end),
        TEST(closes_when_the_client_was_not_told_to_continue),
        TEST(reads_on_for_a_handler_that_has_answered),
        TEST(keeps_the_rest_for_a_handler_that_rests),
        TEST(cuts_a_body_that_goes_wrong_behind_the_answer),
        TEST(resets_when_an_answer_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
