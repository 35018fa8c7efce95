/* SPDX-License-Identifier: MIT */
#include "route/router.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct pair {
    const char *name, *value;
};

static struct str find_value(struct str name, void *ctx)
{
    for (const struct pair *pair = ctx; pair->name; pair++) {
        if (seed__str_same(seed__str(pair->name), name))
            return seed__str(pair->value);
    }
    return (struct str){ NULL, 0 };
}

static const struct {
    const char *pattern;
    struct pair values[3];
    const char *want, *missing;
} cases[] = {
    { "/", { { 0 } }, "/", NULL },
    { "/a/b/", { { 0 } }, "/a/b/", NULL },
    { "/users/:id", { { "id", "7" } }, "/users/7", NULL },
    { "/:a-:b", { { "a", "1" }, { "b", "2" } }, "/1-2", NULL },
    { "/at/:a,:b", { { "a", "1.5" }, { "b", "-2" } }, "/at/1.5,-2", NULL },
    { "/:a::x", { { "a", "1" } }, "/1:x", NULL },
    { "/:a", { { "a", "a b/c?d#e%f" } }, "/a%20b%2Fc%3Fd%23e%25f", NULL },
    { "/:a", { { "a", "\xc3\xa9~-._*" } }, "/%C3%A9~-._%2A", NULL },
    { "/a%20b%2f%3A", { { 0 } }, "/a%20b%2F:", NULL },
    { "/\xc3\xa9", { { 0 } }, "/%C3%A9", NULL },
    { "/f/*", { { "*", "a/b c/d" } }, "/f/a/b%20c/d", NULL },
    { "/f/*", { { "*", "" } }, "/f/", NULL },
    { "/f/*", { { 0 } }, NULL, "*" },
    { "/:a/:b", { { "a", "1" } }, NULL, "b" },
    { "/:a", { { "a", "" } }, NULL, "a" },
};

static void builds_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str missing = { NULL, 0 };
        struct pair values[4] = { cases[i].values[0], cases[i].values[1] };
        char got[64] = "";
        int length = seed__pattern_build(cases[i].pattern, got, sizeof got,
            find_value, values, &missing);

        if (cases[i].missing) {
            assert_int_equal(length, SEED_EINVAL);
            assert_true(
                seed__str_same(missing, seed__str(cases[i].missing)));
            continue;
        }
        assert_string_equal(got, cases[i].want);
        assert_int_equal(length, strlen(cases[i].want));
    }
}

static void keeps_to_the_room(void **state)
{
    struct pair values[] = { { "a", "%x" }, { 0 } };
    struct str missing;
    char got[16];

    (void)state;
    for (size_t room = 0; room < sizeof got; room++) {
        int want = room < sizeof "/p-%25x" ? SEED_EFULL : 7;

        memset(got, '~', sizeof got);
        assert_int_equal(seed__pattern_build("/p-:a", got, room, find_value,
                             values, &missing), want);
        for (size_t i = room; i < sizeof got; i++)
            assert_int_equal(got[i], '~');
    }
}

static void refuses_no_patterns(void **state)
{
    struct pair values[] = { { 0 } };
    struct str missing;
    char got[16];

    (void)state;
    assert_int_equal(seed__pattern_build("*", got, sizeof got, find_value,
                         values, &missing), SEED_EPATTERN);
    assert_int_equal(seed__pattern_build("/a/:", got, sizeof got, find_value,
                         values, &missing), SEED_EPATTERN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_paths),
        cmocka_unit_test(keeps_to_the_room),
        cmocka_unit_test(refuses_no_patterns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
