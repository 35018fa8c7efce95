/* SPDX-License-Identifier: MIT */
#include "plugin/gradient.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { MS = 1000000 };

/* Ten windows a second: so many of 20 requests each, with so many under way,
 * that wait and take so many milliseconds. */
static void pass(struct gradient *gradient, unsigned windows,
    uint64_t in_flight, double wait, double took)
{
    static uint64_t now = 1000ull * MS;

    for (unsigned i = 0; i < windows; i++) {
        for (unsigned j = 0; j < 20; j++) {
            seed__gradient_peak(gradient, in_flight);
            now += 6 * MS;
            seed__gradient_note(gradient, now, (uint64_t)(wait * MS),
                (uint64_t)(took * MS));
        }
    }
}

static void starts_from_20_or_the_nearest_bound(void **state)
{
    static const struct {
        unsigned least, most;
        double limit;
    } cases[] = { { 8, 200, 20 }, { 1, 10, 10 }, { 30, 200, 30 },
        { 50, 40, 50 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gradient gradient;

        seed__gradient_init(&gradient, cases[i].least, cases[i].most);
        assert_float_equal(gradient.limit, cases[i].limit, 0.001);
    }
}

static void admits_by_priority(void **state)
{
    struct gradient gradient;

    (void)state;
    seed__gradient_init(&gradient, 20, 20);
    assert_true(seed__gradient_admits(&gradient, 19, SEED_NORMAL));
    assert_false(seed__gradient_admits(&gradient, 20, SEED_NORMAL));
    assert_true(seed__gradient_admits(&gradient, 9, SEED_SHEDDABLE));
    assert_false(seed__gradient_admits(&gradient, 10, SEED_SHEDDABLE));
    assert_true(seed__gradient_admits(&gradient, 39, SEED_CRITICAL));
    assert_false(seed__gradient_admits(&gradient, 40, SEED_CRITICAL));

    /* An idle server refuses nobody. */
    seed__gradient_init(&gradient, 1, 1);
    assert_true(seed__gradient_admits(&gradient, 0, SEED_SHEDDABLE));
}

static void grows_while_nobody_waits(void **state)
{
    struct gradient gradient;

    (void)state;
    seed__gradient_init(&gradient, 8, 200);
    pass(&gradient, 1, 20, 0, 10);
    assert_float_equal(gradient.limit, 20.8f, 0.001);
    for (int i = 0; i < 400; i++)
        pass(&gradient, 1, (uint64_t)gradient.limit, 1, 10);
    assert_float_equal(gradient.limit, 200, 0.001);
}

static void stays_when_it_is_not_the_limit(void **state)
{
    struct gradient gradient;

    (void)state;
    seed__gradient_init(&gradient, 8, 200);
    pass(&gradient, 50, 9, 0, 10);
    assert_float_equal(gradient.limit, 20, 0.001);
    pass(&gradient, 1, 10, 0, 10);
    assert_true(gradient.limit > 20);
}

/* Half of it is the least that is wanted: 20 * (0.5 + 0.2), half way. */
static void shrinks_while_requests_wait(void **state)
{
    struct gradient gradient;

    (void)state;
    seed__gradient_init(&gradient, 3, 200);
    pass(&gradient, 1, 20, 1000, 10);
    assert_float_equal(gradient.limit, 17, 0.001);
    pass(&gradient, 300, 20, 1000, 10);
    assert_float_equal(gradient.limit, 3, 0.001);
}

/* On a loop that computes, those in front are what a request waits for. */
static void settles_where_requests_take_twice_their_time(void **state)
{
    struct gradient gradient;

    (void)state;
    seed__gradient_init(&gradient, 1, 200);
    for (int i = 0; i < 300; i++)
        pass(&gradient, 1, (uint64_t)gradient.limit, 2 * gradient.limit, 10);
    assert_float_equal(gradient.limit, 4.375f, 0.1); /* 1.5 / 0.8 */
}

/* What Gradient2 loses in lasting overload: its measure. */
static void waiting_never_becomes_usual(void **state)
{
    struct gradient gradient;

    (void)state;
    seed__gradient_init(&gradient, 1, 200);
    pass(&gradient, 2000, 20, 90, 10);
    assert_float_equal(gradient.usual, 10 * MS, 1);
    assert_float_equal(gradient.limit, 1, 0.001);
}

/* A backend that becomes slower pushes back, and is got used to. */
static void slower_handlers_shrink_it(void **state)
{
    struct gradient gradient;
    double before;

    (void)state;
    seed__gradient_init(&gradient, 1, 200);
    pass(&gradient, 100, 40, 0, 10);
    before = gradient.limit;
    pass(&gradient, 5, 200, 0, 100);
    assert_true(gradient.limit < before / 1.5);

    /* Faster again: the mean is forgotten more quickly than learned. */
    pass(&gradient, 60, 20, 0, 100);
    assert_true(gradient.usual > 70.0 * MS);
    pass(&gradient, 60, 20, 0, 10);
    assert_true(gradient.usual < 21.0 * MS);
}

static void few_requests_make_no_window(void **state)
{
    struct gradient gradient;

    (void)state;
    seed__gradient_init(&gradient, 8, 200);
    seed__gradient_peak(&gradient, 20);
    for (uint64_t i = 1; i < 10; i++)
        seed__gradient_note(&gradient, i * 1000 * MS, 0, 10 * MS);
    assert_float_equal(gradient.limit, 20, 0.001);
    seed__gradient_note(&gradient, 10000ull * MS, 0, 10 * MS);
    assert_true(gradient.limit > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_from_20_or_the_nearest_bound),
        cmocka_unit_test(admits_by_priority),
        cmocka_unit_test(grows_while_nobody_waits),
        cmocka_unit_test(stays_when_it_is_not_the_limit),
        cmocka_unit_test(shrinks_while_requests_wait),
        cmocka_unit_test(settles_where_requests_take_twice_their_time),
        cmocka_unit_test(waiting_never_becomes_usual),
        cmocka_unit_test(slower_handlers_shrink_it),
        cmocka_unit_test(few_requests_make_no_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
