/* SPDX-License-Identifier: MIT */
#include "route/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Segments are written with '|' before each, so that a slash in one shows. */
static const struct {
    const char *path;
    enum router_verdict verdict;
    const char *want;
} cases[] = {
    { "/", ROUTER_FOUND, "|" },
    { "/a", ROUTER_FOUND, "|a" },
    { "/a/", ROUTER_FOUND, "|a|" },
    { "//a//b", ROUTER_FOUND, "||a||b" },
    { "/seed/%761", ROUTER_FOUND, "|seed|v1" },
    { "/a%2Fb/c", ROUTER_FOUND, "|a/b|c" },
    { "/%252F", ROUTER_FOUND, "|%2F" },
    { "/+", ROUTER_FOUND, "|+" },
    { "/%2e%2E", ROUTER_FOUND, "|.." },
    { "/%C3%A9", ROUTER_FOUND, "|\xc3\xa9" },
    { "/a/%", ROUTER_BAD_PATH, NULL },
    { "/%4", ROUTER_BAD_PATH, NULL },
    { "/%4/1", ROUTER_BAD_PATH, NULL },
    { "/%zz", ROUTER_BAD_PATH, NULL },
    { "/a%00b", ROUTER_BAD_PATH, NULL },
    { "", ROUTER_NO_PATH, NULL },
    { "*", ROUTER_NO_PATH, NULL },
    { "a/b", ROUTER_NO_PATH, NULL },
};

static void write_down(const struct walk *walk, char *out)
{
    for (unsigned i = 0; i < walk->count; i++)
        out += sprintf(out, "|%.*s", (int)walk->segments[i].length,
            walk->segments[i].at);
}

/* Each path stands in memory of its own size, for the sanitizers. */
static void cuts_and_decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str path = seed__str(cases[i].path);
        char *copy = malloc(path.length ? path.length : 1), got[64] = "";
        struct arena arena;
        struct walk walk;

        assert_non_null(copy);
        memcpy(copy, path.at, path.length);
        path.at = copy;
        seed__arena_init(&arena, NULL, 0);
        assert_int_equal(seed__walk_cut(&walk, path, &arena),
            cases[i].verdict);
        if (cases[i].want) {
            write_down(&walk, got);
            assert_string_equal(got, cases[i].want);
        }
        seed__arena_clear(&arena, NULL, 0);
        free(copy);
    }
}

static void needs_no_memory_without_percent(void **state)
{
    struct arena arena;
    struct walk walk;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    assert_int_equal(seed__walk_cut(&walk, STR("/a/b"), &arena), ROUTER_FOUND);
    assert_null(arena.blocks);
}

/* What is deeper than any pattern stays in one piece, decoded all the same. */
static void stops_cutting(void **state)
{
    char path[3 * PATTERN_DEPTH + 64] = "";
    struct arena arena;
    struct walk walk;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    for (int i = 0; i < PATTERN_DEPTH; i++)
        strcat(path, "/a");

    seed__walk_cut(&walk, seed__str(path), &arena);
    assert_int_equal(walk.count, PATTERN_DEPTH);
    strcat(path, "/x/%79/z");
    seed__walk_cut(&walk, seed__str(path), &arena);
    assert_int_equal(walk.count, PATTERN_DEPTH + 1);
    assert_true(seed__str_same(walk.segments[PATTERN_DEPTH], STR("x/y/z")));
    assert_ptr_equal(walk.end, walk.segments[PATTERN_DEPTH].at + 5);

    strcat(path, "/%zz");
    assert_int_equal(seed__walk_cut(&walk, seed__str(path), &arena),
        ROUTER_BAD_PATH);
    seed__arena_clear(&arena, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_and_decodes),
        cmocka_unit_test(needs_no_memory_without_percent),
        cmocka_unit_test(stops_cutting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
