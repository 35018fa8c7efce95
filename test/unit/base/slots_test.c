/* SPDX-License-Identifier: MIT */
#include "base/slots.h"

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char first, second, third;

static void hold_one_value_a_key(struct slot **slots, struct arena *arena)
{
    int a = 1, b = 2, c = 3;

    assert_null(seed__slots_get(*slots, &first));
    assert_true(seed__slots_set(slots, arena, &first, &a));
    assert_true(seed__slots_set(slots, arena, &second, &b));
    assert_true(seed__slots_set(slots, arena, &third, &c));
    assert_ptr_equal(seed__slots_get(*slots, &first), &a);
    assert_ptr_equal(seed__slots_get(*slots, &second), &b);
    assert_ptr_equal(seed__slots_get(*slots, &third), &c);

    assert_true(seed__slots_set(slots, arena, &second, &c));
    assert_ptr_equal(seed__slots_get(*slots, &second), &c);

    assert_true(seed__slots_set(slots, arena, &second, NULL));
    assert_true(seed__slots_set(slots, arena, &second, NULL));
    assert_null(seed__slots_get(*slots, &second));
    assert_ptr_equal(seed__slots_get(*slots, &first), &a);
    assert_ptr_equal(seed__slots_get(*slots, &third), &c);
}

static void live_on_the_heap(void **state)
{
    struct slot *slots = NULL;
    int value;

    (void)state;
    hold_one_value_a_key(&slots, NULL);
    assert_int_equal(failing.live, 2);
    failing.left = 0;
    assert_false(seed__slots_set(&slots, NULL, &second, &value));
    assert_null(seed__slots_get(slots, &second));

    seed__slots_clear(&slots);
    assert_null(slots);
    assert_int_equal(failing.live, 0);
    seed__slots_clear(&slots);
}

static void live_in_an_arena(void **state)
{
    struct slot *slots = NULL;
    max_align_t memory[32];
    struct arena arena;

    (void)state;
    failing.asked = 0;
    seed__arena_init(&arena, memory, sizeof memory);
    hold_one_value_a_key(&slots, &arena);
    assert_int_equal(failing.asked, 0);
}

static int start(void **state)
{
    (void)state;
    return failing_install();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_on_the_heap),
        cmocka_unit_test(live_in_an_arena),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
