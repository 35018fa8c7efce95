/* SPDX-License-Identifier: MIT */
#include "clinic/trend.h"

#include <math.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The same noise each time, -1 to 1. */
static double noise(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return (double)(*seed / 65536 % 2001) / 1000 - 1;
}

static double flat(double x)
{
    return 10 + 0 * x;
}

static double rising(double x)
{
    return 10 + x;
}

static double falling(double x)
{
    return 10 - x;
}

/* As a heap does that fills its caches at the start. */
static double settling(double x)
{
    return x < 3 ? 10 + 5 * x : 25;
}

static const struct {
    const char *what;
    double (*line)(double x);
    double noise;
    size_t points;
    bool rises;
    double slope;
} cases[] = {
    { "flat", flat, 1, 100, false, 0 },
    { "rising", rising, 0, 100, true, 1 },
    { "rising in noise", rising, 2, 300, true, 1 },
    { "rising, very long", rising, 1, 1200, true, 1 },
    { "falling", falling, 0, 100, false, -1 },
    { "too few to know", rising, 0, 7, false, 0 },
    { "just enough", rising, 0, 8, true, 1 },
    { "nothing", rising, 0, 0, false, 0 },
};

static void finds_trends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double x[1200], y[1200];
        struct trend trend;
        unsigned seed = 1;

        for (size_t j = 0; j < cases[i].points; j++) {
            x[j] = 10.0 * (double)j / (double)cases[i].points;
            y[j] = cases[i].line(x[j]) + cases[i].noise * noise(&seed);
        }
        trend = seed__trend_find(x, y, cases[i].points);
        if (trend.rises != cases[i].rises
            || fabs(trend.slope - cases[i].slope) > 0.25)
            fail_msg("%s: rises %d, slope %f", cases[i].what, trend.rises,
                trend.slope);
    }
}

static void knows_what_has_stopped(void **state)
{
    double x[200], y[200];
    struct trend trend;

    (void)state;
    for (int i = 0; i < 200; i++) {
        x[i] = i / 20.0;
        y[i] = settling(x[i]);
    }
    trend = seed__trend_find(x, y, 200);
    assert_true(trend.rises);
    assert_true(fabs(trend.late) < 0.01);
    assert_true(trend.last > trend.first + 10);
}

static void leaves_out_what_is_not_known(void **state)
{
    double x[100], y[100];

    (void)state;
    for (int i = 0; i < 100; i++) {
        x[i] = i;
        y[i] = i % 5 ? (double)NAN : i;
    }
    assert_true(seed__trend_find(x, y, 100).rises);
    for (int i = 0; i < 100; i++)
        y[i] = NAN;
    assert_false(seed__trend_find(x, y, 100).rises);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_trends),
        cmocka_unit_test(knows_what_has_stopped),
        cmocka_unit_test(leaves_out_what_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
