/* SPDX-License-Identifier: MIT */
#include "http/uri.h"

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    struct str target, authority, path, query, url;
} splits[] = {
    { STR("/"), STR(""), STR("/"), STR(""), STR("/") },
    { STR("/a/b"), STR(""), STR("/a/b"), STR(""), STR("/a/b") },
    { STR("/a?b"), STR(""), STR("/a"), STR("b"), STR("/a?b") },
    { STR("/a?"), STR(""), STR("/a"), STR(""), STR("/a?") },
    { STR("/?a?b/c"), STR(""), STR("/"), STR("a?b/c"), STR("/?a?b/c") },
    { STR("//h/x"), STR(""), STR("//h/x"), STR(""), STR("//h/x") },
    { STR("/http://h/"), STR(""), STR("/http://h/"), STR(""),
        STR("/http://h/") },
    { STR("*"), STR(""), STR("*"), STR(""), STR("*") },
    { STR("http://h"), STR("h"), STR("/"), STR(""), STR("/") },
    { STR("http://h/"), STR("h"), STR("/"), STR(""), STR("/") },
    { STR("http://h:1/a?b"), STR("h:1"), STR("/a"), STR("b"), STR("/a?b") },
    { STR("HTTPS://[::1]:1/a"), STR("[::1]:1"), STR("/a"), STR(""),
        STR("/a") },
    { STR("http://h?"), STR("h"), STR("/"), STR(""), STR("/?") },
    { STR("http://h?a/b?c"), STR("h"), STR("/"), STR("a/b?c"),
        STR("/?a/b?c") },
    { STR("h:443"), STR("h:443"), STR(""), STR(""), STR("") },
    { STR("[::1]:443"), STR("[::1]:443"), STR(""), STR(""), STR("") },
};

static void takes_targets_apart(void **state)
{
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < COUNT(splits); i++) {
        struct target got;

        assert_true(seed__target_split(&got, splits[i].target, &arena));
        if (!seed__str_same(got.authority, splits[i].authority) ||
            !seed__str_same(got.path, splits[i].path) ||
            !seed__str_same(got.query, splits[i].query) ||
            !seed__str_same(got.url, splits[i].url))
            fail_msg("%s", splits[i].target.at);
    }
    seed__arena_clear(&arena, NULL, 0);
}

/* Only what has to be put together needs memory. */
static void tells_when_memory_is_exhausted(void **state)
{
    struct target got;
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    failing.left = 0;
    assert_true(seed__target_split(&got, STR("http://h"), &arena));
    assert_true(seed__target_split(&got, STR("http://h/?a"), &arena));
    assert_false(seed__target_split(&got, STR("http://h?a"), &arena));
    failing.left = -1;
    assert_int_equal(failing.live, 0);
}

static void judges_origin_forms(void **state)
{
    (void)state;
    assert_true(seed__target_valid(STR("/")));
    assert_true(seed__target_valid(STR("/a?b=%41&c")));
    assert_false(seed__target_valid(STR("")));
    assert_false(seed__target_valid(STR("*")));
    assert_false(seed__target_valid(STR("a")));
    assert_false(seed__target_valid(STR("/a b")));
    assert_false(seed__target_valid(STR("/a#b")));
    assert_false(seed__target_valid(STR("/a\r\n")));
    assert_false(seed__target_valid(STR("/\xc3\xa9")));
    assert_false(seed__target_valid(STR("/a\0")));
}

#define BAD { NULL, 0 }

static const struct {
    struct str text;
    bool plus, nul;
    struct str want;
} codes[] = {
    { STR(""), false, false, STR("") },
    { STR("a/b"), false, false, STR("a/b") },
    { STR("a%2Fb%2f"), false, false, STR("a/b/") },
    { STR("%41%6a%4A"), false, false, STR("AjJ") },
    { STR("%25%32%35"), false, false, STR("%25") },
    { STR("%2541"), false, false, STR("%41") },
    { STR("a+b"), false, false, STR("a+b") },
    { STR("a+b%2B"), true, false, STR("a b+") },
    { STR("%ff%C3%a9"), false, false, STR("\xff\xc3\xa9") },
    { STR("%"), false, false, BAD },
    { STR("a%"), false, false, BAD },
    { STR("%4"), false, false, BAD },
    { STR("%4g"), false, false, BAD },
    { STR("%g4"), false, false, BAD },
    { STR("%%41"), false, false, BAD },
    { STR("% 41"), true, false, BAD },
    { STR("%+1"), true, false, BAD },
    { STR("a%00"), false, false, BAD },
    { STR("a\0b"), false, false, BAD },
    { STR("a%00b\0"), false, true, STR("a\0b\0") },
};

static void decodes_once_and_strictly(void **state)
{
    char out[64];

    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        long length = seed__percent_decode(out, codes[i].text, codes[i].plus,
            codes[i].nul);
        long want = codes[i].want.at ? (long)codes[i].want.length : -1;

        if (length != want)
            fail_msg("%s", codes[i].text.at);
        if (want > 0)
            assert_memory_equal(out, codes[i].want.at, (size_t)length);
    }
}

/* The text may be decoded where it stands. */
static void decodes_in_place(void **state)
{
    char text[] = "%61b%63d%65";

    (void)state;
    assert_int_equal(
        seed__percent_decode(text, seed__str(text), false, false), 5);
    assert_memory_equal(text, "abcde", 5);
}

static void encodes_what_it_decodes(void **state)
{
    char all[256], coded[3 * sizeof all], back[sizeof coded];
    struct str text = { all, sizeof all };
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    length = seed__percent_encode(coded, text);
    assert_int_equal(length, 66 + 3 * (256 - 66));
    assert_int_equal(seed__percent_decode(back,
        (struct str){ coded, length }, true, true), sizeof all);
    assert_memory_equal(back, all, sizeof all);

    length = seed__percent_encode(coded, STR("a b/~\xc3"));
    assert_int_equal(length, strlen("a%20b%2F~%C3"));
    assert_memory_equal(coded, "a%20b%2F~%C3", length);
}

static int start(void **state)
{
    (void)state;
    return failing_install();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_targets_apart),
        cmocka_unit_test(tells_when_memory_is_exhausted),
        cmocka_unit_test(judges_origin_forms),
        cmocka_unit_test(decodes_once_and_strictly),
        cmocka_unit_test(decodes_in_place),
        cmocka_unit_test(encodes_what_it_decodes),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
