/* SPDX-License-Identifier: MIT */
/* not under valgrind: it makes frames of its own for signals. */
#include "clinic/flame_bars.h"

#include "unit/clinic/burn.h"

#include <seed/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void draws_what_burns(void **state)
{
    seed_flame *flame = seed_flame_start(NULL);
    char *text;

    (void)state;
    burn_here(600);
    seed_flame_stop(flame);
    text = seed__flame_bars(flame);
    assert_non_null(text);
    assert_int_equal(0, strncmp(text, "Flame graph: ", 13));
    assert_non_null(strstr(text, "The widest way through the stacks:\n"));
    assert_non_null(strstr(text, "The hottest functions"));
    assert_non_null(strstr(text, "burn_here"));
    assert_non_null(strstr(text, "%"));
    seed_release(text);
    seed_flame_free(flame);
}

static void says_that_nothing_ran(void **state)
{
    seed_flame *flame = seed_flame_start(NULL);
    char *text;

    (void)state;
    seed_flame_stop(flame);
    text = seed__flame_bars(flame);
    assert_string_equal("Flame graph: 0 samples, 0.00 s of CPU time\n", text);
    seed_release(text);
    seed_flame_free(flame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_that_nothing_ran),
        cmocka_unit_test(draws_what_burns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
