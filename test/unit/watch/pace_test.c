/* SPDX-License-Identifier: MIT */
#include "watch/pace.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint64_t usec = 1000, msec = 1000000, second = 1000000000;

static const struct {
    const char *what;
    uint64_t own, whole, wakes, elapsed, rest;
} cases[] = {
    { "a cheap wake of a busy program", 100 * 4000, 1000000000, 100,
        1000000000, 1600000 },
    { "a dear one", 100 * 50000, 1000000000, 100, 1000000000, 20000000 },
    { "a dear one of an idle program", 100 * 50000, 100000000, 100,
        1000000000, 200000000 },
    { "two threads at work pay for more", 100 * 50000, 2000000000, 100,
        1000000000, 10000000 },
    { "at most a second", 1000000000, 1000000, 1, 1000000000, 1000000000 },
    { "nothing was computed", 50000, 0, 1, 1000000000, 1000000000 },
    { "it costs nothing", 0, 1000000000, 100, 1000000000, 0 },
    { "it never woke", 50000, 1000000000, 0, 1000000000, 0 },
};

static void is_one_part_in_400(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t rest = seed__pace_rest(cases[i].own, cases[i].whole,
            cases[i].wakes, cases[i].elapsed);

        if (rest != cases[i].rest)
            fail_msg("%s: %llu", cases[i].what, (unsigned long long)rest);
    }
}

static void looks_at_the_clocks_twice_a_second(void **state)
{
    struct pace pace = { 0 };

    (void)state;
    seed__pace_wake(&pace, second);
    assert_int_equal(second, pace.since);
    assert_true(pace.whole >= pace.own && pace.own > 0);
    assert_int_equal(0, pace.rest);
    for (uint64_t now = second + 10 * msec; now < second + 500 * msec;
         now += 10 * msec) {
        seed__pace_wake(&pace, now);
        assert_int_equal(second, pace.since);
    }
    assert_int_equal(49, pace.wakes);
    seed__pace_wake(&pace, second + 500 * msec);
    assert_int_equal(0, pace.wakes);
    assert_int_equal(second + 500 * msec, pace.since);
    /* This thread is all of the process: far too much. */
    assert_true(pace.rest > 100 * usec);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_one_part_in_400),
        cmocka_unit_test(looks_at_the_clocks_twice_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
