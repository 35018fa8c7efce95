/* SPDX-License-Identifier: MIT */
#include <seed/version.h>

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void says_the_three_numbers(void **state)
{
    char want[32];

    (void)state;
    snprintf(want, sizeof want, "%d.%d.%d", SEED_VERSION_MAJOR,
        SEED_VERSION_MINOR, SEED_VERSION_PATCH);
    assert_string_equal(seed_version(), want);
    assert_string_equal(SEED_VERSION, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_the_three_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
