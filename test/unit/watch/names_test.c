/* SPDX-License-Identifier: MIT */
#include "watch/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char memory[100000];

static struct named at(size_t place)
{
    return (struct named){ memory + place, memory, "/lib/one.so" };
}

static void knows_what_it_was_told(void **state)
{
    struct named one = at(7), other = one;
    char name[64];

    (void)state;
    assert_false(seed__names_find(&one, name, sizeof name));
    seed__names_keep(&one, "parse");
    assert_true(seed__names_find(&one, name, sizeof name));
    assert_string_equal("parse", name);
    assert_true(seed__names_find(&one, name, 4));
    assert_string_equal("par", name);

    other.base = memory + 1;
    assert_false(seed__names_find(&other, name, sizeof name));
    other = one;
    other.path = "/lib/two.so";
    assert_false(seed__names_find(&other, name, sizeof name));
}

/* More than there is room for: those it knows, it knows well. */
static void forgets_old_ones(void **state)
{
    char name[64], want[64];
    size_t known = 0;

    (void)state;
    for (size_t i = 0; i < sizeof memory; i += 10) {
        struct named one = at(i);

        snprintf(want, sizeof want, "function_%zu", i);
        seed__names_keep(&one, want);
    }
    for (size_t i = 0; i < sizeof memory; i += 10) {
        struct named one = at(i);

        snprintf(want, sizeof want, "function_%zu", i);
        if (!seed__names_find(&one, name, sizeof name))
            continue;
        assert_string_equal(want, name);
        known++;
    }
    assert_true(known > 100 && known <= 256);
}

static void keeps_no_part_of_a_name(void **state)
{
    struct named one = at(99999);
    char name[200], lengthy[100];

    (void)state;
    memset(lengthy, 'f', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    seed__names_keep(&one, lengthy);
    assert_false(seed__names_find(&one, name, sizeof name));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_it_was_told),
        cmocka_unit_test(forgets_old_ones),
        cmocka_unit_test(keeps_no_part_of_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
