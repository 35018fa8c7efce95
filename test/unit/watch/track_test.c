/* SPDX-License-Identifier: MIT */
#include "watch/track.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct track *track;
static _Atomic int opened, entered, left, looked;

static void on_listen(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    track = seed__track_open();
    opened++;
}

static void on_stop(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seed__track_close(track);
}

static seed_step wait_inside(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    entered++;
    await_count(&left, entered);
    return SEED_NEXT;
}

static void wait_in_hook(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    entered++;
    await_count(&left, entered);
}

static seed_step send_it(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "done");
}

static void *ask_it(void *ctx)
{
    get(*(int *)ctx,
        "/users/7?with=a-query-that-is-longer-than-the-place-that-there-is-for"
        "-it-and-so-is-cut-at-its-end-and-so-is-cut-at-its-end-and-so-is-cut-"
        "at-its-end-and-so-is-cut-at-its-end-and-so-is-cut-at-its-end-and");
    return NULL;
}

static void check(const char *function, const char *kind)
{
    struct place place;

    assert_true(seed__track_look(track, &place));
    assert_non_null(place.site);
    assert_string_equal(function, place.site->function);
    assert_string_equal(kind, place.site->kind);
    assert_string_equal("GET", place.method);
    assert_int_equal(sizeof place.url - 1, strlen(place.url));
    assert_true(!strncmp("/users/7?with=a-query", place.url, 21));
    assert_non_null(place.route);
    assert_string_equal("/users/:id", seed_route_pattern(place.route));
}

static void tells_where_a_thread_is(void **state)
{
    seed_server *server = seed_server_new(NULL);
    struct served served;
    struct place place;
    pthread_t client;
    int port;

    (void)state;
    seed_route_then(seed_get(server, "/users/:id", wait_inside, NULL), send_it,
        NULL);
    seed_on(server, SEED_ON_SEND, wait_in_hook, NULL);
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_STOP, on_stop, NULL);
    assert_int_equal(0, seed__track_trace(server));
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    port = seed_server_port(server);
    serve(&served, server);
    assert_true(await_count(&opened, 1));
    assert_int_equal(0, pthread_create(&client, NULL, ask_it, &port));

    assert_true(await_count(&entered, 1));
    check("wait_inside", "route");
    left++;
    assert_true(await_count(&entered, 2));
    check("wait_in_hook", "send");
    left++;
    pthread_join(client, NULL);

    sleep_ms(20);
    assert_true(seed__track_look(track, &place));
    assert_null(place.site);
    assert_string_equal("", place.url);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

/* Requests come and go while they are looked at: what is told of one is whole,
 * or nothing is. */
static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_param(req, "id"));
}

static void *look_always(void *ctx)
{
    struct place place;
    long seen = 0;

    (void)ctx;
    while (!looked) {
        unsigned one = 0, two = 1;

        if (!seed__track_look(track, &place) || !*place.url)
            continue;
        assert_string_equal("GET", place.method);
        assert_int_equal(2, sscanf(place.url, "/n/%u-%u", &one, &two));
        assert_int_equal(one, two);
        seen++;
    }
    return (void *)seen;
}

static void never_mixes_requests(void **state)
{
    seed_server *server = seed_server_new(NULL);
    struct served served;
    pthread_t looker;
    char head[128];
    int client;

    (void)state;
    opened = looked = 0;
    seed_get(server, "/n/:id", hello, NULL);
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_STOP, on_stop, NULL);
    assert_int_equal(0, seed__track_trace(server));
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    serve(&served, server);
    assert_true(await_count(&opened, 1));
    assert_int_equal(0, pthread_create(&looker, NULL, look_always, NULL));
    client = dial(seed_server_port(server));
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(head, sizeof head,
            "GET /n/%u-%u HTTP/1.1\r\nHost: t\r\n\r\n", i, i);
        ask(client, head, "\r\n\r\n");
    }
    close(client);
    looked = 1;
    pthread_join(looker, NULL);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

static void is_shared_on_a_thread(void **state)
{
    struct track *one = seed__track_open(), *two = seed__track_open();
    struct place place;

    (void)state;
    assert_non_null(one);
    assert_ptr_equal(one, two);
    seed__track_close(one);
    assert_true(seed__track_look(two, &place));
    seed__track_close(two);
    seed__track_close(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_where_a_thread_is),
        cmocka_unit_test(never_mixes_requests),
        cmocka_unit_test(is_shared_on_a_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
