/* SPDX-License-Identifier: MIT */
/* Answers that the socket does not take at once, and the polite end. */
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

/* Both buffers of the kernel become small. */
static void narrow(void)
{
    int small = 65536;

    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(rig_conn(&rig)->mover->fd, SOL_SOCKET, SO_SNDBUF, &small,
        sizeof small);
}

static size_t read_all(size_t enough)
{
    size_t bytes = 0;

    for (int i = 0; i < 20000 && bytes < enough; i++) {
        rig_read(&rig, client);
        bytes += rig.length;
    }
    return bytes;
}

static void a_stream_leaves_as_the_client_takes_it(void **state)
{
    struct conn *conn = rig_conn(&rig);

    (void)state;
    narrow();
    rig_send(&rig, client, GET("/stream"));
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    assert_true(conn->blocked);
    assert_true(conn->out.waiting <= 262144 + 40000);
    assert_int_equal(conn->out.waiting, seed__loop_backlog(rig.loop));

    assert_true(read_all(1 << 20) > 1 << 20);
    assert_true(rig_count(rig.log, "drain") > 2);
    assert_int_equal(1, rig_count(rig.log, "after:200"));
    assert_int_equal(0, conn->out.waiting);
    assert_int_equal(0, seed__loop_backlog(rig.loop));
}

/* What waits for a client that is gone waits no more. */
static void a_backlog_ends_with_its_client(void **state)
{
    (void)state;
    narrow();
    rig_send(&rig, client, GET("/stream"));
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    assert_true(seed__loop_backlog(rig.loop) > 0);
    close(client);
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    assert_int_equal(0, seed__loop_backlog(rig.loop));
    client = rig_connect(&rig);
}

static int open_with_little_room(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.options.max_output = 1000;
    rig_open(&rig);
    client = rig_connect(&rig);
    rig_log(&rig);
    return 0;
}

/* The socket takes each piece at once, so that no edge follows it. */
static void a_drain_hook_needs_no_edge(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/stream"));
    assert_true(read_all(1 << 20) > 1 << 20);
    assert_int_equal(1, rig_count(rig.log, "after:200"));
}

static void a_file_leaves_as_the_client_takes_it(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/file") GET("/hello"));
    assert_true(read_all(300100) > 300100);
    assert_string_equal(rig_log(&rig), "after:200 after:200");
}

static void a_client_that_leaves_in_the_middle_is_noticed(void **state)
{
    (void)state;
    narrow();
    rig_send(&rig, client, GET("/stream"));
    rig_reset(&rig, client);
    assert_int_equal(1, rig_count(rig.log, "gone after:200 close"));
}

/* It takes no answers, so that it is asked no more questions. */
static void stops_parsing_while_much_waits(void **state)
{
    struct conn *conn = rig_conn(&rig);

    (void)state;
    narrow();
    for (int i = 0; i < 30; i++)
        rig_send(&rig, client, GET("/file"));
    assert_true(conn->blocked);
    assert_true(rig.flow.begun < 25);
    assert_int_equal(PHASE_HEAD, conn->phase);
    assert_true(read_all(30 * 300000) > 30 * 300000);
    assert_int_equal(30, rig.flow.finished);
}

/* The client is still sending when it is refused; it must read why. */
static void a_refused_client_gets_its_answer(void **state)
{
    static char piece[100001];

    (void)state;
    memset(piece, 'x', sizeof piece - 1);
    rig_send(&rig, client, "POST /echo HTTP/1.1\r\nHost: a\r\n"
        "Content-Length: 10000000\r\n\r\n");
    for (int i = 0; i < 50; i++)
        rig_send(&rig, client, piece);
    rig_read(&rig, client);
    assert_int_equal(1, rig_count(rig.reply, "HTTP/1.1 413 "));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_int_equal(PHASE_LINGER, rig_conn(&rig)->phase);
    rig_hang_up(&rig, client);
    client = -1;
    assert_int_equal(0, rig.loop->conn_count);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(a_stream_leaves_as_the_client_takes_it),
        cmocka_unit_test_setup_teardown(a_backlog_ends_with_its_client,
            open_all, close_all),
        cmocka_unit_test_setup_teardown(a_drain_hook_needs_no_edge,
            open_with_little_room, close_all),
        TEST(a_file_leaves_as_the_client_takes_it),
        TEST(a_client_that_leaves_in_the_middle_is_noticed),
        TEST(stops_parsing_while_much_waits),
        TEST(a_refused_client_gets_its_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
