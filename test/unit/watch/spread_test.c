/* SPDX-License-Identifier: MIT */
#include "watch/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static void keeps_lengths_within_three_percent(void **state)
{
    unsigned before = 0;

    (void)state;
    for (uint64_t length = 40000; length < 4000000 * MS; length += length / 7) {
        unsigned place = seed__spread_place(length);
        uint64_t kept = seed__spread_length(place);
        uint64_t off = kept > length ? kept - length : length - kept;

        assert_true(place < SPREAD_STEPS);
        assert_true(place >= before);
        assert_true(off * 100 <= 2 * length);
        before = place;
    }
}

static void has_a_place_for_any_length(void **state)
{
    (void)state;
    assert_int_equal(0, seed__spread_place(0));
    assert_int_equal(0, seed__spread_place(1023));
    assert_int_equal(1, seed__spread_place(1024));
    assert_int_equal(SPREAD_STEPS - 1, seed__spread_place(UINT64_MAX));
    for (unsigned i = 0; i < SPREAD_STEPS; i++)
        assert_int_equal(i, seed__spread_place(seed__spread_length(i)));
}

static struct spread spread;
static uint64_t last[SPREAD_STEPS], out[SPREAD_STEPS];

static void clear(void)
{
    memset(&spread, 0, sizeof spread);
    memset(last, 0, sizeof last);
    memset(out, 0, sizeof out);
}

static uint64_t near(uint64_t length)
{
    return seed__spread_length(seed__spread_place(length));
}

/* By number, 99.9 % of these turns take 1 ms. By time, half do. */
static void weighs_turns_by_their_time(void **state)
{
    (void)state;
    clear();
    for (int i = 0; i < 1000; i++)
        seed__spread_add(&spread, MS, MS);
    seed__spread_add(&spread, 1000 * MS, 1000 * MS);
    seed__spread_take(&spread, last, out);
    assert_int_equal(near(MS), seed__spread_within(out, 0, 0.49));
    assert_int_equal(near(1000 * MS), seed__spread_within(out, 0, 0.51));
    assert_int_equal(near(1000 * MS), seed__spread_longest(out));
}

static void counts_time_without_a_turn(void **state)
{
    (void)state;
    clear();
    seed__spread_add(&spread, 100 * MS, 100 * MS);
    seed__spread_take(&spread, last, out);
    assert_int_equal(0, seed__spread_within(out, 900 * MS, 0.5));
    assert_int_equal(0, seed__spread_within(out, 900 * MS, 0.9));
    assert_int_equal(near(100 * MS),
        seed__spread_within(out, 900 * MS, 0.91));
    assert_int_equal(near(100 * MS), seed__spread_within(out, 900 * MS, 1));
    memset(out, 0, sizeof out);
    assert_int_equal(0, seed__spread_within(out, 0, 0.99));
    assert_int_equal(0, seed__spread_longest(out));
}

static void takes_what_is_new(void **state)
{
    unsigned place = seed__spread_place(MS);

    (void)state;
    clear();
    seed__spread_add(&spread, MS, 3);
    seed__spread_take(&spread, last, out);
    assert_int_equal(3, out[place]);
    seed__spread_add(&spread, MS, 4);
    seed__spread_take(&spread, last, out);
    assert_int_equal(7, out[place]); /* added to what it held */
    memset(out, 0, sizeof out);
    seed__spread_take(&spread, last, out);
    assert_int_equal(0, out[place]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_lengths_within_three_percent),
        cmocka_unit_test(has_a_place_for_any_length),
        cmocka_unit_test(weighs_turns_by_their_time),
        cmocka_unit_test(counts_time_without_a_turn),
        cmocka_unit_test(takes_what_is_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
