/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "wire/rescue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void is_closed_by_itself(void **state)
{
    (void)state;
    failing.left = 0;
    assert_null(seed__rescue_alloc(10));
    failing.left = 0;
    assert_null(seed__rescue_resize(NULL, 10));
    failing.left = -1;
    assert_int_equal(0, seed__rescue_used());
}

static void stands_in(void **state)
{
    char *memory, *moved;

    (void)state;
    seed__rescue_open();
    failing.left = 0;
    memory = seed__rescue_alloc(1024);
    assert_non_null(memory);
    assert_int_equal(1, seed__rescue_used());
    memset(memory, 'a', 1024);
    failing.left = 0;
    assert_ptr_equal(memory, seed__rescue_resize(memory, 1000));
    failing.left = 0;
    assert_null(seed__rescue_resize(memory, 1025)); /* and it stays */
    moved = seed__rescue_resize(memory, 2000);
    assert_non_null(moved);
    assert_int_equal(0, seed__rescue_used());
    assert_int_equal('a', moved[1023]);
    seed__rescue_release(moved);
    failing.left = 0;
    assert_null(seed__rescue_alloc(1025)); /* no block is that large */
    failing.left = -1;
    seed__rescue_close();
}

static void has_an_end(void **state)
{
    void *all[300] = { NULL };
    unsigned got = 0;

    (void)state;
    seed__rescue_open();
    for (size_t i = 0; i < 300; i++) {
        failing.left = 0;
        all[i] = seed__rescue_resize(NULL, 16);
        got += all[i] != NULL;
    }
    failing.left = -1;
    assert_int_equal(256, got);
    assert_int_equal(256, seed__rescue_used());
    for (size_t i = 0; i < 300; i++)
        seed__rescue_release(all[i]);
    assert_int_equal(0, seed__rescue_used());
    seed__rescue_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_closed_by_itself),
        cmocka_unit_test(stands_in),
        cmocka_unit_test(has_an_end),
    };

    return failing_install() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
