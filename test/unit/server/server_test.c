/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The n-th allocation fails when `left` is n; 0: none does. */
static int left;

static bool fails(void)
{
    return left && !--left;
}

static void *allocate(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static void *resize(void *memory, size_t size)
{
    return fails() ? NULL : realloc(memory, size);
}

static seed_step handler(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static void hook(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static void lent(struct evhttp_request *request, void *ctx)
{
    (void)request;
    (void)ctx;
}

/* Everything that a setup may do. */
static void set_up(seed_server *server)
{
    static const char key;
    seed_route *route;

    seed_pre(server, handler, NULL);
    seed_use(server, handler, NULL);
    route = seed_get(server, "/a/:b", handler, NULL);
    seed_route_then(route, handler, NULL);
    seed_route_name(route, "a");
    seed_route_set(route, &key, server);
    seed_mount_evhttp(server, "/old/*", lent, NULL);
    seed_on_error(server, "NotFound", handler, NULL);
    seed_after(server, hook, NULL);
    seed_trace(server, &(seed_tracer){ 0 });
    seed_set_max_hooks(server, 5);
    seed_off(server, SEED_ON_AFTER, hook, NULL);
}

static void a_null_server_is_out_of_memory(void **state)
{
    (void)state;
    set_up(NULL);
    assert_null(seed_get(NULL, "/", handler, NULL));
    assert_null(seed_route_then(NULL, handler, NULL));
    assert_null(seed_route_name(NULL, "a"));
    assert_null(seed_route_set(NULL, &left, NULL));
    assert_null(seed_route_slot(NULL, &left));
    assert_null(seed_route_method(NULL));
    assert_null(seed_route_pattern(NULL));
    assert_null(seed_route_title(NULL));
    seed_each_route(NULL, NULL, NULL);
    assert_int_equal(seed_on(NULL, SEED_ON_AFTER, hook, NULL), SEED_ENOMEM);
    assert_int_equal(seed_off(NULL, SEED_ON_AFTER, hook, NULL), SEED_ENOMEM);
    assert_int_equal(seed_trace(NULL, NULL), SEED_ENOMEM);
    assert_int_equal(seed_hook_count(NULL, SEED_ON_AFTER), 0);
    assert_int_equal(seed_listen(NULL, "*", 0), SEED_ENOMEM);
    assert_int_equal(seed_listen_unix(NULL, "/x"), SEED_ENOMEM);
    assert_int_equal(seed_listen_fd(NULL, -1), SEED_ENOMEM);
    assert_int_equal(seed_run(NULL), SEED_ENOMEM);
    assert_int_equal(seed_start(NULL), SEED_ENOMEM);
    assert_int_equal(seed_each_worker(NULL, NULL, NULL), SEED_ENOMEM);
    seed_stop(NULL, 0);
    assert_false(seed_stopping(NULL));
    assert_int_equal(seed_server_port(NULL), 0);
    assert_string_equal(seed_server_url(NULL), "");
    assert_string_equal(seed_server_error(NULL), "out of memory");
    seed_server_free(NULL);
}

/* Fails the 1st, 2nd, ... allocation of a setup until none is left to fail. */
static void every_failed_allocation_is_told(void **state)
{
    int n = 1;

    (void)state;
    for (bool met = true; met; n++) {
        seed_server *server;

        left = n;
        server = seed_server_new(NULL);
        set_up(server);
        met = !left;
        left = 0;
        if (met && server && seed_server_error(server))
            assert_int_equal(seed_run(server), SEED_ENOMEM);
        assert_true(!met || !server || seed_server_error(server));
        seed_server_free(server);
    }
    assert_in_range(n, 15, 200);
}

static void options_are_copied(void **state)
{
    char name[] = "mine";
    struct seed_options options = { .name = name };
    seed_server *server = seed_server_new(&options);
    seed_reply *reply;

    (void)state;
    memset(name, 'x', sizeof name - 1);
    memset(&options, 0xff, sizeof options);
    reply = seed_inject(server, NULL);
    assert_string_equal(seed_reply_header(reply, "Server"), "mine");
    seed_reply_free(reply);
    seed_server_free(server);
}

static void an_older_caller_has_fewer_options(void **state)
{
    struct {
        const char *name;
        unsigned workers;
        char garbage[512];
    } older = { "old", 1, { 0 } };
    seed_server *server;
    seed_reply *reply;

    (void)state;
    memset(older.garbage, 0xff, sizeof older.garbage);
    server = seed_server_new_sized((const struct seed_options *)(void *)&older,
        offsetof(struct seed_options, workers) + sizeof older.workers);
    reply = seed_inject(server, NULL);
    assert_string_equal(seed_reply_header(reply, "Server"), "old");
    seed_reply_free(reply);
    seed_server_free(server);
}

static void a_newer_caller_may_have_more(void **state)
{
    struct {
        struct seed_options known;
        void *unknown;
    } newer = { { .name = "new" }, NULL };
    seed_server *server = seed_server_new_sized(&newer.known, sizeof newer);

    (void)state;
    assert_null(seed_server_error(server));
    seed_server_free(server);

    newer.unknown = &newer;
    server = seed_server_new_sized(&newer.known, sizeof newer);
    assert_string_equal(seed_server_error(server), "The server cannot be made: "
        "its options hold a field that libseed " SEED_VERSION " does not know; "
        "link a newer one.");
    assert_int_equal(seed_run(server), SEED_EUNSUPPORTED);
    seed_server_free(server);
}

/* A plugin's setup error is like any other. */
static void plugins_may_fail_the_setup(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_int_equal(seed_setup_fail(NULL, SEED_EINVAL, "no"), SEED_ENOMEM);
    assert_int_equal(seed_setup_fail(server, SEED_EUNSUPPORTED, "%d no", 1),
        SEED_EUNSUPPORTED);
    assert_int_equal(seed_setup_fail(server, SEED_EINVAL, "2 no"),
        SEED_EUNSUPPORTED);
    assert_string_equal(seed_server_error(server), "1 no");
    assert_int_equal(seed_listen(server, "localhost", 0), SEED_EUNSUPPORTED);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plugins_may_fail_the_setup),
        cmocka_unit_test(a_null_server_is_out_of_memory),
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(options_are_copied),
        cmocka_unit_test(an_older_caller_has_fewer_options),
        cmocka_unit_test(a_newer_caller_may_have_more),
    };

    if (seed_use_allocator(allocate, resize, free))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
