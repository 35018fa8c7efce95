/* SPDX-License-Identifier: MIT */
#include "clinic/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void names_each(void **state)
{
    (void)state;
    for (int i = 0; i < CATEGORIES; i++)
        assert_non_null(seed__category_names[i]);
    assert_string_equal("app", seed__category_names[CATEGORY_APP]);
    assert_string_equal("span", seed__category_names[CATEGORY_SPAN]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names_each) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
