/* SPDX-License-Identifier: MIT */
#include "clinic/shelf.h"

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void gives_zeroed_memory(void **state)
{
    static const size_t sizes[] = { 1, 7, 16, 1000, 65536, 65537, 200000, 3 };
    struct shelf shelf = { 0 };

    (void)state;
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            char *bytes = seed__shelf_take(&shelf, sizes[i]);

            assert_non_null(bytes);
            assert_int_equal((uintptr_t)bytes % 16, 0);
            assert_int_equal(bytes[0] | bytes[sizes[i] - 1], 0);
            memset(bytes, 'x', sizes[i]);
        }
    }
    seed__shelf_clear(&shelf);
    assert_int_equal(failing.live, 0);
    seed__shelf_clear(&shelf);
}

static void survives_without_memory(void **state)
{
    struct shelf shelf = { 0 };

    (void)state;
    failing.left = 0;
    assert_null(seed__shelf_take(&shelf, 10));
    failing.left = -1;
    assert_non_null(seed__shelf_take(&shelf, 10));
    seed__shelf_clear(&shelf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_memory),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
