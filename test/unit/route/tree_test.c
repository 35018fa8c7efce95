/* SPDX-License-Identifier: MIT */
#include "route/tree.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tree tree;
static struct arena arena;

static int start(void **state)
{
    (void)state;
    tree = (struct tree){ 0 };
    seed__arena_init(&arena, NULL, 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    seed__arena_clear(&arena, NULL, 0);
    return 0;
}

static int add(const char *text, const struct pattern **there)
{
    struct pattern *pattern;
    const char *why;
    char *copy = seed__arena_copy(&arena, text, strlen(text));

    assert_int_equal(seed__pattern_parse(&pattern, text, &arena, &why), 0);
    pattern->value = copy;
    return seed__tree_add(&tree, pattern, &arena, there);
}

static const char *find(struct str path, unsigned *steps)
{
    const struct pattern *found;
    struct walk walk;

    assert_int_equal(seed__walk_cut(&walk, path, &arena), ROUTER_FOUND);
    found = seed__tree_find(&tree, &walk);
    *steps = walk.steps;
    return found ? found->value : NULL;
}

static void check(const char *path, const char *want)
{
    unsigned steps;
    const char *got = find(seed__str(path), &steps);

    if (!want && got)
        fail_msg("%s is none, not %s", path, got);
    if (want && (!got || strcmp(got, want) != 0))
        fail_msg("%s is %s, not %s", path, want, got ? got : "none");
}

struct lookup {
    const char *path, *want;
};

static void check_all(const char *const *routes, size_t count,
    const struct lookup *lookups)
{
    const struct pattern *there;

    /* Forwards and backwards: the order of adding does not matter. */
    for (int turn = 0; turn < 2; turn++) {
        start(NULL);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(
                add(routes[turn ? count - 1 - i : i], &there), 0);
        for (const struct lookup *at = lookups; at->path; at++)
            check(at->path, at->want);
        stop(NULL);
    }
}

static void prefers_and_goes_back(void **state)
{
    static const char *const routes[] = { "/", "/a", "/abc", "/abd", "/ab/",
        "/:one", "/x/y", "/x/:p/z", "/x/*", "/users/:id", "/users/me",
        "/users/:id/posts", "/users/me/friends", "/v:major", "/v:major.:minor",
        "/vx", "/:name.json", "/files/*", "/files/:f/raw" };
    static const struct lookup lookups[] = {
        { "/", "/" },
        { "/a", "/a" },
        { "/ab", "/:one" },
        { "/abc", "/abc" },
        { "/abd", "/abd" },
        { "/abe", "/:one" },
        { "/ab/", "/ab/" },
        { "/A", "/:one" },
        { "/a/", NULL },
        { "//", NULL },
        { "/x", "/:one" },
        { "/x/", "/x/*" },
        { "/x/y", "/x/y" },
        { "/x/y/z", "/x/:p/z" },
        { "/x/y/w", "/x/*" },
        { "/x/q/z", "/x/:p/z" },
        { "/x/q/z/", "/x/*" },
        { "/x//z", "/x/*" },
        { "/users/me", "/users/me" },
        { "/users/m", "/users/:id" },
        { "/users/mee", "/users/:id" },
        { "/users/me/posts", "/users/:id/posts" },
        { "/users/me/friends", "/users/me/friends" },
        { "/users/it/friends", NULL },
        { "/users/", NULL },
        { "/users", "/:one" },
        { "/v1", "/v:major" },
        { "/v1.2", "/v:major.:minor" },
        { "/vx", "/vx" },
        { "/v", "/:one" },
        { "/v.json", "/v:major" },
        { "/v1.json", "/v:major.:minor" },
        { "/a.json", "/:name.json" },
        { "/files", "/:one" },
        { "/files/", "/files/*" },
        { "/files/a", "/files/*" },
        { "/files/a/raw", "/files/:f/raw" },
        { "/files/a/raw/b", "/files/*" },
        { "/files/a%2Fraw", "/files/*" },
        { "/file%73/a", "/files/*" },
        { NULL, NULL },
    };

    (void)state;
    check_all(routes, COUNT(routes), lookups);
}

static void lets_the_wildcard_be_last(void **state)
{
    static const char *const routes[] = { "/*", "/a/:b/c", "/a/b/d",
        "/:a/:b/*" };
    static const struct lookup lookups[] = {
        { "/", "/*" },
        { "/q", "/*" },
        { "/a/b", "/*" },
        { "/a/b/", "/:a/:b/*" },
        { "/a/b/c", "/a/:b/c" },
        { "/a/b/d", "/a/b/d" },
        { "/a/b/e", "/:a/:b/*" },
        { "/a//c", "/*" },
        { NULL, NULL },
    };

    (void)state;
    check_all(routes, COUNT(routes), lookups);
}

static void finds_what_is_twice(void **state)
{
    /* A path that both fit, or only the first when they are not the same. */
    static const struct {
        const char *first, *second;
        int want;
        const char *path;
    } cases[] = {
        { "/a", "/a", SEED_EDUP, "/a" },
        { "/a", "/%61", SEED_EDUP, "/a" },
        { "/:a", "/:b", SEED_EDUP, "/x" },
        { "/:a-:b/x", "/:c-:d/x", SEED_EDUP, "/1-2/x" },
        { "/a/*", "/a/*", SEED_EDUP, "/a/" },
        { "/a", "/A", 0, "/a" },
        { "/a", "/a/", 0, "/a" },
        { "/:a", "/:a/", 0, "/x" },
        { "/:a-:b", "/:a.:b", 0, "/1-2" },
        { "/:a", "/*", 0, "/x" },
        { "/a/", "/a/*", 0, "/a/" },
        { "/a/b", "/a%2Fb", 0, "/a/b" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct pattern *there = NULL;

        start(NULL);
        assert_int_equal(add(cases[i].first, &there), 0);
        assert_null(there);
        assert_int_equal(add(cases[i].second, &there), cases[i].want);
        if (cases[i].want)
            assert_string_equal(there->value, cases[i].first);
        check(cases[i].path, cases[i].first);
        stop(NULL);
    }
}

static void binds_values(void **state)
{
    static const struct {
        const char *route, *path, *want;
    } cases[] = {
        { "/a", "/a", "" },
        { "/users/:id", "/users/7", "id=7;" },
        { "/users/:id", "/users/a%2Fb%20c", "id=a/b c;" },
        { "/users/:id", "/users/%252F", "id=%2F;" },
        { "/:a-:b/x/:c", "/1-2-3/x/4", "a=1;b=2-3;c=4;" },
        { "/:a/*", "/p/q/r%2Fs/", "a=p;*=q/r/s/;" },
        { "/:a/*", "/p/", "a=p;*=;" },
        { "/*", "/", "*=;" },
        { "/*", "//", "*=/;" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct pattern *there, *found;
        struct match match;
        struct walk walk;
        char got[64] = "";

        start(NULL);
        add(cases[i].route, &there);
        seed__walk_cut(&walk, seed__str(cases[i].path), &arena);
        found = seed__tree_find(&tree, &walk);
        assert_non_null(found);
        assert_true(seed__tree_bind(found, &walk, &arena, &match));
        for (unsigned p = 0; p < match.count; p++) {
            struct str value = match.params[p].value;

            assert_int_equal(value.at[value.length], '\0');
            sprintf(got + strlen(got), "%s=%s;", match.params[p].name.at,
                value.at);
        }
        assert_string_equal(got, cases[i].want);
        stop(NULL);
    }
}

static void adds_numbered(const char *format, int count)
{
    const struct pattern *there;
    char text[64];

    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof text, format, i);
        assert_int_equal(add(text, &there), 0);
    }
}

/* Counted in steps, not in time: the same everywhere. */
static void costs_the_path_not_the_routes(void **state)
{
    static const char *const formats[] = { "/r%05d", "/r%05d/x", "/%05d-:id",
        "/:id/r%05d", "/a/%05d/*" };
    static const char *const paths[] = { "/r00007", "/r00007/x", "/00007-me",
        "/me/r00007", "/a/00007/b/c" };

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        unsigned few, many, missed;

        start(NULL);
        adds_numbered(formats[i], 10);
        assert_non_null(find(seed__str(paths[i]), &few));
        stop(NULL);

        start(NULL);
        adds_numbered(formats[i], 10000);
        assert_non_null(find(seed__str(paths[i]), &many));
        assert_null(find(STR("/nowhere/at/all"), &missed));
        stop(NULL);

        /* A twig a digit at most, and two of them shared by ten routes. */
        assert_in_range(many, few, few + 4);
        assert_in_range(missed, 1, 8);
    }
}

/* 64 KiB of the worst: each place is tried once at most, and the steps are
 * those of the tree. */
static void bears_hostile_paths(void **state)
{
    static const char *const routes[] = { "/a/a/a/a/a/a/a/a/a/a/b",
        "/:a/:b/:c/:d/:e/:f/:g/:h/:i/:j/b", "/a/:b/a/:d/a/:f/a/:h/a/:j/b",
        "/:a/a/:c/a/:e/a/:g/a/:i/a/b", "/:a-:b-:c-:d-:e-:f-:g-:h-x",
        "/:a-:b/:c-:d/:e-:f/:g-:h/y", "/:a--:b", "/:a-" };
    static const char *const pieces[] = { "/a", "/", "-", "a-", "/a-a", "a",
        "/%61", "%2F", "/-", "--a" };
    enum { SIZE = 65536 };
    char *path = malloc(SIZE);
    const struct pattern *there;

    (void)state;
    assert_non_null(path);
    for (size_t i = 0; i < COUNT(routes); i++)
        assert_int_equal(add(routes[i], &there), 0);

    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t length = strlen(pieces[i]), used = 1;
        unsigned steps;

        *path = '/';
        for (; used + length <= SIZE; used += length)
            memcpy(path + used, pieces[i], length);
        find((struct str){ path, used }, &steps);
        assert_in_range(steps, 0, 200);
    }
    free(path);
}

/* All 2^8 ways of "a" and ":p": the search sees each place once. */
static void visits_no_place_twice(void **state)
{
    const struct pattern *there;
    unsigned steps;

    (void)state;
    for (int bits = 0; bits < 256; bits++) {
        char text[64] = "";

        for (int i = 0; i < 8; i++)
            sprintf(text + strlen(text), bits >> i & 1 ? "/a" : "/:p%d", i);
        strcat(text, "/end");
        assert_int_equal(add(text, &there), 0);
    }
    assert_null(find(STR("/a/a/a/a/a/a/a/a/no"), &steps));
    /* 2^9 - 1 places, with at most two steps at each. */
    assert_in_range(steps, 511, 1100);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefers_and_goes_back),
        cmocka_unit_test(lets_the_wildcard_be_last),
        cmocka_unit_test(finds_what_is_twice),
        cmocka_unit_test(binds_values),
        cmocka_unit_test(costs_the_path_not_the_routes),
        CASE(bears_hostile_paths),
        CASE(visits_no_place_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
