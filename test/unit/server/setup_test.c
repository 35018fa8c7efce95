/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static seed_step note(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    seed_res_append(res, "Trail", ctx);
    return SEED_NEXT;
}

static seed_step answer(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    return seed_send_text(res, 200, ctx);
}

static int trailed(seed_server *server, const char *url, const char *want)
{
    seed_reply *reply = seed_inject(server,
        &(struct seed_injection){ .url = url });
    const char *raw = seed_reply_raw(reply, NULL);
    int status = seed_reply_status(reply);
    char trail[64] = "";

    while ((raw = strstr(raw, "\r\nTrail: ")))
        strncat(trail, raw += 9, 1);
    assert_string_equal(trail, want);
    seed_reply_free(reply);
    return status;
}

static void handlers_run_in_the_order_of_their_calls(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_route *route;

    (void)state;
    seed_use(server, note, "c");
    route = seed_get(server, "/", note, "e");
    seed_route_then(seed_route_then(route, note, "f"), answer, "hi");
    seed_use(server, note, "d");
    seed_pre(server, note, "a");
    seed_pre(server, note, "b");
    assert_int_equal(trailed(server, "/", "abcdef"), 200);
    assert_int_equal(trailed(server, "/none", "ab"), 404);
    seed_server_free(server);
}

static void error_handlers_match_by_name_first(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    seed_on_error(server, NULL, note, "x");
    seed_on_error(server, "NotFound", note, "y");
    seed_on_error(server, "Conflict", note, "n");
    seed_on_error(server, "ResourceNotFound", note, "z");
    assert_int_equal(trailed(server, "/none", "yzx"), 404);
    seed_server_free(server);
}

static void pre(seed_server *server)
{
    seed_pre(server, NULL, NULL);
}

static void use(seed_server *server)
{
    seed_use(server, NULL, NULL);
}

static void on_error(seed_server *server)
{
    seed_on_error(server, NULL, NULL, NULL);
}

static void pre_late(seed_server *server)
{
    seed_listen(server, "127.0.0.1", 0);
    seed_pre(server, note, NULL);
}

static void use_late(seed_server *server)
{
    seed_listen(server, "127.0.0.1", 0);
    seed_use(server, note, NULL);
}

static void on_error_late(seed_server *server)
{
    seed_listen(server, "127.0.0.1", 0);
    seed_on_error(server, NULL, note, NULL);
}

/* The sentence is `before`, the file, `:`, a line, `after`. */
static const struct {
    void (*make)(seed_server *server);
    int error;
    const char *before, *after;
} mistakes[] = {
    { pre, SEED_EINVAL, "seed_pre() (", ") has no handler: it is NULL." },
    { use, SEED_EINVAL, "seed_use() (", ") has no handler: it is NULL." },
    { on_error, SEED_EINVAL, "seed_on_error() (",
        ") has no handler: it is NULL." },
    { pre_late, SEED_ESTATE, "seed_pre() (note, ",
        ") comes after seed_listen(): add handlers and routes before it." },
    { use_late, SEED_ESTATE, "seed_use() (note, ",
        ") comes after seed_listen(): add handlers and routes before it." },
    { on_error_late, SEED_ESTATE, "seed_on_error() (note, ",
        ") comes after seed_listen(): add handlers and routes before it." },
};

static void mistakes_say_what_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        seed_server *server = seed_server_new(NULL);
        char want[256], kept[256];
        int line = 0;
        const char *at;

        mistakes[i].make(server);
        at = strstr(seed_server_error(server), "setup_test.c:");
        assert_non_null(at);
        sscanf(at + 13, "%d", &line);
        snprintf(want, sizeof want, "%s%s:%d%s", mistakes[i].before, __FILE__,
            line, mistakes[i].after);
        assert_string_equal(seed_server_error(server), want);

        /* The first one stays, and nothing more is done. */
        snprintf(kept, sizeof kept, "%s", seed_server_error(server));
        assert_null(seed_get(server, "no slash", note, NULL));
        assert_string_equal(seed_server_error(server), kept);
        assert_int_equal(seed_listen(server, "127.0.0.1", 0),
            mistakes[i].error);
        assert_int_equal(seed_run(server), mistakes[i].error);
        seed_server_free(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handlers_run_in_the_order_of_their_calls),
        cmocka_unit_test(error_handlers_match_by_name_first),
        cmocka_unit_test(mistakes_say_what_and_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
