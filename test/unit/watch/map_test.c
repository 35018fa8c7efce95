/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"

#include "watch/map.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MANY = 1000 };

static char keys[MANY];

static void finds_what_was_put(void **state)
{
    struct map map = { 0 };

    (void)state;
    assert_null(map_find(&map, keys));
    assert_null(map_find(&map, NULL));
    for (int i = 0; i < MANY; i++) {
        assert_null(map_find(&map, &keys[i]));
        assert_true(seed__map_put(&map, &keys[i], &keys[MANY - 1 - i]));
    }
    assert_null(map_find(&map, NULL));
    assert_true(seed__map_put(&map, NULL, keys));
    assert_ptr_equal(map_find(&map, NULL), keys);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_find(&map, &keys[i]), &keys[MANY - 1 - i]);
    assert_null(map_find(&map, &map));
    assert_true(map.count * 2 <= map.mask + 2);

    seed__map_clear(&map);
    assert_null(map_find(&map, keys));
    assert_int_equal(failing.live, 0);
}

/* A put without memory changes nothing. */
static void survives_without_memory(void **state)
{
    struct map map = { 0 };
    int count = 0;

    (void)state;
    failing.left = 0;
    assert_false(seed__map_put(&map, keys, keys));
    assert_null(map_find(&map, keys));

    failing.left = 1;
    while (seed__map_put(&map, &keys[count], keys))
        count++;
    assert_true(count >= 4);
    for (int i = 0; i < count; i++)
        assert_ptr_equal(map_find(&map, &keys[i]), keys);
    assert_null(map_find(&map, &keys[count]));
    failing.left = -1;
    assert_true(seed__map_put(&map, &keys[count], keys));
    assert_ptr_equal(map_find(&map, &keys[count]), keys);
    seed__map_clear(&map);
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_put),
        cmocka_unit_test(survives_without_memory),
    };

    failing_install();
    return cmocka_run_group_tests_name("watch/map", tests, NULL, NULL);
}
