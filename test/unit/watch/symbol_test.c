/* SPDX-License-Identifier: MIT */
#include "watch/symbol.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Static, and not inlined: the loader does not know it, its file does. */
static __attribute__((noinline)) int hidden_function(int value)
{
    return value * 3 + 1;
}

int main(void);

static void names_functions(void **state)
{
    char name[100];

    (void)state;
    assert_int_equal(7, hidden_function(2));
    assert_string_equal("hidden_function",
        seed__symbol_name((char *)(uintptr_t)hidden_function + 1, name,
            sizeof name));
    assert_string_equal("main", seed__symbol_name((char *)(uintptr_t)main + 1,
        name, sizeof name));
    seed__symbol_name((char *)(uintptr_t)seed__symbol_name + 1, name,
        sizeof name);
    assert_string_equal("seed__symbol_name", name);
}

static void names_functions_of_libraries(void **state)
{
    char name[100];

    (void)state;
    seed__symbol_name((char *)(uintptr_t)_cmocka_run_group_tests + 4, name,
        sizeof name);
    assert_string_equal("_cmocka_run_group_tests", name);
}

static void says_where_what_has_no_name_is(void **state)
{
    char name[100];

    (void)state;
    /* In a library's head, where no function is. */
    seed__symbol_name((void *)((uintptr_t)hidden_function & ~UINT64_C(0xfff)),
        name, sizeof name);
    assert_true(strchr(name, '+') || !strcmp(name, "_init")
        || name[0] != '\0');
    assert_string_equal("0x10", seed__symbol_name((void *)0x10, name,
        sizeof name));
}

/* As the file has them: from its base on. */
static void reads_files(void **state)
{
    uintptr_t from = 0, to = 0, here, inner;
    char name[100];
    Dl_info info;

    (void)state;
    assert_true(dladdr((void *)(uintptr_t)hidden_function, &info));
    here = (uintptr_t)hidden_function - (uintptr_t)info.dli_fbase;
    inner = (uintptr_t)seed__symbol_name - (uintptr_t)info.dli_fbase;
    assert_true(seed__symbol_in("/proc/self/exe", here + 1, name,
        sizeof name));
    assert_string_equal("hidden_function", name);
    assert_false(seed__symbol_in("/proc/self/exe", 0, name, sizeof name));
    assert_false(seed__symbol_in("/nowhere", here, name, sizeof name));
    assert_false(seed__symbol_in("/proc/self/stat", here, name, sizeof name));

    assert_true(seed__symbol_range("/proc/self/exe", "seed__", &from, &to));
    assert_true(inner >= from && inner < to);
    assert_false(here >= from && here < to);
    assert_false(seed__symbol_range("/proc/self/exe", "seed__no_such_", &from,
        &to));
    assert_false(seed__symbol_range("/nowhere", "seed__", &from, &to));
}

static void fits(void **state)
{
    char name[6];

    (void)state;
    assert_string_equal("hidde", seed__symbol_name(
        (char *)(uintptr_t)hidden_function + 1, name, sizeof name));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_functions),
        cmocka_unit_test(names_functions_of_libraries),
        cmocka_unit_test(says_where_what_has_no_name_is),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
