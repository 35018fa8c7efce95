/* SPDX-License-Identifier: MIT */
#include "clinic/lines.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static volatile int counted;

__attribute__((noinline)) static void known_here(void)
{
    counted++;
}

static void finds_functions_and_lines(void **state)
{
    struct lines lines;

    (void)state;
    known_here();
    seed__lines_find(&lines, (uintptr_t)known_here + 1);
    assert_int_equal(lines.count, 1);
    assert_string_equal(lines.all[0].function, "known_here");
    assert_non_null(strstr(lines.all[0].file, "lines_test.c"));
    assert_in_range(lines.all[0].number, 14, 18);
    assert_string_equal(lines.symbol, "known_here");
    assert_int_equal(lines.start, (uintptr_t)known_here);
}

static void knows_the_symbols_of_libraries(void **state)
{
    struct lines lines;
    void *place = dlsym(dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD),
        "getpgid");

    (void)state;
    assert_non_null(place);
    seed__lines_find(&lines, (uintptr_t)place);
    assert_non_null(lines.symbol);
    assert_int_equal(lines.start, (uintptr_t)place);
}

static void finds_nothing_nowhere(void **state)
{
    struct lines lines;

    (void)state;
    seed__lines_find(&lines, 16);
    assert_int_equal(lines.count, 0);
    assert_null(lines.symbol);
}

#ifdef SEED_BACKTRACE
#define HAS_LINES true
#else
#define HAS_LINES false
#endif

static void finds_all_or_nothing(void **state)
{
    struct lines lines;

    (void)state;
    seed__lines_find(&lines, (uintptr_t)known_here + 1);
    assert_int_equal(HAS_LINES, lines.count > 0);
    if (!HAS_LINES)
        return;
    finds_functions_and_lines(state);
    knows_the_symbols_of_libraries(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_all_or_nothing),
        cmocka_unit_test(finds_nothing_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
