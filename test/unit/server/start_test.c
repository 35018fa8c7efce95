/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void stop(const seed_event *event, void *ctx)
{
    ++*(int *)ctx;
    seed_stop(event->server, 0);
}

static void count(const seed_event *event, void *ctx)
{
    (void)event;
    ++*(int *)ctx;
}

static void starts_on_a_loop_that_is_given(void **state)
{
    struct event_base *base = event_base_new();
    seed_server *server = seed_server_new(&(struct seed_options){
        .base = base });
    int events = 0;

    (void)state;
    seed_on(server, SEED_ON_LISTEN, stop, &events);
    seed_on(server, SEED_ON_STOP, count, &events);
    seed_listen(server, "localhost", 0);
    assert_int_equal(0, seed_start(server));
    assert_int_equal(SEED_ESTATE, seed_start(server));
    for (int i = 0; i < 10; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    assert_int_equal(2, events);
    assert_true(seed_stopping(server));
    seed_server_free(server);
    event_base_free(base);
}

static void tells_the_two_ways_apart(void **state)
{
    struct event_base *base = event_base_new();
    seed_server *server = seed_server_new(&(struct seed_options){
        .base = base });

    (void)state;
    seed_listen(server, "localhost", 0);
    assert_int_equal(SEED_ESTATE, seed_run(server));
    assert_non_null(strstr(seed_server_error(server), "seed_start()"));
    seed_server_free(server);

    server = seed_server_new(NULL);
    seed_listen(server, "localhost", 0);
    assert_int_equal(SEED_ESTATE, seed_start(server));
    assert_non_null(strstr(seed_server_error(server), "seed_run()"));
    seed_server_free(server);
    event_base_free(base);
}

static void wants_something_to_serve(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_int_equal(SEED_ESTATE, seed_run(server));
    assert_non_null(strstr(seed_server_error(server), "seed_listen()"));
    seed_server_free(server);
    assert_int_equal(SEED_ENOMEM, seed_run(NULL));
    assert_int_equal(SEED_ENOMEM, seed_start(NULL));
    seed_stop(NULL, 0);
    assert_false(seed_stopping(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_on_a_loop_that_is_given),
        cmocka_unit_test(tells_the_two_ways_apart),
        cmocka_unit_test(wants_something_to_serve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
