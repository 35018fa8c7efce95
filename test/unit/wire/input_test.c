/* SPDX-License-Identifier: MIT */
/* Bytes to requests: split anywhere, with and without bodies. */
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

#define POST(path, fields, body) \
    "POST " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n" body
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define LENGTH(n) "Content-Length: " #n "\r\n"

/* What is sent, how many 200s come, the body of the last answer, the log. */
static const struct {
    const char *what, *text;
    unsigned answers;
    const char *end, *log;
} messages[] = {
    { "length", POST("/echo", LENGTH(5), "world"), 1, "\r\n\r\nworld",
        "after:200" },
    { "chunks", POST("/echo", CHUNKED, "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
        1, "\r\n\r\nabcde", "after:200" },
    { "a request behind a body", POST("/echo", LENGTH(2), "ab") GET("/hello"),
        2, HELLO_BODY, "after:200 after:200" },
    { "a request behind chunks",
        POST("/echo", CHUNKED, "1\r\na\r\n0\r\n\r\n") GET("/hello"), 2,
        HELLO_BODY, "after:200 after:200" },
    { "an unread body", POST("/early", LENGTH(5), "world") GET("/hello"), 2,
        HELLO_BODY, "after:200 after:200" },
    { "unread chunks",
        POST("/early", CHUNKED, "5\r\nworld\r\n0\r\n\r\n") GET("/hello"), 2,
        HELLO_BODY, "after:200 after:200" },
    { "empty body", POST("/echo", LENGTH(0), "") GET("/hello"), 2, HELLO_BODY,
        "after:200 after:200" },
    { "an empty line before", "\r\n" GET("/hello"), 1, HELLO_BODY,
        "after:200" },
    { "trailers", POST("/keep", CHUNKED, "1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n"), 0,
        "early", "body:1 end 7 after:202" },
};

static void ask_anew(const char *text, bool split)
{
    close(client);
    rig_turn(&rig);
    client = rig_connect(&rig);
    rig_log(&rig);
    for (; split && text[1]; text++) {
        char one[2] = { *text, '\0' };

        rig_send(&rig, client, one);
    }
    rig_ask(&rig, client, text);
}

static void check_message(size_t i, bool split)
{
    const char *end = messages[i].end;

    ask_anew(messages[i].text, split);
    if (rig_count(rig.reply, "HTTP/1.1 200") != messages[i].answers
        || strcmp(rig.reply + rig.length - strlen(end), end)
        || strcmp(rig.log, messages[i].log))
        fail_msg("%s: %s\nlog: %s", messages[i].what, rig.reply, rig.log);
    assert_ptr_equal(rig_conn(&rig)->at, rig_conn(&rig)->end);
    assert_null(rig_conn(&rig)->stash.bytes);
}

static void reads_whole_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++)
        check_message(i, false);
}

static void reads_messages_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++)
        check_message(i, true);
}

/* What must be refused; the connection ends with the answer. */
static const struct {
    const char *text, *status, *log;
} refused[] = {
    { "GET /hello HTTP/1.1\r\n\r\n", " 400 ", "bad" },
    { "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", " 501 ", "bad" },
    { "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", " 501 ", "bad" },
    { "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", " 505 ", "bad" },
    { POST("/echo", LENGTH(5) CHUNKED, ""), " 400 ", "bad" },
    { POST("/echo", CHUNKED, "x\r\n"), " 400 ", "bad after:400" },
    { POST("/echo", CHUNKED, "100000005\r\nabc"), " 413 ", "after:413" },
    { POST("/echo", LENGTH(9999999), ""), " 413 ", "after:413" },
};

static void check_refusal(size_t i, bool split)
{
    ask_anew(refused[i].text, split);
    if (!strstr(rig.reply, refused[i].status)
        || !strstr(rig.reply, "Connection: close")
        || strcmp(rig.reply + rig.length - 3, "EOF")
        || strcmp(rig.log, refused[i].log))
        fail_msg("%s: %s\nlog: %s", refused[i].text, rig.reply, rig.log);
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        check_refusal(i, false);
        check_refusal(i, true);
    }
}

static void keeps_an_incomplete_head_in_little_memory(void **state)
{
    struct conn *conn = rig_conn(&rig);

    (void)state;
    rig_send(&rig, client, "GET /hello HTTP/1.1\r\nHo");
    assert_non_null(conn->partial);
    assert_true(conn->stash.room <= 1024);
    rig_send(&rig, client, "st: a\r\n\r\n");
    assert_null(conn->partial);
    assert_null(conn->stash.bytes);
    assert_int_equal(1, rig_count(rig_read(&rig, client), HELLO_BODY));
}

static void says_nothing_to_half_a_head(void **state)
{
    (void)state;
    rig_send(&rig, client, "GET /hello HTTP/1.1\r\nHost");
    shutdown(client, SHUT_WR);
    assert_string_equal(rig_read(&rig, client), "EOF");
    assert_string_equal(rig_log(&rig), "close");
}

static void ends_a_request_whose_body_is_cut(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/hello") POST("/echo", LENGTH(10), "12345"));
    shutdown(client, SHUT_WR);
    assert_int_equal(1, rig_count(rig_read(&rig, client), HELLO_BODY));
    assert_string_equal(rig_log(&rig),
        "after:200 gone after:444 close");
}

static void tells_the_client_to_continue_when_asked(void **state)
{
    static const char head[] = POST("/echo",
        LENGTH(2) "Expect: 100-continue\r\n", "");

    (void)state;
    assert_string_equal(rig_ask(&rig, client, head),
        "HTTP/1.1 100 Continue\r\n\r\n");
    rig_ask(&rig, client, "ok");
    assert_int_equal(1, rig_count(rig.reply, "HTTP/1.1 200 OK\r\n"));
    assert_string_equal(rig.reply + rig.length - 6, "\r\n\r\nok");
}

static void leaves_out_the_continue_when_the_body_is_there(void **state)
{
    (void)state;
    rig_ask(&rig, client, POST("/echo",
        LENGTH(2) "Expect: 100-continue\r\n", "ok"));
    assert_int_equal(0, rig_count(rig.reply, " 100 "));
    assert_int_equal(1, rig_count(rig.reply, " 200 "));
}

static void stops_reading_while_the_handler_rests(void **state)
{
    struct conn *conn = rig_conn(&rig);

    (void)state;
    rig_send(&rig, client, POST("/pause", LENGTH(10), "12345"));
    assert_string_equal(rig_log(&rig), "body:5");
    rig_send(&rig, client, "67");
    assert_string_equal(rig_log(&rig), "");
    assert_true(conn->readable);

    seed_body_resume(rig.waiting);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "body:2");
    seed_body_resume(rig.waiting);
    rig_send(&rig, client, "890");
    assert_string_equal(rig_log(&rig), "body:3");
    seed_body_resume(rig.waiting);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "end after:200");
}

static void gives_others_their_turn(void **state)
{
    static char megabyte[(1 << 20) + 1];
    int other = rig_connect(&rig);
    char log[4096];

    (void)state;
    rig_log(&rig);
    memset(megabyte, 'x', sizeof megabyte - 1);
    rig_send(&rig, client, POST("/keep", LENGTH(4194304), ""));
    for (int i = 0; i < 4; i++) {
        rig_send(&rig, client, megabyte);
        if (i == 1)
            assert_int_equal(1,
                rig_count(rig_ask(&rig, other, GET("/hello")), HELLO_BODY));
    }
    strcpy(log, rig_log(&rig));
    assert_non_null(strstr(log, "after:200"));
    assert_non_null(strstr(log, "end after:202"));
    close(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(reads_whole_messages),
        TEST(reads_messages_byte_by_byte),
        TEST(refuses_what_is_malformed),
        TEST(keeps_an_incomplete_head_in_little_memory),
        TEST(says_nothing_to_half_a_head),
        TEST(ends_a_request_whose_body_is_cut),
        TEST(tells_the_client_to_continue_when_asked),
        TEST(leaves_out_the_continue_when_the_body_is_there),
        TEST(stops_reading_while_the_handler_rests),
        TEST(gives_others_their_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
