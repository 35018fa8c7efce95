/* SPDX-License-Identifier: MIT */
#include "watch/log_text.h"

#include "unit/comma.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* As node's JSON.stringify() says them. */
static const struct {
    double number;
    const char *want;
} numbers[] = {
    { 0, "0" },
    { -0.0, "0" },
    { 1, "1" },
    { -17, "-17" },
    { 0.1, "0.1" },
    { -0.5, "-0.5" },
    { 0.031, "0.031" },
    { 12.25, "12.25" },
    { 1234.567891, "1234.567891" },
    { 0.000001, "0.000001" },
    { 0.0000001, "1e-7" },
    { 1.5e-9, "1.5e-9" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 2.0 / 3, "0.6666666666666666" },
    { 123456789012345.6, "123456789012345.6" },
    { 1e15, "1000000000000000" },
    { 9007199254740993.0, "9007199254740992" },
    { 1e20, "100000000000000000000" },
    { 1e21, "1e+21" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    { 5e-324, "5e-324" },
    { 4.35, "4.35" },
    { 0.005, "0.005" },
    { 1.005, "1.005" },
    { 1e300, "1e+300" },
    { INFINITY, "null" },
    { -INFINITY, "null" },
    { NAN, "null" },
};

static const char *write_number(double number)
{
    static char room[64];
    struct out out = { room, room + sizeof room - 1, false };

    seed__put_double(&out, number);
    *out.at = '\0';
    return room;
}

static void writes_as_javascript(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++)
        assert_string_equal(numbers[i].want, write_number(numbers[i].number));
}

/* Any number is read back as itself. */
static void loses_nothing(void **state)
{
    uint64_t bits = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        double number;

        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&number, &bits, sizeof number);
        if (i & 1)
            number = (double)(bits % 100000000) / 1000;
        if (isfinite(number) && number != 0)
            assert_true(strtod(write_number(number), NULL) == number);
    }
}

static void ignores_the_locale(void **state)
{
    (void)state;
    assert_true(comma_begin());
    assert_string_equal("1.5e-9", write_number(1.5e-9));
    assert_string_equal("0.3333333333333333", write_number(1.0 / 3));
    comma_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_as_javascript),
        cmocka_unit_test(loses_nothing),
        cmocka_unit_test(ignores_the_locale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
