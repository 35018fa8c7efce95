/* SPDX-License-Identifier: MIT */
#include "http/form.h"

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* "name=value;" for each pair, so that a case is one string. */
static const struct {
    struct str text;
    const char *want; /* NULL: malformed */
} forms[] = {
    { STR(""), "" },
    { { NULL, 0 }, "" },
    { STR("&"), "" },
    { STR("&&&"), "" },
    { STR("a"), "a=;" },
    { STR("a="), "a=;" },
    { STR("="), "=;" },
    { STR("=b"), "=b;" },
    { STR("a=b"), "a=b;" },
    { STR("a=b=c"), "a=b=c;" },
    { STR("a=b&a=c"), "a=b;a=c;" },
    { STR("&a=b&&c&"), "a=b;c=;" },
    { STR("a+b=c+d"), "a b=c d;" },
    { STR("%61=%62%2B%26%3D"), "a=b+&=;" },
    { STR("a;b=c"), "a;b=c;" },
    { STR("a%=b"), NULL },
    { STR("a=b%4"), NULL },
    { STR("a=b&c=%zz"), NULL },
};

static void reads_pairs(void **state)
{
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < COUNT(forms); i++) {
        const seed_pairs *got = seed__form_parse(&arena, forms[i].text, 100);
        char text[64] = "";

        assert_int_equal(got != NULL, forms[i].want != NULL);
        for (size_t j = 0; got && j < got->count; j++) {
            const seed_pair *pair = &got->pairs[j];

            assert_int_equal(strlen(pair->name), pair->name_length);
            assert_int_equal(strlen(pair->value), pair->value_length);
            strcat(text, pair->name);
            strcat(text, "=");
            strcat(text, pair->value);
            strcat(text, ";");
        }
        if (got)
            assert_string_equal(text, forms[i].want);
    }
    seed__arena_clear(&arena, NULL, 0);
}

static void keeps_nuls_by_their_length(void **state)
{
    struct arena arena;
    const seed_pairs *got;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    got = seed__form_parse(&arena, STR("a%00b=c%00"), 1);
    assert_non_null(got);
    assert_int_equal(got->pairs[0].name_length, 3);
    assert_memory_equal(got->pairs[0].name, "a\0b", 4);
    assert_int_equal(got->pairs[0].value_length, 2);
    seed__arena_clear(&arena, NULL, 0);
}

static void keeps_to_the_limit(void **state)
{
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    assert_non_null(seed__form_parse(&arena, STR("a&b&c"), 3));
    assert_non_null(seed__form_parse(&arena, STR("a&&&&b&c&"), 3));
    assert_null(seed__form_parse(&arena, STR("a&b&c&d"), 3));
    assert_null(seed__form_parse(&arena, STR("a"), 0));
    assert_non_null(seed__form_parse(&arena, STR("a&b"), SIZE_MAX));
    seed__arena_clear(&arena, NULL, 0);
}

static void tells_when_memory_is_exhausted(void **state)
{
    static char text[20000];
    struct arena arena;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    seed__arena_init(&arena, NULL, 0);
    for (long nth = 0; nth < 2; nth++) {
        failing.left = nth;
        assert_null(seed__form_parse(&arena, seed__str(text), 10));
    }
    failing.left = -1;
    assert_non_null(seed__form_parse(&arena, seed__str(text), 10));
    seed__arena_clear(&arena, NULL, 0);
    assert_int_equal(failing.live, 0);
}

static int start(void **state)
{
    (void)state;
    return failing_install();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_pairs),
        cmocka_unit_test(keeps_nuls_by_their_length),
        cmocka_unit_test(keeps_to_the_limit),
        cmocka_unit_test(tells_when_memory_is_exhausted),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
