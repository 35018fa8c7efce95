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

#define SECONDS(n) ((n) * UINT64_C(1000000000))

static void sweep(void)
{
    event_active(&rig.loop->sweep, EV_TIMEOUT, 0);
    rig_turn(&rig);
}

/* With the clock behind by so much, all that has begun began earlier. */
static void pass(unsigned seconds)
{
    struct conn *conn = rig_conn(&rig);

    conn->since -= SECONDS(seconds);
    conn->opened -= SECONDS(seconds);
    if (conn->stuck)
        conn->stuck -= SECONDS(seconds);
    if (conn->req)
        conn->req->begun -= SECONDS(seconds);
    sweep();
}

/* So long a body is waited for: as much as a sweep may count, and again. */
static void await(unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        rig_conn(&rig)->since -= SECONDS(1);
        rig.loop->swept -= SECONDS(1);
        sweep();
        if (ring_empty(&rig.loop->conns)
            || rig_conn(&rig)->phase == PHASE_LINGER)
            break;
    }
}

static uint64_t hit(enum seed_limit limit)
{
    return seed__flow_limits(&rig.flow, limit);
}

static void limit(void)
{
    rig.plan.deadlines.handler = SECONDS(1);
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
    assert_int_equal(1, hit(SEED_LIMIT_IDLE));
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
    assert_int_equal(1, hit(SEED_LIMIT_FIRST_BYTE));
}

/* While others wait for a place, the idle have a second. */
static void closes_the_idle_when_pressed(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/hello"));
    rig_log(&rig);
    rig.loop->resting = true;
    pass(2);
    assert_string_equal(rig_log(&rig), "close");
    rig.loop->resting = false;
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
    assert_int_equal(1, hit(SEED_LIMIT_HEAD));
}

#define POST(path) "POST " path " HTTP/1.1\r\nHost: a\r\n" \
    "Content-Length: 20000\r\n\r\n"

static void answers_408_to_a_body_that_stalls(void **state)
{
    (void)state;
    rig_send(&rig, client, POST("/echo") "some");
    await(20);
    assert_string_equal(rig_log(&rig), "");
    await(3);
    rig_read(&rig, client);
    assert_int_equal(1, rig_count(rig.reply, "HTTP/1.1 408 "));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_string_equal(rig_log(&rig), "bad after:408");
    assert_int_equal(1, hit(SEED_LIMIT_BODY));
}

/* 10 bytes a second: none is waited for long, and all take too long. */
static void answers_408_to_a_body_that_crawls(void **state)
{
    (void)state;
    rig_send(&rig, client, POST("/echo"));
    for (int i = 0; i < 20; i++) {
        rig_send(&rig, client, "ten bytes.");
        await(1);
    }
    assert_string_equal(rig_log(&rig), "");
    rig_send(&rig, client, "ten bytes.");
    await(2);
    assert_int_equal(1, rig_count(rig_read(&rig, client), " 408 "));
    assert_string_equal(rig_log(&rig), "bad after:408");
}

static void lets_a_body_have_500_bytes_a_second(void **state)
{
    char second[501];

    (void)state;
    memset(second, 'b', 500);
    second[500] = '\0';
    rig_send(&rig, client, POST("/echo"));
    for (int i = 0; i < 40; i++) {
        rig_send(&rig, client, second);
        await(i < 39);
    }
    assert_int_equal(1, rig_count(rig_read(&rig, client), " 200 "));
    assert_int_equal(0, hit(SEED_LIMIT_BODY));
}

static void ends_a_body_that_takes_too_long(void **state)
{
    (void)state;
    rig.plan.deadlines.body = SECONDS(3);
    rig_send(&rig, client, POST("/echo"));
    for (int i = 0; i < 5; i++) {
        rig_send(&rig, client, "some");
        await(1);
    }
    assert_int_equal(1, rig_count(rig_read(&rig, client), " 408 "));
}

/* Its client may be as fast as it likes. */
static void does_not_blame_the_client_of_a_handler_that_rests(void **state)
{
    (void)state;
    rig_send(&rig, client, POST("/pause") "some");
    await(400);
    assert_string_equal(rig_log(&rig), "body:4");
    assert_int_equal(0, hit(SEED_LIMIT_BODY));
    rig_reset(&rig, client);
    client = dup(0);
    rig_log(&rig);
    seed_resume(rig.waiting, SEED_STOP);
}

/* The answer was there before the body, and there is no other one. */
static void closes_when_the_rest_of_a_body_stalls(void **state)
{
    (void)state;
    rig_ask(&rig, client, POST("/keep") "some");
    assert_int_equal(1, rig_count(rig.reply, " 202 "));
    rig_log(&rig);
    await(23);
    assert_string_equal(rig_read(&rig, client), "EOF");
}

static void passes_over_a_body_only_while_it_comes(void **state)
{
    (void)state;
    rig_ask(&rig, client, POST("/early") "some");
    assert_int_equal(1, rig_count(rig.reply, " 200 "));
    rig_log(&rig);
    await(23);
    assert_string_equal(rig_log(&rig), "close");
    assert_int_equal(1, hit(SEED_LIMIT_BODY));
}

/* A megabyte, into small buffers that nobody empties. */
static void open_stream(void)
{
    int small = 4096;

    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(rig_conn(&rig)->mover->fd, SOL_SOCKET, SO_SNDBUF, &small,
        sizeof small);
    rig_send(&rig, client, GET("/stream"));
    rig_log(&rig);
}

static void cuts_who_takes_nothing(void **state)
{
    (void)state;
    open_stream();
    pass(29);
    assert_string_equal(rig_log(&rig), "");
    pass(2);
    assert_string_equal(rig_log(&rig), "gone after:200 close");
    assert_int_equal(1, hit(SEED_LIMIT_WRITE));
    rig_read(&rig, client);
    assert_string_equal(rig.reply + rig.length - 3, "RST");
}

static void waits_for_who_takes_a_little(void **state)
{
    (void)state;
    open_stream();
    for (int i = 0; i < 5; i++) {
        uint64_t waiting = rig_conn(&rig)->out.waiting;

        pass(29);
        for (int j = 0; j < 1000
             && rig_conn(&rig)->out.waiting == waiting; j++) {
            char some[60000];

            (void)!recv(client, some, sizeof some, 0);
            usleep(1000); /* the kernel opens the window in its own time */
            rig_turn(&rig);
        }
        assert_int_equal(0, hit(SEED_LIMIT_WRITE));
    }
    assert_false(ring_empty(&rig.loop->conns));
}

static void answers_503_for_a_late_handler(void **state)
{
    (void)state;
    limit();
    rig_send(&rig, client, GET("/wait"));
    sweep();
    assert_string_equal(rig_log(&rig), "wait");
    pass(2);
    rig_read(&rig, client);
    assert_int_equal(1, rig_count(rig.reply, "HTTP/1.1 503 "));
    assert_int_equal(1, rig_count(rig.reply, "Connection: close\r\n"));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_string_equal(rig_log(&rig), "gone after:503");
    assert_int_equal(1, hit(SEED_LIMIT_HANDLER));
    rig_answer(&rig); /* too late, and safe */
    pass(2);
    assert_int_equal(1, hit(SEED_LIMIT_HANDLER));
}

static void cuts_a_late_stream(void **state)
{
    (void)state;
    limit();
    open_stream();
    pass(2);
    assert_string_equal(rig_log(&rig), "gone after:200 close");
    assert_int_equal(1, hit(SEED_LIMIT_HANDLER));
}

static void cuts_what_evhttp_does_not_answer(void **state)
{
    (void)state;
    limit();
    rig_send(&rig, client, GET("/lent-later"));
    pass(2);
    assert_string_equal(rig_read(&rig, client), "RST");
    assert_int_equal(1, rig_count(rig_log(&rig), "after:"));
    assert_int_equal(1, hit(SEED_LIMIT_HANDLER));
    rig_answer_lent(&rig);
}

/* What evhttp wrote is in its buffer, and the same client does not read. */
static void cuts_who_takes_nothing_of_evhttp(void **state)
{
    enum { BODY = 900000 };
    static char text[BODY + 200];
    int small = 4096, used = sprintf(text, "POST /lent HTTP/1.1\r\n"
        "Host: a\r\nContent-Length: %d\r\n\r\n", BODY);

    (void)state;
    memset(text + used, 'b', BODY);
    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(rig_conn(&rig)->mover->fd, SOL_SOCKET, SO_SNDBUF, &small,
        sizeof small);
    rig_send(&rig, client, text);
    assert_int_equal(PHASE_LENT, rig_conn(&rig)->phase);
    assert_true(rig_conn(&rig)->blocked);
    pass(29);
    assert_int_equal(0, hit(SEED_LIMIT_WRITE));
    pass(2);
    assert_int_equal(1, hit(SEED_LIMIT_WRITE));
    assert_int_equal(1, rig_count(rig_log(&rig), "after:"));
    rig_read(&rig, client);
    assert_string_equal(rig.reply + rig.length - 3, "RST");
}

static void says_which_request_is_the_last(void **state)
{
    (void)state;
    rig.plan.options.max_requests = 3;
    rig_ask(&rig, client, GET("/hello") GET("/hello"));
    assert_int_equal(0, rig_count(rig.reply, "Connection: close"));
    rig_ask(&rig, client, GET("/hello") GET("/hello"));
    assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
    assert_int_equal(1, rig_count(rig.reply, HELLO_BODY));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_int_equal(1, hit(SEED_LIMIT_REQUESTS));
}

static void the_last_request_may_be_lent(void **state)
{
    (void)state;
    rig.plan.options.max_requests = 1;
    rig_ask(&rig, client, GET("/lent"));
    assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
}

static void says_when_a_connection_is_old(void **state)
{
    (void)state;
    rig_ask(&rig, client, GET("/hello"));
    rig_conn(&rig)->opened -= SECONDS(3601);
    rig_ask(&rig, client, GET("/hello"));
    assert_int_equal(1, rig_count(rig.reply, "Connection: close"));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_int_equal(1, hit(SEED_LIMIT_AGE));
}

/* A loop that was held up has not waited for its clients. */
static void does_not_count_its_own_delay(void **state)
{
    (void)state;
    rig_send(&rig, client, POST("/echo") "some");
    rig_conn(&rig)->since -= SECONDS(60);
    rig.loop->swept -= SECONDS(60);
    sweep();
    assert_true(rig_conn(&rig)->toll.awaited <= SECONDS(1));
}

static void sweeps_as_often_as_the_shortest_deadline_needs(void **state)
{
    static const struct {
        size_t deadline;
        uint64_t period;
    } cases[] = { { 5000, 500 }, { 1000, 250 }, { 100, 50 }, { 1, 50 } };

    (void)state;
    assert_int_equal(500000000, rig.loop->sweep_period);
    for (size_t i = 0; i < COUNT(cases); i++) {
        rig.plan.deadlines.head = seed__plan_time(cases[i].deadline);
        rig.loop->sweep_period = 0;
        seed__sweep_stop(rig.loop);
        seed__sweep_start(rig.loop);
        assert_int_equal(cases[i].period * 1000000, rig.loop->sweep_period);
    }
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
        TEST(closes_the_idle_when_pressed),
        TEST(answers_408_to_a_body_that_stalls),
        TEST(answers_408_to_a_body_that_crawls),
        TEST(lets_a_body_have_500_bytes_a_second),
        TEST(ends_a_body_that_takes_too_long),
        TEST(does_not_blame_the_client_of_a_handler_that_rests),
        TEST(closes_when_the_rest_of_a_body_stalls),
        TEST(passes_over_a_body_only_while_it_comes),
        TEST(cuts_who_takes_nothing),
        TEST(waits_for_who_takes_a_little),
        TEST(answers_503_for_a_late_handler),
        TEST(cuts_a_late_stream),
        TEST(cuts_what_evhttp_does_not_answer),
        TEST(cuts_who_takes_nothing_of_evhttp),
        TEST(says_which_request_is_the_last),
        TEST(the_last_request_may_be_lent),
        TEST(says_when_a_connection_is_old),
        TEST(does_not_count_its_own_delay),
        TEST(sweeps_as_often_as_the_shortest_deadline_needs),
        TEST(leaves_a_request_in_flight_alone),
        TEST(lingers_for_two_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
