/* SPDX-License-Identifier: MIT */
#include "wire/throttle.h"

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint64_t second = 1000000000, start = 5000000000;

static unsigned admitted(struct throttle *throttle, uint64_t network,
    uint64_t now, unsigned tries)
{
    unsigned count = 0;

    while (tries--)
        count += seed__throttle_admit(throttle, network, now);
    return count;
}

static void admits_so_many_a_second(void **state)
{
    struct throttle *throttle = seed__throttle_new(10, 42);
    unsigned count = 0;

    (void)state;
    assert_int_equal(10, admitted(throttle, 1, start, 100));
    assert_int_equal(0, admitted(throttle, 1, start + second / 20, 100));
    assert_int_equal(1, admitted(throttle, 1, start + second / 10, 100));
    assert_int_equal(5, admitted(throttle, 1, start + second * 6 / 10, 100));
    assert_int_equal(10, admitted(throttle, 2, start, 100)); /* by itself */
    for (uint64_t now = start + second; now < start + 11 * second;
         now += second / 1000)
        count += seed__throttle_admit(throttle, 1, now);
    assert_in_range(count, 99, 110);
    seed__throttle_free(throttle);
}

/* Who stays away for a second begins anew, and who is refused loses nothing. */
static void forgives(void **state)
{
    struct throttle *throttle = seed__throttle_new(3, 7);

    (void)state;
    assert_int_equal(3, admitted(throttle, 9, start, 1000));
    assert_int_equal(3, admitted(throttle, 9, start + second, 1000));
    seed__throttle_free(throttle);
}

static void takes_any_rate(void **state)
{
    struct throttle *one = seed__throttle_new(1, 0);
    struct throttle *many = seed__throttle_new(SIZE_MAX, 0);

    (void)state;
    assert_int_equal(1, admitted(one, 0, start, 5));
    assert_int_equal(5, admitted(many, 0, start, 5));
    seed__throttle_free(one);
    seed__throttle_free(many);
}

/* A crowd pushes out who could come again soonest. */
static void stays_in_its_room(void **state)
{
    struct throttle *throttle = seed__throttle_new(10, 1);
    unsigned count = 0;

    (void)state;
    assert_int_equal(10, admitted(throttle, 0, start, 10));
    for (uint64_t network = 1; network < 100000; network++)
        count += seed__throttle_admit(throttle, network, start);
    assert_int_equal(99999, count);
    assert_int_equal(0, admitted(throttle, 0, start, 10));
    seed__throttle_free(throttle);
}

static void needs_memory(void **state)
{
    (void)state;
    failing.left = 0;
    assert_null(seed__throttle_new(10, 1));
    failing.left = -1;
    seed__throttle_free(NULL);
    assert_int_equal(0, failing.live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(admits_so_many_a_second),
        cmocka_unit_test(forgives),
        cmocka_unit_test(takes_any_rate),
        cmocka_unit_test(stays_in_its_room),
        cmocka_unit_test(needs_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
