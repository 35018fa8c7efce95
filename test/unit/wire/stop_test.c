/* SPDX-License-Identifier: MIT */
/* Stopping with drain. */
#include "unit/wire/rig.h"

#include "base/str.h"

#include <fcntl.h>
#include <netinet/in.h>
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

/* Connects without a turn of the loop: the kernel lets it in. Negative: nobody
 * listens any more. */
static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)rig.port),
        .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&to, sizeof to)) {
        close(fd);
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void closes_what_stays_idle_for_a_second(void **state)
{
    uint64_t begun = seed__now();
    int done = 0;

    (void)state;
    rig_ask(&rig, client, GET("/hello"));
    rig_log(&rig);
    seed__loop_stop(rig.loop, 10000, on_done, &done);
    assert_string_equal(rig_read(&rig, client), "");
    assert_int_equal(-1, dial());
    assert_int_equal(0, seed__loop_run(rig.loop));
    assert_in_range(seed__now() - begun, 990000000, 5000000000);
    assert_string_equal(rig_read(&rig, client), "EOF");
    assert_string_equal(rig_log(&rig), "close done");
    assert_int_equal(1, done);
    assert_int_equal(0, seed__loop_cut(rig.loop));
}

static void answers_what_an_idle_one_still_asks(void **state)
{
    int done = 0;

    (void)state;
    rig_ask(&rig, client, GET("/hello"));
    seed__loop_stop(rig.loop, 10000, on_done, &done);
    rig_turn(&rig);
    rig_ask(&rig, client, GET("/hello"));
    assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
    assert_string_equal(rig.reply + rig.length - 8, "helloEOF");
    rig_hang_up(&rig, client);
    client = -1;
    assert_int_equal(1, done);
}

/* It was promised in an answer's head, before the stop, that the connection
 * stays. */
static void keeps_the_second_of_one_that_was_busy(void **state)
{
    struct conn *conn = rig_conn(&rig);

    (void)state;
    rig.loop->stopping = true;
    rig.loop->stop_at = 1;
    rig.loop->now = conn->since + 999999999;
    assert_false(seed__stop_ends(conn));
    rig.loop->now++;
    assert_true(seed__stop_ends(conn));
    rig.loop->stop_at = rig.loop->now + 1; /* the stop came in this turn */
    assert_false(seed__stop_ends(conn));
    rig.loop->stop_at = 1;
    conn->phase = PHASE_WAIT;
    assert_false(seed__stop_ends(conn));
    conn->phase = PHASE_HEAD;
    rig.loop->stopping = false;
    assert_false(seed__stop_ends(conn));
}

/* Who is in the kernel's queue when the stop comes is not reset. */
static void serves_whom_the_kernel_has_let_in(void **state)
{
    int done = 0, clients[40];

    (void)state;
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = dial();
        assert_true(clients[i] >= 0);
        assert_int_equal(send(clients[i], GET("/hello"),
            strlen(GET("/hello")), 0), strlen(GET("/hello")));
    }
    seed__loop_stop(rig.loop, 10000, on_done, &done);
    for (size_t i = 0; i < COUNT(clients); i++) {
        rig_read(&rig, clients[i]);
        assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
        assert_string_equal(rig.reply + rig.length - 8, "helloEOF");
        close(clients[i]);
    }
    assert_int_equal(-1, dial());
    rig_hang_up(&rig, client);
    client = -1;
    assert_int_equal(1, done);
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
    assert_int_equal(0, seed__loop_cut(rig.loop));
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
    assert_int_equal(1, seed__loop_cut(rig.loop));
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
        TEST(closes_what_stays_idle_for_a_second),
        TEST(answers_what_an_idle_one_still_asks),
        TEST(keeps_the_second_of_one_that_was_busy),
        TEST(serves_whom_the_kernel_has_let_in),
        TEST(lets_those_in_flight_finish),
        TEST(ends_half_a_head_after_the_grace),
        TEST(cuts_what_is_left_after_the_grace),
        TEST(stops_at_once_when_nothing_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
