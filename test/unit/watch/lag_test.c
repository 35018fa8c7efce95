/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static const struct seed_lag_options often = { .interval = 50 };
static _Atomic int holding;

static seed_step hold_up(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    holding++;
    sleep_ms(*(const unsigned *)ctx);
    return seed_send_text(res, 200, "slow");
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_server *make_server(const struct seed_options *options)
{
    static const unsigned short_while = 100, long_while = 300;
    seed_server *server = seed_server_new(options);

    seed_get(server, "/", hello, NULL);
    seed_get(server, "/slow", hold_up, (void *)(uintptr_t)&short_while);
    seed_get(server, "/stuck", hold_up, (void *)(uintptr_t)&long_while);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    holding = 0;
    return server;
}

/* Waits for figures that are as wanted. */
static bool await_lag(seed_lag_watch *watch, int worker,
    bool (*wanted)(const struct seed_lag *lag))
{
    struct seed_lag lag;

    for (int i = 0; i < 2000; i++) {
        if (!seed_lag(watch, worker, &lag) && wanted(&lag))
            return true;
        sleep_ms(2);
    }
    return false;
}

static bool is_idle(const struct seed_lag *lag)
{
    return lag->elapsed >= 40 * MS && lag->utilisation < 0.2 && !lag->turns
        && !lag->p99 && !lag->age;
}

/* All of an interval went by in one turn, which is not over. */
static bool is_stuck(const struct seed_lag *lag)
{
    return lag->utilisation > 0.99 && lag->p50 >= 50 * MS
        && lag->age >= 100 * MS && lag->cpu < 0.5;
}

static bool was_slow(const struct seed_lag *lag)
{
    return lag->longest >= 90 * MS && lag->turns;
}

static void *ask_stuck(void *ctx)
{
    get(*(int *)ctx, "/stuck");
    return NULL;
}

static void measures_a_loop(void **state)
{
    seed_server *server = make_server(NULL);
    seed_lag_watch *watch = seed_lag_new(server, &often);
    struct served served;
    struct seed_lag lag;
    int port = seed_server_port(server);
    pthread_t client;

    (void)state;
    assert_non_null(watch);
    assert_int_equal(SEED_ESTATE, seed_lag(watch, SEED_ALL_WORKERS, &lag));
    assert_int_equal(SEED_EINVAL, seed_lag(watch, 0, &lag));
    serve(&served, server);
    assert_true(await_lag(watch, 0, is_idle));
    assert_string_equal("slow", get(port, "/slow"));
    assert_true(await_lag(watch, 0, was_slow));
    assert_int_equal(0, pthread_create(&client, NULL, ask_stuck, &port));
    assert_true(await_lag(watch, SEED_ALL_WORKERS, is_stuck));
    pthread_join(client, NULL);
    assert_true(await_lag(watch, 0, is_idle));

    assert_int_equal(0, seed_lag(watch, 0, &lag));
    assert_int_equal(1, lag.workers);
    assert_false(lag.by_timer);
    assert_true(lag.all_busy >= 390 * MS);
    assert_true(lag.all_turns >= 4);
    assert_true(lag.all_elapsed >= 450 * MS);
    assert_int_equal(SEED_EINVAL, seed_lag(watch, 1, &lag));
    assert_int_equal(SEED_EINVAL, seed_lag(watch, -2, &lag));
    assert_int_equal(SEED_EINVAL, seed_lag(watch, 4711, &lag));
    assert_int_equal(0, lag.workers);

    assert_int_equal(0, serve_stop(&served));
    assert_int_equal(SEED_ESTATE, seed_lag(watch, 0, &lag));
    assert_true(lag.all_busy >= 390 * MS); /* what was is still told */
    seed_server_free(server);
    seed_lag_free(watch);
}

/* One of two is held up: full by half, and as old as the older. */
static bool is_half(const struct seed_lag *lag)
{
    return lag->workers == 2 && lag->utilisation > 0.4
        && lag->utilisation < 0.65 && lag->age >= 50 * MS;
}

static void adds_workers_up(void **state)
{
    seed_server *server = make_server(&(struct seed_options){ .workers = 2 });
    seed_lag_watch *watch = seed_lag_new(server, &often);
    struct served served;
    struct seed_lag lag;
    int port = seed_server_port(server);
    pthread_t client;

    (void)state;
    serve(&served, server);
    assert_true(await_count(&served.listening, 2));
    assert_int_equal(0, pthread_create(&client, NULL, ask_stuck, &port));
    assert_true(await_lag(watch, SEED_ALL_WORKERS, is_half));
    pthread_join(client, NULL);
    assert_int_equal(0, seed_lag(watch, 1, &lag));
    assert_int_equal(1, lag.workers);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_lag_free(watch);
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

static void block_base(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
    holding++;
    sleep_ms(300);
}

static bool is_blocked_by_timer(const struct seed_lag *lag)
{
    return lag->by_timer && lag->age >= 100 * MS && lag->p50 >= 50 * MS
        && lag->utilisation > 0.99;
}

/* An event that libseed knows nothing of holds the application's loop up. */
static void measures_the_applications_loop(void **state)
{
    struct event_base *base = event_base_new();
    seed_server *server = make_server(&(struct seed_options){ .base = base });
    seed_lag_watch *watch = seed_lag_new(server, &often);
    struct timeval soon = { 0, 100000 };
    pthread_t thread;

    (void)state;
    seed_on(server, SEED_ON_STOP, break_base, base);
    assert_int_equal(0, seed_start(server));
    event_base_once(base, -1, EV_TIMEOUT, block_base, NULL, &soon);
    assert_int_equal(0, pthread_create(&thread, NULL, turn_base, base));
    assert_true(await_lag(watch, 0, is_blocked_by_timer));
    seed_stop(server, 100);
    pthread_join(thread, NULL);
    assert_int_equal(1, holding);
    seed_server_free(server);
    seed_lag_free(watch);
    event_base_free(base);
}

static void does_without_a_server(void **state)
{
    struct seed_lag lag;

    (void)state;
    assert_null(seed_lag_new(NULL, NULL));
    assert_int_equal(SEED_ESTATE, seed_lag(NULL, 0, &lag));
    seed_lag_free(NULL);
}

/* Injected requests turn the loop of a server that does not run. */
static void stays_out_of_injected_requests(void **state)
{
    seed_server *server = make_server(NULL);
    seed_lag_watch *watch = seed_lag_new(server, NULL);
    seed_reply *reply = seed_inject(server, &(struct seed_injection){ 0 });
    struct seed_lag lag;

    (void)state;
    assert_int_equal(200, seed_reply_status(reply));
    assert_int_equal(SEED_ESTATE, seed_lag(watch, SEED_ALL_WORKERS, &lag));
    seed_reply_free(reply);
    seed_server_free(server);
    seed_lag_free(watch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_a_loop),
        cmocka_unit_test(adds_workers_up),
        cmocka_unit_test(measures_the_applications_loop),
        cmocka_unit_test(does_without_a_server),
        cmocka_unit_test(stays_out_of_injected_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
