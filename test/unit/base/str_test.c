/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

static void measures(void **state)
{
    struct str text = seed__str("abc");

    (void)state;
    assert_int_equal(text.length, 3);
    assert_int_equal(seed__str("").length, 0);
    assert_int_equal(seed__str(NULL).length, 0);
    assert_int_equal(STR("a\0b").length, 3);
}

static const struct {
    struct str a, b;
    bool same, alike;
} twins[] = {
    { STR(""), STR(""), true, true },
    { STR(""), { NULL, 0 }, true, true },
    { STR("a"), STR("a"), true, true },
    { STR("a"), STR("A"), false, true },
    { STR("a"), STR("b"), false, false },
    { STR("a"), STR("ab"), false, false },
    { STR("Content-Length"), STR("cONTENT-lENGTH"), false, true },
    /* Only letters have a case. */
    { STR("@"), STR("`"), false, false },
    { STR("["), STR("{"), false, false },
    { STR("\r"), STR("-"), false, false },
    { STR("\xc4"), STR("\xe4"), false, false },
    { STR("a\0b"), STR("a\0c"), false, false },
};

static void compares(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(twins); i++) {
        assert_int_equal(seed__str_same(twins[i].a, twins[i].b),
            twins[i].same);
        assert_int_equal(seed__str_alike(twins[i].a, twins[i].b),
            twins[i].alike);
        assert_int_equal(seed__str_alike(twins[i].b, twins[i].a),
            twins[i].alike);
    }
}

static void lowers_letters_alone(void **state)
{
    (void)state;
    for (int c = -128; c < 128; c++) {
        int want = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;

        assert_int_equal(seed__lower((char)c), want);
    }
}

static const struct {
    const char *text, *trimmed;
} blanks[] = {
    { "", "" },
    { " ", "" },
    { " \t \t", "" },
    { "a", "a" },
    { " a", "a" },
    { "a\t", "a" },
    { "\t a b \t", "a b" },
    { "\na\r", "\na\r" },
};

static void trims(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(blanks); i++) {
        struct str got = seed__str_trim(seed__str(blanks[i].text));

        assert_true(seed__str_same(got, seed__str(blanks[i].trimmed)));
    }
}

static void writes_numbers(void **state)
{
    static const uint64_t numbers[] = { 0, 1, 9, 10, 15, 16, 99, 100, 255, 256,
        4095, 4096, 65535, 1000000007, INT64_MAX, UINT64_MAX - 1, UINT64_MAX };
    char want[32], got[32];

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        size_t length = seed__str_decimal(got, numbers[i]);

        got[length] = '\0';
        snprintf(want, sizeof want, "%" PRIu64, numbers[i]);
        assert_string_equal(got, want);

        length = seed__str_hex(got, numbers[i]);
        got[length] = '\0';
        snprintf(want, sizeof want, "%" PRIx64, numbers[i]);
        assert_string_equal(got, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures),
        cmocka_unit_test(compares),
        cmocka_unit_test(lowers_letters_alone),
        cmocka_unit_test(trims),
        cmocka_unit_test(writes_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
