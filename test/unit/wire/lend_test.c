/* SPDX-License-Identifier: MIT */
/* Lending requests to evhttp, and taking connections back. */
#include "unit/wire/rig.h"

#include <event2/buffer.h>
#include <event2/http.h>

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

#define HEAD_OF(path) "HEAD " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST(path, fields, body) \
    "POST " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n" body

/* What is sent, the end of all that comes, the log. */
static const struct {
    const char *what, *text, *end, *log;
} lent[] = {
    { "no body", GET("/lent?q=1"), "\r\n\r\n", "/lent?q=1 after:200" },
    { "a body", POST("/lent", "Content-Length: 5\r\n", "world"),
        "\r\n\r\nworld", "/lent after:200" },
    { "an empty body", POST("/lent", "Content-Length: 0\r\n", ""), "\r\n\r\n",
        "/lent after:200" },
    { "chunks", POST("/lent", "Transfer-Encoding: chunked\r\n",
        "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"), "\r\n\r\nabc", "/lent after:200" },
    { "chunks behind chunks", POST("/lent", "Transfer-Encoding: chunked\r\n",
        "0\r\n\r\n") POST("/lent", "Transfer-Encoding: chunked\r\n",
        "1\r\na\r\n0\r\n\r\n"), "\r\n\r\na",
        "/lent after:200 /lent after:200" },
    { "ours behind it", GET("/lent") GET("/hello"), HELLO_BODY,
        "/lent after:200 after:200" },
    { "HEAD", HEAD_OF("/lent-empty") GET("/hello"), HELLO_BODY,
        "after:200 after:200" },
    { "HEAD with a body that evhttp would take for a request",
        "HEAD /lent HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\n"
        GET("/evil") GET("/hello"), HELLO_BODY, "/lent after:200 after:200" },
    { "204", GET("/lent-empty") GET("/hello"), HELLO_BODY,
        "after:204 after:200" },
    { "a stream", GET("/lent-stream") GET("/hello"), HELLO_BODY,
        "after:200 after:200" },
    { "close", "GET /lent HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        GET("/hello"), "Connection: close\r\n\r\nEOF", "/lent after:200" },
    { "1.0", "POST /lent HTTP/1.0\r\nContent-Length: 2\r\n\r\nok",
        "\r\n\r\nokEOF", "/lent after:200" },
    { "a method that evhttp does not know",
        "REPORT /lent HTTP/1.1\r\nHost: a\r\n\r\n" GET("/hello"), HELLO_BODY,
        "after:501 after:200" },
    { "a CONTINUE is ours", POST("/lent",
        "Content-Length: 2\r\nExpect: 100-continue\r\n", "ok"), "\r\n\r\nok",
        "/lent after:200" },
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

static void check(size_t i, bool split)
{
    const char *end = lent[i].end;
    size_t length = strlen(end);

    ask_anew(lent[i].text, split);
    if (rig.length < length || strcmp(rig.reply + rig.length - length, end)
        || strcmp(rig.log, lent[i].log) || strstr(rig.reply, "not for"))
        fail_msg("%s: %s\nlog: %s", lent[i].what, rig.reply, rig.log);
}

static void evhttp_answers_one_canonical_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lent); i++) {
        check(i, false);
        check(i, true);
    }
}

static void keeps_the_order_of_a_mixed_pipeline(void **state)
{
    const char *at;

    (void)state;
    at = rig_ask(&rig, client, GET("/lent?1") GET("/hello") GET("/lent?2")
        GET("/lent?3") GET("/hello") GET("/lent-stream") GET("/hello")
        GET("/lent?4") GET("/hello"));
    assert_int_equal(4, rig_count(at, HELLO_BODY));
    assert_int_equal(4, rig_count(at, "200 Lent\r\nContent-Length: 0")
        + rig_count(at, "200 Lent\r\nDate"));
    assert_string_equal(at + rig.length - 9, HELLO_BODY);
    assert_int_equal(9, rig_count(rig.log, "after:200"));
    assert_int_equal(9, rig.flow.finished);
}

static void waits_for_evhttps_answer(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/lent-later") GET("/hello"));
    rig_send(&rig, client, GET("/hello"));
    assert_string_equal(rig_log(&rig), "lent");
    assert_int_equal(PHASE_LENT, rig_conn(&rig)->phase);
    rig_answer_lent(&rig);
    assert_int_equal(2, rig_count(rig_read(&rig, client), HELLO_BODY));
    assert_string_equal(rig_log(&rig), "after:200 after:200 after:200");
}

static void a_half_closed_client_gets_evhttps_answer(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/lent-later"));
    shutdown(client, SHUT_WR);
    rig_turn(&rig);
    rig_answer_lent(&rig);
    rig_read(&rig, client);
    assert_int_equal(1, rig_count(rig.reply, "200 Lent"));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_string_equal(rig_log(&rig), "lent after:200 close");
}

static void a_client_that_leaves_in_the_middle_ends_its_request_once(
    void **state)
{
    static char request[(1 << 20) - 4096];
    static const char head[] = "POST /lent HTTP/1.1\r\nHost: a\r\n"
        "Content-Length: 1000000\r\n\r\n";
    int small = 4096;

    (void)state;
    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(rig_conn(&rig)->mover->fd, SOL_SOCKET, SO_SNDBUF, &small,
        sizeof small);
    memset(request, 'x', sizeof head + 1000000);
    memcpy(request, head, sizeof head - 1);
    request[sizeof head - 1 + 1000000] = '\0';
    rig_send(&rig, client, request);
    assert_string_equal(rig_log(&rig), "/lent");
    rig_reset(&rig, client);
    assert_string_equal(rig_log(&rig), "after:444 close");
}

static void a_client_that_vanished_ends_its_request_once(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/lent-later"));
    rig_reset(&rig, client);
    assert_string_equal(rig_log(&rig), "lent after:444 close");
    rig_answer_lent(&rig);
    assert_string_equal(rig_log(&rig), "");
}

static void the_loops_end_ends_a_lent_request_once(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/lent-later"));
    rig_log(&rig);
    seed__loop_close(rig.loop);
    assert_string_equal(rig_log(&rig), "after:444 close");

    /* The callback still has it, and may answer. */
    rig_answer_lent(&rig);
    assert_string_equal(rig_log(&rig), "");
}

static void a_large_answer_leaves_as_the_client_takes_it(void **state)
{
    static char request[(1 << 20) - 4096];
    static const char head[] = "POST /lent HTTP/1.1\r\nHost: a\r\n"
        "Content-Length: 1000000\r\n\r\n";
    size_t bytes = 0;

    (void)state;
    memset(request, 'x', sizeof head + 1000000);
    memcpy(request, head, sizeof head - 1);
    request[sizeof head - 1 + 1000000] = '\0';
    rig_send(&rig, client, request);
    for (int i = 0; i < 100 && bytes < 1000000; i++) {
        rig_read(&rig, client);
        bytes += rig.length;
    }
    assert_true(bytes > 1000000);
    assert_int_equal(1, rig_count(rig_ask(&rig, client, GET("/hello")),
        HELLO_BODY));
}

/* As one of ours does: others have their turns between. The first of them has
 * two shares, of the turn that reads the request and of that in which evhttp
 * answers. */
static void a_large_answer_leaves_by_shares(void **state)
{
    static char request[(1 << 20) - 4096];
    static const char head[] = "POST /lent HTTP/1.1\r\nHost: a\r\n"
        "Content-Length: 1000000\r\n\r\n";
    size_t arrived = 0;

    (void)state;
    assert_int_equal(0, setsockopt(client, SOL_SOCKET, SO_RCVBUF,
        &(int){ 4 << 20 }, sizeof(int)));
    memset(request, 'x', sizeof head - 1 + 999999);
    memcpy(request, head, sizeof head - 1);
    request[sizeof head - 1 + 999999] = '\0';
    rig_send(&rig, client, request);
    assert_int_equal(1, send(client, "x", 1, 0));
    for (int turns = 0; turns < 100 && arrived < 1000000; turns++) {
        size_t more;

        assert_int_equal(0, seed__loop_turn(rig.loop));
        more = rig_drain(client);
        assert_true(more <= 2 * (256 << 10));
        arrived += more;
    }
    assert_true(arrived > 1000000);
}

/* --- on an evhttp of the application's own -------------------------------- */

static void app_general(struct evhttp_request *request, void *ctx)
{
    evbuffer_add_printf(evhttp_request_get_output_buffer(request), "app %s",
        evhttp_request_get_uri(request));
    evhttp_send_reply(request, 203, "App", NULL);
    ++*(int *)ctx;
}

static void app_later(struct evhttp_request *request, void *ctx)
{
    *(struct evhttp_request **)ctx = request;
}

static int app_calls;
static struct evhttp_request *app_waits;

static int open_foreign(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.base = event_base_new();
    rig.evhttp = evhttp_new(rig.base);
    evhttp_set_gencb(rig.evhttp, app_general, &app_calls);
    evhttp_set_cb(rig.evhttp, "/app/later", app_later, &app_waits);
    app_calls = 0;
    rig_open(&rig);
    client = rig_connect(&rig);
    rig_log(&rig);
    return 0;
}

static int close_foreign(void **state)
{
    (void)state;
    close(client);
    rig_close(&rig);
    evhttp_free(rig.evhttp);
    event_base_free(rig.base);
    return 0;
}

static void serves_beside_the_applications_callbacks(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/hello") GET("/app/one") GET("/lent")
        GET("/app/two") GET("/hello"));
    assert_int_equal(2, rig_count(rig.reply, HELLO_BODY));
    assert_int_equal(1, rig_count(rig.reply, "app /app/one"));
    assert_int_equal(1, rig_count(rig.reply, "app /app/two"));
    assert_int_equal(1, rig_count(rig.reply, "200 Lent"));
    assert_int_equal(2, app_calls);
    assert_string_equal(rig_log(&rig),
        "after:200 after:203 /lent after:200 after:203 after:200");
}

static void leaves_its_connections_to_the_application(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/app/later"));
    assert_non_null(app_waits);
    seed__loop_close(rig.loop);
    assert_string_equal(rig_log(&rig), "after:444 close");

    evhttp_send_reply(app_waits, 200, "App", NULL);
    for (int i = 0; i < 10; i++)
        event_base_loop(rig.base, EVLOOP_NONBLOCK);
    assert_true(recv(client, rig.reply, sizeof rig.reply, 0) > 0);
    assert_int_equal(1, rig_count(rig.reply, "200 App"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(evhttp_answers_one_canonical_message),
        TEST(keeps_the_order_of_a_mixed_pipeline),
        TEST(waits_for_evhttps_answer),
        TEST(a_half_closed_client_gets_evhttps_answer),
        TEST(a_client_that_leaves_in_the_middle_ends_its_request_once),
        TEST(a_client_that_vanished_ends_its_request_once),
        TEST(the_loops_end_ends_a_lent_request_once),
        TEST(a_large_answer_leaves_as_the_client_takes_it),
        TEST(a_large_answer_leaves_by_shares),
#define FOREIGN(name) \
    cmocka_unit_test_setup_teardown(name, open_foreign, close_foreign)
        FOREIGN(serves_beside_the_applications_callbacks),
        FOREIGN(leaves_its_connections_to_the_application),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
