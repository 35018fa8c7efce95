/* SPDX-License-Identifier: MIT */
#include "server/inject.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A sink inside its pump: what it notes is left to that. */
static struct injected sink_of_test(void)
{
    return (struct injected){ .sink.ops = &seed__memory_sink,
        .pumping = true };
}

static void check_out(struct injected *injected, const char *want)
{
    assert_int_equal(injected->out_length, strlen(want));
    assert_memory_equal(injected->out, want, strlen(want));
}

static void keeps_what_is_put(void **state)
{
    struct injected injected = sink_of_test();
    struct sink *sink = &injected.sink;
    char text[] = "head ";

    (void)state;
    sink->ops->inform(sink);
    sink->ops->put(sink, text, 5, SINK_COPY);
    memset(text, 'x', 5);
    sink->ops->put(sink, "", 0, SINK_COPY);
    sink->ops->put(sink, "body", 4, SINK_BORROW);
    assert_int_equal(sink->ops->waiting(sink), 0);
    assert_false(injected.ended);
    sink->ops->end(sink, SINK_CLOSE);
    assert_true(injected.ended);
    assert_int_equal(injected.how, SINK_CLOSE);
    check_out(&injected, "HTTP/1.1 100 Continue\r\n\r\nhead body");
    seed__release(injected.out);
}

static void grows(void **state)
{
    struct injected injected = sink_of_test();

    (void)state;
    for (int i = 0; i < 10000; i++)
        injected.sink.ops->put(&injected.sink, "0123456789", 10, SINK_COPY);
    assert_int_equal(injected.out_length, 100000);
    for (int i = 0; i < 10000; i++)
        assert_memory_equal(injected.out + i * 10, "0123456789", 10);
    seed__release(injected.out);
}

static int file_of_test(void)
{
    char name[] = "/tmp/seed-sink-XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    unlink(name);
    assert_int_equal(write(fd, "0123456789", 10), 10);
    return fd;
}

static void reads_a_part_of_a_file_and_closes_it(void **state)
{
    struct injected injected = sink_of_test();
    int fd = file_of_test();

    (void)state;
    injected.sink.ops->file(&injected.sink, fd, 2, 5);
    check_out(&injected, "23456");
    assert_false(injected.failed);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    seed__release(injected.out);
}

static void fails_when_a_file_is_too_short(void **state)
{
    struct injected injected = sink_of_test();

    (void)state;
    injected.sink.ops->file(&injected.sink, file_of_test(), 2, 50);
    assert_true(injected.failed);
    seed__release(injected.out);
}

static void is_no_socket(void **state)
{
    struct injected injected = sink_of_test();
    struct sink *sink = &injected.sink;

    (void)state;
    assert_string_equal(sink->ops->peer(sink, NULL), "inject:");
    assert_int_equal(sink->ops->wait(sink), 0);
    assert_false(sink->ops->lend(sink, NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_put),
        cmocka_unit_test(grows),
        cmocka_unit_test(reads_a_part_of_a_file_and_closes_it),
        cmocka_unit_test(fails_when_a_file_is_too_short),
        cmocka_unit_test(is_no_socket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
