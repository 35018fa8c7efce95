/* SPDX-License-Identifier: MIT */
#include "wire/watch.h"

#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static int pipe_ends[2];

static void on_readable(void *ctx)
{
    char byte;

    assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
    ++*(int *)ctx;
}

static void calls_when_a_descriptor_can_be_read(void **state)
{
    struct event_base *base = event_base_new();
    struct watch *watch;
    int calls = 0;

    (void)state;
    assert_int_equal(pipe(pipe_ends), 0);
    assert_int_equal(
        seed__watch_new(&watch, base, pipe_ends[0], on_readable, &calls), 0);

    event_base_loop(base, EVLOOP_NONBLOCK);
    assert_int_equal(calls, 0);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(write(pipe_ends[1], "x", 1), 1);
        event_base_loop(base, EVLOOP_NONBLOCK);
        assert_int_equal(calls, i);
    }

    seed__watch_free(watch);
    assert_int_equal(write(pipe_ends[1], "x", 1), 1);
    event_base_loop(base, EVLOOP_NONBLOCK);
    assert_int_equal(calls, 3);

    seed__watch_free(NULL);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_when_a_descriptor_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
