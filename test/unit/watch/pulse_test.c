/* SPDX-License-Identifier: MIT */
#include "watch/pulse.h"

#include "unit/server/served.h"

#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct pulse pulse;
static _Atomic int opened, closed, beats;
static _Atomic uint64_t longest;

static void on_beat(struct pulse *which, uint64_t elapsed)
{
    assert_ptr_equal(&pulse, which);
    if (elapsed > longest)
        longest = elapsed;
    beats++;
}

static void on_listen(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_int_equal(0, seed__pulse_open(&pulse, event->worker, on_beat));
    opened++;
}

static void on_stop(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seed__pulse_close(&pulse);
    closed++;
}

static seed_step hold_up(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    sleep_ms(100);
    return seed_send_text(res, 200, "slow");
}

static seed_server *make_server(struct event_base *base)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .base = base });

    memset(&pulse, 0, sizeof pulse);
    opened = closed = beats = 0;
    longest = 0;
    seed_get(server, "/slow", hold_up, NULL);
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_STOP, on_stop, NULL);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    return server;
}

static void *ask_slow(void *ctx)
{
    get(*(int *)ctx, "/slow");
    return NULL;
}

/* The highest age of a turn while a slow request is served, by its number. */
static uint64_t watch_slow(int port, bool numbered)
{
    uint64_t age = 0, number = 0, end = seed_now() + 300000000;
    pthread_t client;

    assert_int_equal(0, pthread_create(&client, NULL, ask_slow, &port));
    while (seed_now() < end) {
        struct turn turn = seed__pulse_turn(&pulse, seed_now());

        if (turn.age > age) {
            age = turn.age;
            number = turn.number;
        }
        sleep_ms(1);
    }
    pthread_join(client, NULL);
    assert_true(!numbered || number);
    return age;
}

static void sees_a_turn_of_our_own_loop(void **state)
{
    seed_server *server = make_server(NULL);
    struct served served;

    (void)state;
    serve(&served, server);
    assert_true(await_count(&opened, 1));
    sleep_ms(20);
    assert_int_equal(0, seed__pulse_turn(&pulse, seed_now()).age);
    assert_null(pulse.timer);
    assert_true(watch_slow(seed_server_port(server), true) > 50000000);
    assert_int_equal(0, beats);
    assert_int_equal(0, serve_stop(&served));
    assert_int_equal(1, closed);
    assert_int_equal(0, seed__pulse_turn(&pulse, seed_now()).age);
    seed_server_free(server);
}

static void *turn_base(void *ctx)
{
    event_base_dispatch(ctx);
    return NULL;
}

static void break_base(const seed_event *event, void *ctx)
{
    (void)event;
    event_base_loopbreak(ctx);
}

/* On the application's loop, it is the timer that is late. */
static void sees_a_turn_of_the_applications_loop(void **state)
{
    struct event_base *base = event_base_new();
    seed_server *server = make_server(base);
    pthread_t thread;

    (void)state;
    seed_on(server, SEED_ON_STOP, break_base, base);
    assert_int_equal(0, seed_start(server));
    assert_int_equal(0, pthread_create(&thread, NULL, turn_base, base));
    assert_true(await_count(&opened, 1));
    assert_non_null(pulse.timer);
    assert_true(await_count(&beats, 3));
    assert_true(watch_slow(seed_server_port(server), true) > 50000000);
    assert_true(longest >= 90000000);
    seed_stop(server, 100);
    pthread_join(thread, NULL);
    assert_int_equal(1, closed);
    seed_server_free(server);
    event_base_free(base);
}

static void is_late_beyond_its_period(void **state)
{
    (void)state;
    assert_int_equal(0, seed__pulse_late(0));
    assert_int_equal(0, seed__pulse_late(10000000));
    assert_int_equal(1, seed__pulse_late(10000001));
    assert_int_equal(90000000, seed__pulse_late(100000000));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_a_turn_of_our_own_loop),
        cmocka_unit_test(sees_a_turn_of_the_applications_loop),
        cmocka_unit_test(is_late_beyond_its_period),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
