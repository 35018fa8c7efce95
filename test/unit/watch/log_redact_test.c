/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "watch/log_redact.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct redact *make(const char *path)
{
    const char *paths[] = { path, NULL };
    struct redact *redact;

    assert_int_equal(0, seed__redact_new(&redact, paths, NULL, false));
    return redact;
}

/* Parts are written with a bar between them; "*" is any. */
static const struct {
    const char *path, *parts;
} good[] = {
    { "a", "a|" },
    { "a.b.c", "a|b|c|" },
    { "*", "*|" },
    { "*.b", "*|b|" },
    { "a[*].b", "a|*|b|" },
    { "a[0]", "a|0|" },
    { "[\"a.b\"]", "a.b|" },
    { "['x-y'].z", "x-y|z|" },
    { "a[\"b\"]['c'][`d`]", "a|b|c|d|" },
    { "a[\"\"]", "a||" },
    { "a[\"]\"]", "a|]|" },
    { "req.headers[\"x-api-key\"]", "req|headers|x-api-key|" },
    { "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", "a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|" },
};

static const char *const bad[] = { "", ".a", "a.", "a..b", "a[", "a[b", "a]",
    "a[]", "[\"a]", "[\"a\"", "[\"a\"x]", "a.[b]", "a[b]c",
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q" };

static void reads_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct redact *redact = make(good[i].path);
        const struct redact_path *path = &redact->paths[0];
        char text[64] = "";

        for (unsigned part = 0; part < path->count; part++) {
            strncat(text, path->parts[part].text, path->parts[part].length);
            strcat(text, "|");
            assert_int_equal(path->parts[part].length == 1
                    && *path->parts[part].text == '*',
                path->parts[part].any);
        }
        assert_string_equal(good[i].parts, text);
        seed__redact_free(redact);
    }
}

static void refuses_what_is_no_path(void **state)
{
    struct redact *redact;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        const char *paths[] = { "fine", bad[i], NULL };

        if (seed__redact_new(&redact, paths, NULL, false) != EINVAL)
            fail_msg("'%s' was taken", bad[i]);
        assert_null(redact);
    }
}

static void takes_64_paths_and_no_more(void **state)
{
    const char *paths[REDACT_PATHS + 2] = { NULL };
    struct redact *redact;

    (void)state;
    for (int i = 0; i < REDACT_PATHS; i++)
        paths[i] = "a.b";
    assert_int_equal(0, seed__redact_new(&redact, paths, NULL, false));
    assert_true(redact->all == UINT64_MAX);
    seed__redact_free(redact);

    paths[REDACT_PATHS] = "c";
    assert_int_equal(EINVAL, seed__redact_new(&redact, paths, NULL, false));
}

static void makes_nothing_of_nothing(void **state)
{
    const char *none[] = { NULL };
    struct redact *redact = (struct redact *)1;

    (void)state;
    assert_int_equal(0, seed__redact_new(&redact, none, NULL, false));
    assert_null(redact);
    assert_int_equal(0, seed__redact_new(&redact, NULL, NULL, false));
    assert_null(redact);
    seed__redact_free(NULL);
}

static void walks_with_keys(void **state)
{
    static const char *const paths[] = { "a.b", "*.b", "a.*.c", "d", NULL };
    static const struct {
        const char *keys[3];
        bool hit;
    } walks[] = {
        { { "a", "b" }, true },
        { { "x", "b" }, true },
        { { "a", "x", "c" }, true },
        { { "d" }, true },
        { { "a" }, false },
        { { "a", "c" }, false },
        { { "x", "x", "c" }, false },
        { { "ab" }, false },
        { { "" }, false },
    };
    struct redact *redact;

    (void)state;
    assert_int_equal(0, seed__redact_new(&redact, paths, "gone", true));
    assert_memory_equal("\"gone\"", redact->censor, redact->censor_length);
    for (size_t i = 0; i < COUNT(walks); i++) {
        uint64_t at = redact->all;
        bool hit = false;

        for (unsigned depth = 0; depth < 3 && walks[i].keys[depth]; depth++)
            at = seed__redact_step(redact, at, depth, walks[i].keys[depth],
                strlen(walks[i].keys[depth]), &hit);
        if (hit != walks[i].hit)
            fail_msg("walk %zu", i);
    }
    seed__redact_free(redact);
}

static void is_made_whole_or_not_at_all(void **state)
{
    const char *paths[] = { "a.b", NULL };
    struct redact *redact = NULL;
    long before = failing.live;
    int number = ENOMEM;

    (void)state;
    for (long n = 0; number == ENOMEM; n++) {
        failing.left = n;
        number = seed__redact_new(&redact, paths, NULL, false);
        failing.left = -1;
        assert_int_equal(before, failing.live - (number ? 0 : n));
    }
    assert_int_equal(0, number);
    seed__redact_free(redact);
    assert_int_equal(before, failing.live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_paths),
        cmocka_unit_test(refuses_what_is_no_path),
        cmocka_unit_test(takes_64_paths_and_no_more),
        cmocka_unit_test(makes_nothing_of_nothing),
        cmocka_unit_test(walks_with_keys),
        cmocka_unit_test(is_made_whole_or_not_at_all),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
