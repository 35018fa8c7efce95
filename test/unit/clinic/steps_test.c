/* SPDX-License-Identifier: MIT */
#include "clinic/steps.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct step look_at(unsigned i)
{
    struct step step = { .at = (i + 1) / 100.0, .length = 0.01,
        .delay = i == 777 ? 5000 : 10 };

    step.sums[SUM_ENDED] = 3;
    step.latency[20] = 2;
    step.latency[30] = 1;
    for (int level = 0; level < LEVELS; level++) {
        step.levels[level] = level == LEVEL_FDS ? NAN : 7;
        step.seen[level] = level == LEVEL_FDS ? 0 : 0.01;
    }
    return step;
}

/* Any number of looks fits, and nothing is lost but the grain. */
static void folds(void **state)
{
    static const unsigned lengths[] = { 1, STEPS, STEPS + 1, 2 * STEPS,
        2 * STEPS + 1, 10007 };

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct step all = { .at = 0 }, one;
        struct steps steps;

        assert_int_equal(0, seed__steps_init(&steps));
        for (unsigned j = 0; j < lengths[i]; j++) {
            one = look_at(j);
            seed__steps_add(&steps, &one);
        }
        assert_true(steps.count <= STEPS && steps.count > 0);
        assert_true(lengths[i] < STEPS || steps.count >= STEPS / 2);
        all = steps.list[0];
        for (size_t j = 1; j < steps.count; j++) {
            assert_true(steps.list[j].at > steps.list[j - 1].at);
            seed__step_join(&all, &steps.list[j]);
        }
        assert_int_equal(3 * lengths[i], all.sums[SUM_ENDED]);
        assert_int_equal(2 * lengths[i], all.latency[20]);
        assert_true(fabs(all.length - lengths[i] / 100.0) < 0.001);
        assert_true(fabs(all.levels[LEVEL_RSS] - 7) < 0.001);
        assert_true(isnan(all.levels[LEVEL_FDS]));
        assert_int_equal(lengths[i] > 777 ? 5000 : 10, all.delay);
        seed__steps_clear(&steps);
    }
}

static void weighs_levels_by_time(void **state)
{
    struct step one = look_at(0), other = look_at(1), unknown = look_at(2);

    (void)state;
    other.levels[LEVEL_RSS] = 10;
    other.seen[LEVEL_RSS] = 0.02;
    seed__step_join(&one, &other);
    assert_true(fabs(one.levels[LEVEL_RSS] - 9) < 0.001);
    unknown.levels[LEVEL_RSS] = NAN;
    unknown.seen[LEVEL_RSS] = 0;
    seed__step_join(&one, &unknown);
    assert_true(fabs(one.levels[LEVEL_RSS] - 9) < 0.001);
}

static void tells_latency(void **state)
{
    struct step step = look_at(0), none = { .at = 0 };

    (void)state;
    assert_int_equal(seed__histogram_bounds[20],
        seed__step_latency(&step, 0.5));
    assert_int_equal(seed__histogram_bounds[30],
        seed__step_latency(&step, 0.99));
    assert_int_equal(0, seed__step_latency(&none, 0.5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds),
        cmocka_unit_test(weighs_levels_by_time),
        cmocka_unit_test(tells_latency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
