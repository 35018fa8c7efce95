/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static atomic_int calls;

static void count(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    calls++;
}

static void other(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static seed_step leak(seed_req *req, seed_res *res, void *ctx)
{
    seed_server *server = seed_req_server(req);
    char text[16];

    (void)ctx;
    seed_after(server, count, NULL);
    snprintf(text, sizeof text, "%zu",
        seed_hook_count(server, SEED_ON_AFTER));
    return seed_send_text(res, 200, text);
}

static seed_step unleak(seed_req *req, seed_res *res, void *ctx)
{
    int err = seed_off(seed_req_server(req), SEED_ON_AFTER, count, NULL);

    (void)ctx;
    return seed_send_text(res, 200, err ? "none" : "off");
}

static int lines;
static char last_line[1024];

static void hear(const char *line, void *ctx)
{
    (void)ctx;
    lines++;
    if (strstr(line, "Warning"))
        snprintf(last_line, sizeof last_line, "%s", line);
}

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .warn = hear });

    seed_get(server, "/leak", leak, NULL);
    seed_get(server, "/unleak", unleak, NULL);
    calls = lines = 0;
    return server;
}

static void check(seed_server *server, const char *url, const char *want)
{
    seed_reply *reply = seed_inject(server,
        &(struct seed_injection){ .url = url });

    assert_string_equal(seed_reply_body(reply, NULL), want);
    seed_reply_free(reply);
}

static void grow_while_requests_add_them(void **state)
{
    seed_server *server = make_server();

    (void)state;
    check(server, "/leak", "1");
    assert_int_equal(calls, 1); /* also for the request that added it */
    check(server, "/leak", "2");
    assert_int_equal(calls, 3);
    check(server, "/unleak", "off");
    assert_int_equal(calls, 4);
    check(server, "/unleak", "off");
    check(server, "/unleak", "none");
    assert_int_equal(calls, 4);
    assert_int_equal(seed_hook_count(server, SEED_ON_AFTER), 0);
    seed_server_free(server);
}

static void reach_a_worker_that_was_made_early(void **state)
{
    seed_server *server = make_server();

    (void)state;
    check(server, "/unleak", "none");
    assert_int_equal(seed_after(server, count, NULL), 0);
    check(server, "/leak", "2");
    assert_int_equal(calls, 2);
    assert_int_equal(seed_hook_count(server, SEED_ON_AFTER), 1);
    assert_int_equal(seed_off(server, SEED_ON_AFTER, count, NULL), 0);
    check(server, "/unleak", "off");
    check(server, "/unleak", "none");
    seed_server_free(server);
}

static void belong_to_the_worker_that_adds_them(void **state)
{
    seed_server *server = make_server();
    struct served served;

    (void)state;
    assert_int_equal(seed_after(server, count, NULL), 0);
    assert_int_equal(seed_after(server, other, &calls), 0);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    assert_int_equal(seed_after(server, other, &lines), 0);
    serve(&served, server);
    assert_string_equal(get(seed_server_port(server), "/leak"), "4");
    assert_string_equal(get(seed_server_port(server), "/leak"), "5");
    assert_true(await_count(&calls, 2 + 3));
    assert_int_equal(seed_hook_count(server, SEED_ON_AFTER), 3);

    /* This thread runs no worker. */
    assert_int_equal(seed_after(server, count, NULL), SEED_ESTATE);
    assert_int_equal(seed_off(server, SEED_ON_AFTER, count, NULL),
        SEED_ESTATE);
    assert_int_equal(seed_trace(server, &(seed_tracer){ 0 }), SEED_ESTATE);
    seed_set_max_hooks(server, 1);
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(seed_after(server, count, NULL), SEED_ESTATE);
    assert_null(seed_server_error(server));
    seed_server_free(server);
}

static void warn_at_the_eleventh(void **state)
{
    seed_server *server = make_server();

    (void)state;
    last_line[0] = '\0';
    for (int i = 0; i < 10; i++)
        seed_after(server, count, NULL);
    assert_int_equal(lines, 0);
    seed_after(server, count, NULL);
    assert_non_null(strstr(last_line, "11 after hooks"));
    assert_non_null(strstr(last_line, "count at "));
    assert_non_null(strstr(last_line, "hooks_test.c:"));
    lines = 0;
    seed_after(server, count, NULL);
    assert_int_equal(lines, 0);
    seed_server_free(server);
}

static const struct {
    size_t limit;
    int silent, loud;
} limits[] = {
    { 3, 3, 4 },
    { 0, 10, 11 },
    { SEED_UNLIMITED, 50, 0 },
};

static void warn_at_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        seed_server *server = make_server();
        int added = 0;

        seed_set_max_hooks(server, limits[i].limit);
        while (added++ < limits[i].silent)
            seed_after(server, count, NULL);
        assert_int_equal(lines, 0);
        seed_after(server, count, NULL);
        assert_int_equal(lines > 0, limits[i].loud > 0);
        seed_server_free(server);
    }
}

static seed_step set_limit(seed_req *req, seed_res *res, void *ctx)
{
    seed_set_max_hooks(seed_req_server(req), SEED_UNLIMITED);
    return leak(req, res, ctx);
}

static void a_handler_may_lift_its_workers_limit(void **state)
{
    seed_server *server = make_server();

    (void)state;
    seed_get(server, "/lifted", set_limit, NULL);
    last_line[0] = '\0';
    for (int i = 1; i < 30; i++)
        seed_reply_free(seed_inject(server,
            &(struct seed_injection){ .url = "/lifted" }));

    /* But a leak is one whatever the limit. */
    assert_null(strstr(last_line, "MaxListeners"));
    assert_non_null(strstr(last_line, "HookLeakWarning: count "));
    seed_server_free(server);
}

/* --- listeners to hooks --------------------------------------------------- */

static struct seed_hooked last_hooked;

static void hear_hooked(const struct seed_hooked *hooked, void *ctx)
{
    assert_ptr_equal(ctx, &last_hooked);
    last_hooked = *hooked;
}

static void are_told_when_added(void **state)
{
    seed_server *server = make_server();

    (void)state;
    assert_int_equal(seed_on_hooked(NULL, hear_hooked, NULL), SEED_ENOMEM);
    assert_int_equal(seed_on_hooked(server, NULL, NULL), SEED_EINVAL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(seed_on_hooked(server, hear_hooked, &last_hooked), 0);
    assert_int_equal(seed_on_hooked(server, hear_hooked, NULL), SEED_EFULL);

    seed_after(server, other, NULL);
    assert_int_equal(last_hooked.on, SEED_ON_AFTER);
    assert_string_equal(last_hooked.site->function, "other");
    assert_ptr_equal(last_hooked.server, server);
    assert_null(last_hooked.worker);
    assert_null(last_hooked.running);
    assert_int_equal(last_hooked.members, 1);
    assert_int_equal(last_hooked.same, 1);
    assert_int_equal(last_hooked.limit, 10);

    check(server, "/leak", "2");
    assert_string_equal(last_hooked.site->function, "count");
    assert_string_equal(last_hooked.running->function, "leak");
    assert_non_null(last_hooked.worker);
    assert_int_equal(last_hooked.members, 2);
    assert_int_equal(last_hooked.same, 1);
    seed_server_free(server);
}

/* --- tracing -------------------------------------------------------------- */

static char trail[512];

static void enter(const seed_site *site, seed_req *req, void *ctx)
{
    assert_ptr_equal(seed_current_site(), site);
    assert_ptr_equal(seed_current_req(), req);
    assert_int_equal(site->route != NULL, !strcmp(site->kind, "route"));
    strcat(strcat(strcat(trail, ctx), site->kind), " ");
}

static void leave(const seed_site *site, seed_req *req, void *ctx)
{
    (void)site;
    (void)req;
    (void)ctx;
    strcat(trail, "< ");
}

static seed_step pass(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static void tracers_see_every_function(void **state)
{
    seed_server *server = make_server();
    const seed_tracer tracer = {
        .enter = enter, .leave = leave, .ctx = ""
    };

    (void)state;
    seed_pre(server, pass, NULL);
    seed_use(server, pass, NULL);
    seed_after(server, other, NULL);
    assert_int_equal(seed_trace(server, &tracer), 0);
    trail[0] = '\0';
    seed_reply_free(seed_inject(server,
        &(struct seed_injection){ .url = "/unleak" }));
    assert_string_equal(trail, "pre < use < route < after < ");
    assert_null(seed_current_site());
    seed_server_free(server);
}

static void eight_tracers_are_enough(void **state)
{
    seed_server *server = make_server();

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(seed_trace(server, &(seed_tracer){ 0 }), 0);
    assert_int_equal(seed_trace(server, &(seed_tracer){ 0 }), SEED_EFULL);
    assert_string_equal(seed_server_error(server), "seed_trace() was called 9 "
        "times: a server has at most 8 tracers.");
    assert_int_equal(seed_trace(server, &(seed_tracer){ 0 }), SEED_EFULL);
    seed_server_free(server);
}

static void list(const seed_site *site, void *ctx)
{
    strcat(strcat(strcat(ctx, site->kind), "="), site->function);
    strcat(ctx, " ");
    assert_non_null(strstr(site->file, "hooks_test.c"));
    assert_true(site->line > 0);
    assert_non_null(site->address);
}

static seed_step list_here(seed_req *req, seed_res *res, void *ctx)
{
    seed_after(seed_req_server(req), other, NULL);
    seed_each_site(seed_req_server(req), list, ctx);
    return seed_send_text(res, 200, ctx);
}

static void lists_every_site(void **state)
{
    seed_server *server = seed_server_new(NULL);
    char text[512] = "", here[512] = "";

    (void)state;
    seed_after(server, count, NULL);
    seed_on_error(server, NULL, pass, NULL);
    seed_route_then(seed_get(server, "/", pass, NULL), list_here, here);
    seed_use(server, pass, NULL);
    seed_pre(server, pass, NULL);
    seed_each_site(server, list, text);
    assert_string_equal(text, "pre=pass use=pass route=pass route=list_here "
        "error=pass after=count ");
    check(server, "/", "pre=pass use=pass route=pass route=list_here "
        "error=pass after=count after=other ");
    seed_server_free(server);
    seed_each_site(NULL, list, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grow_while_requests_add_them),
        cmocka_unit_test(reach_a_worker_that_was_made_early),
        cmocka_unit_test(belong_to_the_worker_that_adds_them),
        cmocka_unit_test(warn_at_the_eleventh),
        cmocka_unit_test(warn_at_the_limit),
        cmocka_unit_test(are_told_when_added),
        cmocka_unit_test(a_handler_may_lift_its_workers_limit),
        cmocka_unit_test(tracers_see_every_function),
        cmocka_unit_test(eight_tracers_are_enough),
        cmocka_unit_test(lists_every_site),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
