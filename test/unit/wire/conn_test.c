/* SPDX-License-Identifier: MIT */
/* A connection's life: keep-alive, clients that leave, and answers that must
 * arrive all the same. */
#include "unit/watching.h"
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
    assert_string_equal(rig_log(&rig), "open");
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    close(client);
    rig_close(&rig);
    return 0;
}

static void serves_one_request_after_the_other(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        const char *reply = rig_ask(&rig, client, GET("/hello"));

        assert_int_equal(1, rig_count(reply, "HTTP/1.1 200 OK\r\n"));
        assert_int_equal(1, rig_count(reply, HELLO_BODY));
        assert_string_equal(rig_log(&rig), "after:200");
    }
    assert_int_equal(1, rig.loop->conn_count);
    rig_reset(&rig, client);
    assert_string_equal(rig_log(&rig), "close");
    assert_int_equal(0, rig.loop->conn_count);
}

static void gives_its_memory_to_the_next_connection(void **state)
{
    struct conn *conn = rig_conn(&rig);

    (void)state;
    rig_ask(&rig, client, GET("/hello"));
    assert_null(conn->stash.bytes);
    assert_null(conn->partial);
    rig_hang_up(&rig, client);
    client = rig_connect(&rig);
    assert_ptr_equal(conn, rig_conn(&rig));
    assert_true(sizeof *conn <= 1024);
}

static void tells_a_half_closed_client_apart(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/wait"));
    shutdown(client, SHUT_WR);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "wait half");

    rig_answer(&rig);
    assert_int_equal(1, rig_count(rig_read(&rig, client), HELLO_BODY));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_string_equal(rig_log(&rig), "after:200 close");
}

static void sees_the_half_close_that_came_with_the_request(void **state)
{
    static const char text[] = GET("/wait");

    (void)state;
    assert_int_equal(send(client, text, sizeof text - 1, 0), sizeof text - 1);
    shutdown(client, SHUT_WR);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "wait half");
    rig_answer(&rig);
    assert_int_equal(1, rig_count(rig_read(&rig, client), HELLO_BODY));
}

static void notices_a_reset_at_once(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/wait"));
    rig_reset(&rig, client);
    assert_string_equal(rig_log(&rig), "wait gone after:444 close");

    /* The handler may answer whenever it likes. */
    rig_answer(&rig);
    assert_string_equal(rig_log(&rig), "");
}

static void notices_a_reset_behind_a_half_close(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/wait"));
    shutdown(client, SHUT_WR);
    rig_turn(&rig);
    rig_reset(&rig, client);
    assert_string_equal(rig_log(&rig), "wait half gone after:444 close");
    rig_answer(&rig);
}

static void settles_what_is_in_flight_when_the_loop_ends(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/wait"));
    assert_string_equal(rig_log(&rig), "wait");
    seed__loop_close(rig.loop);
    assert_string_equal(rig_log(&rig), "gone after:444 close");
    seed_resume(rig.waiting, SEED_STOP);
}

/* The log asks behind the reset, when the socket has none any more. */
static void knows_its_peer_behind_a_reset(void **state)
{
    struct conn *conn = rig_conn(&rig);

    (void)state;
    rig_send(&rig, client, GET("/wait"));
    assert_string_equal(conn->peer, "");
    seed__conn_reset(conn);
    assert_ptr_equal(conn->peer, strstr(conn->peer, "127.0.0.1:"));
    seed__conn_end_all(rig.loop);
    seed_resume(rig.waiting, SEED_STOP);
    assert_string_equal(rig_read(&rig, client), "RST");
}

static void closes_when_told_to(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/close") GET("/hello"));
    assert_int_equal(1, rig_count(rig.reply, "HTTP/1.1"));
    assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
    assert_string_equal(rig.reply + rig.length - 6, "byeEOF");
}

/* Nothing would ever be heard of it: better that its client knows. */
static void closes_what_the_kernel_does_not_watch(void **state)
{
    int other;

    (void)state;
    unwatched = (unsigned)EPOLLET;
    other = rig_connect(&rig);
    assert_string_equal(rig_read(&rig, other), "EOF");
    assert_string_equal(rig_log(&rig), "open close");
    unwatched = 0;
    close(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(serves_one_request_after_the_other),
        TEST(gives_its_memory_to_the_next_connection),
        TEST(tells_a_half_closed_client_apart),
        TEST(sees_the_half_close_that_came_with_the_request),
        TEST(notices_a_reset_at_once),
        TEST(notices_a_reset_behind_a_half_close),
        TEST(settles_what_is_in_flight_when_the_loop_ends),
        TEST(knows_its_peer_behind_a_reset),
        TEST(closes_when_told_to),
        TEST(closes_what_the_kernel_does_not_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
