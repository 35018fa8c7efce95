/* SPDX-License-Identifier: MIT */
#include "unit/clinic/sick.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A second without load, ten with it, a second without. The heap grows as long
 * as there is load; the loop is half full in it. */
static struct step steps[STEPS];

static void make_steps(void)
{
    for (int i = 0; i < STEPS; i++) {
        bool load = i >= 100 && i < 1100;
        struct step *step = &steps[i];

        *step = (struct step){ .at = (i + 1) / 100.0, .length = 0.01 };
        step->sums[SUM_BEGUN] = step->sums[SUM_ENDED] = load ? 10 : 0;
        step->sums[SUM_BUSY] = load ? 5 * MS : 0;
        step->sums[SUM_PROCESS_CPU] = load ? 6 * MS : MS;
        step->levels[LEVEL_CONNECTIONS] = load ? 100 : 0;
        step->levels[LEVEL_IN_FLIGHT] = load ? 2 : 0;
        step->levels[LEVEL_HEAP] = 1e6 + 1e4 * i;
        step->levels[LEVEL_RSS] = i == 500 ? 9e6 : 1e6;
        step->levels[LEVEL_FILES] = 5;
        step->levels[LEVEL_FDS] = NAN;
    }
}

static void finds_the_window(void **state)
{
    struct facts facts = { .workers = 1, .steps = steps,
        .step_count = STEPS };

    (void)state;
    make_steps();
    seed__facts_of_steps(&facts);
    assert_true(fabs(facts.from - 1) < 0.001);
    assert_true(fabs(facts.to - 11) < 0.001);
    assert_true(fabs((double)facts.loop_time - 1e10) < 1e7);
    assert_int_equal(5 * SECOND, facts.busy);
    assert_int_equal(6 * SECOND, facts.process_cpu);
    assert_true(fabs(facts.median_utilisation - 0.5) < 0.001);
    assert_true(fabs(facts.in_flight - 2) < 0.001);
    assert_true(fabs(facts.connections - 100) < 0.001);
    assert_true(fabs(facts.rss_most - 9e6) < 1);
    assert_true(fabs(facts.fds_most) < 0.001); /* not known */
    assert_true(facts.heap.rises && fabs(facts.heap.slope - 1e6) < 1e3);
    assert_false(facts.handles.rises);
}

static void finds_none(void **state)
{
    struct facts facts = { .workers = 1, .steps = steps, .step_count = 90 };
    struct facts empty = { .workers = 1, .steps = steps };

    (void)state;
    make_steps();
    seed__facts_of_steps(&facts);
    assert_true(fabs(facts_window(&facts)) < 1e-9);
    assert_int_equal(0, facts.loop_time);
    seed__facts_of_steps(&empty);
    assert_int_equal(0, empty.loop_time);
}

static void helpers_divide_nothing(void **state)
{
    struct facts facts = { .ended = 7 };

    (void)state;
    assert_true(fabs(facts_rps(&facts)) < 1e-9);
    assert_true(fabs(facts_share(1, 0)) < 1e-9);
    assert_true(fabs(facts_share(3, 2) - 1) < 1e-9);
    assert_true(fabs(facts_share(1, 2) - 0.5) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_window),
        cmocka_unit_test(finds_none),
        cmocka_unit_test(helpers_divide_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
