/* SPDX-License-Identifier: MIT */
#include "unit/comma.h"
#include "unit/failing.h"

#include "watch/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void check(struct text *text, const char *want)
{
    size_t length;
    char *bytes = seed__text_take(text, &length);

    assert_non_null(bytes);
    assert_string_equal(bytes, want);
    assert_int_equal(length, strlen(want));
    seed__release(bytes);
}

static void grows(void **state)
{
    struct text text = { 0 };
    char *bytes;

    (void)state;
    check(&text, "");
    seed__text_add(&text, "");
    seed__text_add(&text, "a");
    seed__text_printf(&text, "%d-%s", 7, "b");
    check(&text, "a7-b");

    for (int i = 0; i < 10000; i++)
        seed__text_printf(&text, "%04d", i);
    assert_int_equal(text.length, 40000);
    bytes = seed__text_take(&text, NULL);
    assert_memory_equal(bytes + 4 * 9999, "9999", 5);
    seed__release(bytes);
    assert_int_equal(failing.live, 0);
}

static void escapes_for_html(void **state)
{
    static const struct {
        const char *plain, *want;
    } cases[] = {
        { "", "" },
        { "plain", "plain" },
        { "<", "&lt;" },
        { "a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;" },
        { "&&", "&amp;&amp;" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = { 0 };

        seed__text_html(&text, cases[i].plain);
        check(&text, cases[i].want);
    }
}

static const struct {
    double number;
    const char *want;
} numbers[] = {
    { 0, "0" },
    { 1, "1" },
    { -7, "-7" },
    { 0.5, "0.5" },
    { -0.25, "-0.25" },
    { 1e-6, "1e-06" },
    { 123456789012345.0, "123456789012345" },
    { 1e300, "1e+300" },
    { 1.5273e-05, "1.5273e-05" },
    { INFINITY, "+Inf" },
    { -INFINITY, "-Inf" },
    { NAN, "NaN" },
};

static void check_numbers(void)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct text text = { 0 };

        seed__text_number(&text, numbers[i].number);
        check(&text, numbers[i].want);
    }
}

/* In the C locale, and in one with a comma. */
static void writes_numbers(void **state)
{
    (void)state;
    check_numbers();
    assert_true(comma_begin());
    check_numbers();
    comma_end();
}

/* It fails as a whole, once, and can be used again. */
static void fails_without_memory(void **state)
{
    struct text text = { 0 };

    (void)state;
    failing.left = 1;
    seed__text_add(&text, "there is room for this");
    for (int i = 0; i < 1000; i++)
        seed__text_printf(&text, "but not for %d of these", i);
    assert_true(text.failed);
    assert_null(seed__text_take(&text, NULL));
    failing.left = -1;
    seed__text_add(&text, "again");
    check(&text, "again");

    failing.left = 0;
    assert_null(seed__text_take(&text, NULL));
    failing.left = -1;
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows),
        cmocka_unit_test(escapes_for_html),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(fails_without_memory),
    };

    failing_install();
    return cmocka_run_group_tests_name("watch/text", tests, NULL, NULL);
}
