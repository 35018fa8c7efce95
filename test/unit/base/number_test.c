/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include "base/str.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    double number;
    const char *want;
} cases[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {-1.0, "-1.0"},
    {3.5, "3.5"},
    {0.1, "0.1"},
    {-0.1, "-0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {2.0 / 3, "0.6666666666666666"},
    {123456.789, "123456.789"},
    {999999999999999.0, "999999999999999.0"},
    {1e15, "1e15"},
    {1e22, "1e22"},
    {1e-7, "1e-7"},
    {1.5e-10, "1.5e-10"},
    {1e100, "1e100"},
    {9007199254740993.0, "9007199254740992.0"},
    {DBL_MAX, "1.7976931348623157e308"},
    {DBL_MIN, "2.2250738585072014e-308"},
    {5e-324, "5e-324"},
    {-5e-324, "-5e-324"},
};

static void check(size_t length, char *out, const char *want)
{
    assert_true(length < NUMBER_ROOM);
    out[length] = '\0';
    assert_string_equal(want, out);
}

static void writes_the_fewest_digits(void **state)
{
    char out[NUMBER_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(seed__number_write(out, cases[i].number), out, cases[i].want);
}

static const struct {
    const char *printed, *want;
} foreign[] = {
    {"0,1", "0.1"},         {"-12,5", "-12.5"},
    {"1,5e-07", "1.5e-7"},  {"1\xd9\xab" "5e+20", "1.5e20"},
    {"3", "3.0"},           {"1e+22", "1e22"},
    {"1e+100", "1e100"},
};

static void minds_no_locale(void **state)
{
    char out[NUMBER_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(foreign); i++)
        check(seed__number_tidy(out, foreign[i].printed), out,
            foreign[i].want);
}

static void reads_back_the_same(void **state)
{
    uint64_t bits = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        char out[NUMBER_ROOM + 1];
        double number, again;
        size_t length;

        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;

        length = seed__number_write(out, number);
        assert_true(length <= 25);
        out[length] = '\0';
        again = strtod(out, NULL);
        assert_memory_equal(&number, &again, sizeof number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_fewest_digits),
        cmocka_unit_test(minds_no_locale),
        cmocka_unit_test(reads_back_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
