/* SPDX-License-Identifier: MIT */
#include "unit/clinic/made.h"
#include "unit/failing.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void writes_a_line_for_each_stack(void **state)
{
    static const char *const lines[] = {
        "0x10 50\n",
        "made_main;made_start 100\n",
        "made_main;event_base_loop 300\n",
        "made_main;event_base_loop;GET /seed:/:id;after: hook (slow.c:22);"
        "made_hook 600\n",
    };
    seed_flame flame;
    size_t length, sum = 0;
    char *bytes;

    (void)state;
    made_fill(&flame);
    bytes = seed__flame_folded(&flame, &length);
    assert_non_null(bytes);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_non_null(strstr(bytes, lines[i]));
        sum += strlen(lines[i]);
    }
    assert_int_equal(length, sum);
    seed_release(bytes);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

static void writes_nothing_of_nothing(void **state)
{
    seed_flame flame = { .title = "none" };
    size_t length = 1;
    char *bytes = seed__flame_folded(&flame, &length);

    (void)state;
    assert_string_equal(bytes, "");
    assert_int_equal(length, 0);
    seed_release(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_line_for_each_stack),
        cmocka_unit_test(writes_nothing_of_nothing),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
