/* SPDX-License-Identifier: MIT */
#include "clinic/plain.h"

#include "unit/comma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char *number(void)
{
    static char text[8];

    snprintf(text, sizeof text, "%.1f", 1.5);
    return text;
}

/* And the application has its own again. */
static void is_for_a_while(void **state)
{
    locale_t before;

    (void)state;
    assert_true(comma_begin());
    assert_string_equal("1,5", number());
    before = seed__plain_begin();
    assert_string_equal("1.5", number());
    seed__plain_end(before);
    assert_string_equal("1,5", number());
    comma_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
