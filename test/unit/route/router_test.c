/* SPDX-License-Identifier: MIT */
#include "route/router.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An allocator whose n-th call fails. */
static long calls, fail_at = -1, living;

static void *allocate(size_t size)
{
    void *memory = ++calls == fail_at ? NULL : malloc(size);

    living += memory != NULL;
    return memory;
}

static void *resize(void *memory, size_t size)
{
    void *larger = ++calls == fail_at ? NULL : realloc(memory, size);

    living += larger && !memory;
    return larger;
}

static void release(void *memory)
{
    living -= memory != NULL;
    free(memory);
}

static const struct {
    const char *method, *pattern;
} routes[] = {
    { "GET", "/" },
    { "GET", "/seed/v1" },
    { "GET", "/users/:id" },
    { "PUT", "/users/:id" },
    { "DELETE", "/users/me" },
    { "PROPFIND", "/users/me" },
    { "POST", "/only" },
    { "HEAD", "/both" },
    { "GET", "/both" },
    { "OPTIONS", "/both" },
    { "GET", "/any/:x" },
    { "*", "/any/fixed" },
    { "*", "/all/*" },
};

static int add_routes(struct router *router)
{
    const char *why;
    void *there;
    int err = 0;

    for (size_t i = 0; i < COUNT(routes) && !err; i++)
        err = seed__router_add(router, seed__str(routes[i].method),
            routes[i].pattern, (void *)(uintptr_t)&routes[i], &why, &there);
    return err;
}

static const struct {
    const char *method, *path;
    enum router_verdict verdict;
    const char *want; /* the method and pattern found */
} finds[] = {
    { "GET", "/", ROUTER_FOUND, "GET /" },
    { "GET", "/seed/v1", ROUTER_FOUND, "GET /seed/v1" },
    { "GET", "/seed/%761", ROUTER_FOUND, "GET /seed/v1" },
    { "get", "/seed/v1", ROUTER_NO_METHOD, NULL },
    { "GET", "/seed/v2", ROUTER_NO_PATH, NULL },
    { "GET", "/Seed/v1", ROUTER_NO_PATH, NULL },
    { "GET", "/seed/v1/", ROUTER_NO_PATH, NULL },
    { "GET", "/seed%2Fv1", ROUTER_NO_PATH, NULL },
    { "GET", "/seed/%zz", ROUTER_BAD_PATH, NULL },
    { "GET", "/nope/%00", ROUTER_BAD_PATH, NULL },
    { "BREW", "/nope/%00", ROUTER_BAD_PATH, NULL },
    { "GET", "/users/me", ROUTER_FOUND, "GET /users/:id" },
    { "DELETE", "/users/me", ROUTER_FOUND, "DELETE /users/me" },
    { "DELETE", "/users/it", ROUTER_NO_METHOD, NULL },
    { "POST", "/users/it", ROUTER_NO_METHOD, NULL },
    { "BREW", "/users/it", ROUTER_NO_METHOD, NULL },
    { "BREW", "/nope", ROUTER_NO_PATH, NULL },
    { "GET", "/only", ROUTER_NO_METHOD, NULL },
    { "GET", "/any/fixed", ROUTER_FOUND, "GET /any/:x" },
    { "PUT", "/any/fixed", ROUTER_FOUND, "* /any/fixed" },
    { "TRACE", "/any/fixed", ROUTER_NO_METHOD, NULL },
    { "BREW", "/all/of/it", ROUTER_FOUND, "* /all/*" },
    { "*", "/all/of/it", ROUTER_FOUND, "* /all/*" },
    { "GET", "*", ROUTER_NO_PATH, NULL },
};

static void finds_routes(void **state)
{
    struct router *router = seed__router_new();
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    assert_int_equal(add_routes(router), 0);
    for (size_t i = 0; i < COUNT(finds); i++) {
        struct match match = { 0 };
        char got[64];
        enum router_verdict verdict = seed__router_find(router,
            seed__str(finds[i].method), seed__str(finds[i].path), &arena,
            &match);

        if (verdict != finds[i].verdict)
            fail_msg("%s %s: %d", finds[i].method, finds[i].path, verdict);
        if (verdict != ROUTER_FOUND)
            continue;
        snprintf(got, sizeof got, "%s %s",
            routes[(const char (*)[sizeof *routes])match.value -
                (const char (*)[sizeof *routes])routes].method,
            routes[(const char (*)[sizeof *routes])match.value -
                (const char (*)[sizeof *routes])routes].pattern);
        assert_string_equal(got, finds[i].want);
    }
    seed__arena_clear(&arena, NULL, 0);
    seed__router_free(router);
}

static const struct {
    const char *path;
    bool head, options;
    const char *want;
} allows[] = {
    { "/", false, false, "GET" },
    { "/", true, false, "GET, HEAD" },
    { "/", false, true, "GET, OPTIONS" },
    { "/", true, true, "GET, HEAD, OPTIONS" },
    { "/only", true, true, "OPTIONS, POST" },
    { "/both", true, true, "GET, HEAD, OPTIONS" },
    { "/both", false, false, "GET, HEAD, OPTIONS" },
    { "/users/me", false, false, "DELETE, GET, PROPFIND, PUT" },
    { "/users/%6de", true, true,
        "DELETE, GET, HEAD, OPTIONS, PROPFIND, PUT" },
    { "/users/it", false, true, "GET, OPTIONS, PUT" },
    { "/all/", false, false,
        "DELETE, GET, HEAD, OPTIONS, POST, PROPFIND, PUT" },
    { "/nope", true, true, "" },
    { "/%zz", true, true, "" },
    { "*", true, true, "" },
};

static void lists_what_is_allowed(void **state)
{
    struct router *router = seed__router_new();
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    assert_int_equal(add_routes(router), 0);
    for (size_t i = 0; i < COUNT(allows); i++) {
        struct str got = seed__router_allow(router,
            seed__str(allows[i].path), allows[i].head, allows[i].options,
            &arena);

        assert_string_equal(got.at, allows[i].want);
        assert_int_equal(got.length, strlen(allows[i].want));
    }
    seed__arena_clear(&arena, NULL, 0);
    seed__router_free(router);
}

static void tells_who_was_there(void **state)
{
    struct router *router = seed__router_new();
    const char *why = NULL;
    void *there = NULL;
    int first, other;

    (void)state;
    assert_int_equal(seed__router_add(router, STR("GET"), "/a/:b", &first,
                         &why, &there), 0);
    assert_int_equal(seed__router_add(router, STR("PUT"), "/a/:b", &other,
                         &why, &there), 0);
    assert_int_equal(seed__router_add(router, STR("*"), "/a/:b", &other,
                         &why, &there), 0);
    assert_null(there);
    assert_int_equal(seed__router_add(router, STR("GET"), "/a/:c", &other,
                         &why, &there), SEED_EDUP);
    assert_ptr_equal(there, &first);
    assert_non_null(why);
    assert_int_equal(seed__router_add(router, STR("GET"), "a", &other, &why,
                         &there), SEED_EPATTERN);
    assert_string_equal(why, "a pattern starts with '/'");
    seed__router_free(router);
}

static void knows_its_methods(void **state)
{
    struct router *router = seed__router_new();
    const char *why;
    void *there;
    int value;

    (void)state;
    seed__router_add(router, STR("*"), "/", &value, &why, &there);
    assert_false(seed__router_has_method(router, STR("*")));
    assert_false(seed__router_has_method(router, STR("GET")));
    seed__router_add(router, STR("BREW"), "bad", &value, &why, &there);
    assert_false(seed__router_has_method(router, STR("BREW")));
    seed__router_add(router, STR("BREW"), "/", &value, &why, &there);
    assert_true(seed__router_has_method(router, STR("BREW")));
    assert_false(seed__router_has_method(router, STR("BRE")));
    seed__router_free(router);
}

/* The method's name is the caller's, and may be gone. */
static void copies_what_it_is_given(void **state)
{
    struct router *router = seed__router_new();
    char method[] = "GET", pattern[] = "/a/:b";
    struct match match;
    struct arena arena;
    const char *why;
    void *there;
    int value;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    seed__router_add(router, seed__str(method), pattern, &value, &why, &there);
    memset(method, 'x', 3);
    memset(pattern, 'x', 5);
    assert_int_equal(seed__router_find(router, STR("GET"), STR("/a/c"),
                         &arena, &match), ROUTER_FOUND);
    assert_ptr_equal(match.value, &value);
    assert_string_equal(match.params[0].name.at, "b");
    assert_string_equal(match.params[0].value.at, "c");
    seed__arena_clear(&arena, NULL, 0);
    seed__router_free(router);
}

static void matches_fixed_routes_without_memory(void **state)
{
    struct router *router = seed__router_new();
    struct match match;
    long before;

    (void)state;
    assert_int_equal(add_routes(router), 0);
    before = calls;
    /* Not even an arena is needed. */
    assert_int_equal(seed__router_find(router, STR("GET"), STR("/seed/v1"),
                         NULL, &match), ROUTER_FOUND);
    assert_int_equal(seed__router_find(router, STR("PUT"), STR("/seed/v1"),
                         NULL, &match), ROUTER_NO_METHOD);
    assert_int_equal(seed__router_find(router, STR("PUT"), STR("/nope"),
                         NULL, &match), ROUTER_NO_PATH);
    assert_int_equal(calls, before);
    seed__router_free(router);
}

/* Patterns that are nothing but long. They move the border of the arena's
 * blocks, so that every piece of memory has its turn to need a new one. */
static int pad(struct router *router, size_t size)
{
    char text[2100];
    const char *why;
    void *there;
    int err = 0;

    for (int i = 0; i < 4 && !err; i++) {
        memset(text, 'A' + i, size / 4 + 1);
        text[0] = '/';
        text[size / 4 + 1] = '\0';
        err = size / 4 ? seed__router_add(router, STR("GET"), text, NULL,
            &why, &there) : 0;
    }
    return err;
}

static int work(struct arena *arena, size_t padding)
{
    struct router *router = seed__router_new();
    struct match match;
    int err = router ? pad(router, padding) : SEED_ENOMEM;

    seed__arena_bytes(arena, padding);
    if (!err)
        err = add_routes(router);
    if (!err && seed__router_find(router, STR("PUT"), STR("/users/%61"),
            arena, &match) != ROUTER_FOUND)
        err = SEED_ENOMEM;
    if (!err && !seed__router_allow(router, STR("/users/%61"), true, true,
            arena).at)
        err = SEED_ENOMEM;
    seed__router_free(router);
    return err;
}

/* Fails the first allocation, the second, and so on; says how many failed. */
static int fail_each(size_t padding)
{
    int failures = 0, err = SEED_ENOMEM;

    for (fail_at = 1; err; fail_at++) {
        struct arena arena;
        char first[8192];

        calls = 0;
        seed__arena_init(&arena, first, sizeof first);
        err = work(&arena, padding);
        seed__arena_clear(&arena, NULL, 0);
        assert_int_equal(living, 0);
        assert_true(!err || err == SEED_ENOMEM);
        failures += err != 0;
    }
    fail_at = -1;
    return failures;
}

static void survives_each_failed_allocation(void **state)
{
    (void)state;
    for (size_t padding = 0; padding < 8192; padding += 4)
        assert_in_range(fail_each(padding), 2, 20);
}

static void allows_nothing_without_memory(void **state)
{
    struct router *router = seed__router_new();
    struct arena arena;
    struct str allow;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    calls = 0;
    fail_at = 1;
    allow = seed__router_allow(router, seed__str("/%41/b"), true, true,
        &arena);
    fail_at = -1;
    assert_null(allow.at);
    seed__arena_clear(&arena, NULL, 0);
    seed__router_free(router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_routes),
        cmocka_unit_test(lists_what_is_allowed),
        cmocka_unit_test(tells_who_was_there),
        cmocka_unit_test(knows_its_methods),
        cmocka_unit_test(copies_what_it_is_given),
        cmocka_unit_test(matches_fixed_routes_without_memory),
        cmocka_unit_test(survives_each_failed_allocation),
        cmocka_unit_test(allows_nothing_without_memory),
    };

    if (seed__mem_replace(allocate, resize, release))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
