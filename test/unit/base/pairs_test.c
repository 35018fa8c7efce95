/* SPDX-License-Identifier: MIT */
#include "base/pairs.h"

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

static struct arena arena;

static int start(void **state)
{
    (void)state;
    return failing_install();
}

static int begin(void **state)
{
    (void)state;
    seed__arena_init(&arena, NULL, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    seed__arena_clear(&arena, NULL, 0);
    return failing.live != 0;
}

static void keeps_order_and_copies(void **state)
{
    char name[] = "Set-Cookie", value[] = "a=1";
    struct pairs pairs = { NULL, 0, 0 };
    struct str borrowed = { value, 3 };

    (void)state;
    assert_true(seed__pairs_add(&pairs, &arena, seed__str(name),
        seed__str(value)));
    assert_true(seed__pairs_add_borrowed(&pairs, &arena, STR("X"), borrowed));
    *name = *value = '!';
    assert_int_equal(pairs.count, 2);
    assert_string_equal(pairs.list[0].name.at, "Set-Cookie");
    assert_string_equal(pairs.list[0].value.at, "a=1");
    assert_ptr_equal(pairs.list[1].value.at, value);
}

static void finds_the_first_without_case(void **state)
{
    struct pairs pairs = { NULL, 0, 0 };

    (void)state;
    assert_null(seed__pairs_find(&pairs, STR("a")));
    assert_true(seed__pairs_add(&pairs, &arena, STR("Vary"), STR("1")));
    assert_true(seed__pairs_add(&pairs, &arena, STR("vary"), STR("2")));
    assert_string_equal(seed__pairs_find(&pairs, STR("VARY"))->value.at, "1");
    assert_null(seed__pairs_find(&pairs, STR("Var")));
}

static void removes_all_of_a_name(void **state)
{
    struct pairs pairs = { NULL, 0, 0 };

    (void)state;
    assert_int_equal(seed__pairs_remove(&pairs, STR("a")), 0);
    for (int i = 0; i < 30; i++) {
        char value[16];

        snprintf(value, sizeof value, "%d", i);
        assert_true(seed__pairs_add(&pairs, &arena,
            i % 3 ? STR("Keep") : STR("Drop"), seed__str(value)));
    }
    assert_int_equal(seed__pairs_remove(&pairs, STR("dROP")), 10);
    assert_int_equal(seed__pairs_remove(&pairs, STR("dROP")), 0);
    assert_int_equal(pairs.count, 20);
    assert_string_equal(pairs.list[0].value.at, "1");
    assert_string_equal(pairs.list[19].value.at, "29");
}

/* A failed add leaves the pairs as they were. */
static void survives_a_lack_of_memory(void **state)
{
    struct pairs pairs = { NULL, 0, 0 };
    static char large[5000];
    unsigned added = 0, refused = 0;

    (void)state;
    memset(large, 'x', sizeof large - 1);
    for (int i = 0; i < 40; i++) {
        bool good;

        failing.left = i % 3;
        good = seed__pairs_add(&pairs, &arena, STR("N"), seed__str(large));
        failing.left = -1;
        added += good;
        refused += !good;
        assert_int_equal(pairs.count, added);
    }
    assert_true(added > 0 && refused > 0);
    for (unsigned i = 0; i < pairs.count; i++)
        assert_string_equal(pairs.list[i].value.at, large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_order_and_copies, begin, end),
        cmocka_unit_test_setup_teardown(finds_the_first_without_case, begin,
            end),
        cmocka_unit_test_setup_teardown(removes_all_of_a_name, begin, end),
        cmocka_unit_test_setup_teardown(survives_a_lack_of_memory, begin, end),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
