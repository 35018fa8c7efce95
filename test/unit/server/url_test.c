/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static seed_step handler(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static seed_server *server;

static int make(void **state)
{
    (void)state;
    server = seed_server_new(NULL);
    seed_get(server, "/unnamed", handler, NULL);
    seed_route_name(seed_get(server, "/", handler, NULL), "root");
    seed_route_name(seed_get(server, "/users/:id", handler, NULL), "user");
    seed_route_name(seed_get(server, "/at/:lat,:lon", handler, NULL), "at");
    seed_route_name(seed_get(server, "/files/*", handler, NULL), "files");
    return seed_server_error(server) ? -1 : 0;
}

static int release(void **state)
{
    (void)state;
    seed_server_free(server);
    return 0;
}

static const struct {
    const char *name, *values[7];
    const char *want;
    int error;
} cases[] = {
    { "root", { NULL }, "/", 0 },
    { "root", { "q", "1" }, "/?q=1", 0 },
    { "user", { "id", "7" }, "/users/7", 0 },
    { "user", { "id", "J\xc3\xb6rg /?" }, "/users/J%C3%B6rg%20%2F%3F", 0 },
    { "user", { "id", "7", "full", "a b&c", "x", "" },
        "/users/7?full=a%20b%26c&x=", 0 },
    { "user", { "a=b", "c", "id", "7" }, "/users/7?a%3Db=c", 0 },
    { "user", { "id", "7", "id", "8" }, "/users/7?id=8", 0 },
    { "at", { "lon", "2", "lat", "1" }, "/at/1,2", 0 },
    { "files", { "*", "a b/c" }, "/files/a%20b/c", 0 },
    { "user", { NULL }, NULL, SEED_EINVAL },
    { "user", { "id", "" }, NULL, SEED_EINVAL },
    { "user", { "id" }, NULL, SEED_EINVAL },
    { "nobody", { NULL }, NULL, SEED_ENOROUTE },
    { NULL, { NULL }, NULL, SEED_ENOROUTE },
};

static int build(size_t i, char *out, size_t room)
{
    const char *const *v = cases[i].values;

    return seed_route_url(server, cases[i].name, out, room, v[0], v[1], v[2],
        v[3], v[4], v[5], NULL, NULL);
}

static void builds_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        int length = build(i, out, sizeof out);

        if (cases[i].error) {
            assert_int_equal(length, cases[i].error);
            continue;
        }
        assert_int_equal(length, strlen(cases[i].want));
        assert_string_equal(out, cases[i].want);
    }
}

static void keeps_within_the_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = cases[i].want ? strlen(cases[i].want) : 0;

        for (size_t room = 0; room <= length; room++) {
            char out[64];

            memset(out, '#', sizeof out);
            assert_int_equal(build(i, out, room),
                cases[i].error ? cases[i].error : SEED_EFULL);
            assert_int_equal(out[room], '#');
        }
    }
}

static void no_server_has_no_routes(void **state)
{
    char out[64];

    (void)state;
    assert_int_equal(seed_route_url(NULL, "user", out, sizeof out, NULL),
        SEED_ENOROUTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_urls),
        cmocka_unit_test(keeps_within_the_room),
        cmocka_unit_test(no_server_has_no_routes),
    };

    return cmocka_run_group_tests(tests, make, release);
}
