/* SPDX-License-Identifier: MIT */
/* The whole room under threads: everything that they may do to a server, at
 * once, while clients come and go. Worth most under the thread sanitizer. */
#include "unit/server/served.h"

#include <seed/error.h>

#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLIENTS = 4, REQUESTS = 60 };

static atomic_int begun, after, resumed, posted, wrong;

static void count_pre(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    begun++;
}

static void count_after(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    after++;
}

static void *resume_it(void *ctx)
{
    seed_resume(ctx, SEED_NEXT);
    resumed++;
    return NULL;
}

/* Goes on from another thread, sometimes before this handler has returned. */
static seed_step wait_for_thread(seed_req *req, seed_res *res, void *ctx)
{
    pthread_t thread;

    (void)ctx;
    if (pthread_create(&thread, NULL, resume_it, req))
        return seed_fail(res, 503, "no thread");
    pthread_detach(thread);
    return SEED_WAIT;
}

static void work(void *ctx)
{
    atomic_int *cell = ctx;

    *cell = 42;
}

static seed_step send_cell(seed_req *req, seed_res *res, void *ctx)
{
    char text[16];

    (void)req;
    snprintf(text, sizeof text, "%d", *(atomic_int *)ctx);
    return seed_send_text(res, 200, text);
}

static seed_step offload(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_offload(req, work, send_cell,
        seed_req_alloc(req, sizeof(atomic_int)));
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_server *make_server(const struct seed_options *options)
{
    seed_server *server = seed_server_new(options);

    begun = after = resumed = posted = wrong = 0;
    seed_on(server, SEED_ON_PRE, count_pre, NULL);
    seed_after(server, count_after, NULL);
    seed_route_then(seed_get(server, "/wait", wait_for_thread, NULL), hello,
        NULL);
    seed_get(server, "/offload", offload, NULL);
    seed_get(server, "/", hello, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    return server;
}

struct client {
    pthread_t thread;
    seed_server *server;
    int number;
    bool patient; /* waits for its answers */
};

static const struct {
    const char *path, *want;
} paths[] = { { "/wait", "hello" }, { "/offload", "42" }, { "/", "hello" } };

static void leave_early(int port, const char *path)
{
    char text[64];
    int fd = dial(port);

    if (fd < 0)
        return;
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    if (write(fd, text, strlen(text)) > 0 && text[5] == 'w')
        sleep_ms(1);
    close_with_reset(fd);
}

static void *come_and_go(void *ctx)
{
    struct client *client = ctx;
    int port = seed_server_port(client->server);

    for (int i = client->number; i < REQUESTS + client->number; i++) {
        if (client->patient)
            wrong += strcmp(get(port, paths[i % 3].path),
                paths[i % 3].want) != 0;
        else
            leave_early(port, paths[i % 3].path);
    }
    return NULL;
}

static void count_visit(seed_worker *worker, void *ctx)
{
    (void)worker;
    (void)ctx;
    posted++;
}

static atomic_bool meddling;

static void *meddle(void *ctx)
{
    seed_server *server = ctx;

    while (meddling) {
        seed_reply *reply = seed_inject(server,
            &(struct seed_injection){ .url = "/offload" });

        wrong += reply && strcmp(seed_reply_body(reply, NULL), "42") != 0;
        seed_reply_free(reply);
        seed_each_worker(server, count_visit, NULL);
        wrong += seed_hook_count(server, SEED_ON_AFTER) != 1;
        sleep_ms(1);
    }
    return NULL;
}

static void start_clients(struct client *clients, seed_server *server)
{
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){ .server = server, .number = i,
            .patient = i % 2 == 0 };
        pthread_create(&clients[i].thread, NULL, come_and_go, &clients[i]);
    }
}

static void join_clients(struct client *clients)
{
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
}

static void every_request_has_its_after(void **state)
{
    seed_server *server = make_server(
        &(struct seed_options){ .workers = 2, .offload_threads = 2 });
    struct client clients[CLIENTS];
    struct served served;
    pthread_t meddler;

    (void)state;
    serve(&served, server);
    meddling = true;
    pthread_create(&meddler, NULL, meddle, server);
    start_clients(clients, server);
    join_clients(clients);
    meddling = false;
    pthread_join(meddler, NULL);
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(wrong, 0);
    assert_true(posted > 0);
    assert_true(begun >= CLIENTS / 2 * REQUESTS);
    seed_server_free(server);
    assert_int_equal(begun, after);
}

/* The same, but the server stops, and is freed, in the middle of it. */
static void also_when_the_server_ends_early(void **state)
{
    (void)state;
    for (unsigned grace = 0; grace < 4; grace++) {
        seed_server *server = make_server(
            &(struct seed_options){ .workers = 2, .offload_threads = 2 });
        struct client clients[CLIENTS];
        int port = seed_server_port(server);
        struct served served;
        int waits;

        serve(&served, server);
        assert_true(port > 0);
        start_clients(clients, server);
        sleep_ms(10);
        seed_stop(server, grace);
        /* Within milliseconds of grace some have no answer. */
        assert_true(serve_join(&served) == 0
            || (grace && served.result == SEED_ECUT));
        join_clients(clients); /* they ask it for its port */
        waits = begun;
        seed_server_free(server);
        assert_int_equal(waits, begun);
        assert_int_equal(begun, after);
        sleep_ms(20); /* threads that still resume */
    }
}

static void *stop_it(void *ctx)
{
    seed_stop(ctx, 0);
    return NULL;
}

static void *inject_it(void *ctx)
{
    seed_reply *reply = seed_inject(ctx,
        &(struct seed_injection){ .url = "/wait" });

    wrong += seed_reply_status(reply) != 200;
    seed_reply_free(reply);
    return stop_it(ctx);
}

static void end_loop(const seed_event *event, void *ctx)
{
    (void)event;
    event_base_loopbreak(ctx);
}

static void threads_reach_the_applications_loop(void **state)
{
    struct event_base *base = event_base_new();
    seed_server *server = make_server(&(struct seed_options){ .base = base });
    pthread_t thread;

    (void)state;
    seed_on(server, SEED_ON_STOP, end_loop, base);
    assert_int_equal(seed_start(server), 0);
    pthread_create(&thread, NULL, inject_it, server);
    event_base_dispatch(base);
    pthread_join(thread, NULL);
    assert_int_equal(wrong, 0);
    assert_int_equal(after, 1);
    seed_server_free(server);
    event_base_free(base);
}

static void many_threads_may_stop_it(void **state)
{
    seed_server *server = make_server(&(struct seed_options){ .workers = 2 });
    struct served served;
    pthread_t threads[4];

    (void)state;
    serve(&served, server);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, stop_it, server);
    assert_int_equal(serve_join(&served), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_has_its_after),
        cmocka_unit_test(also_when_the_server_ends_early),
        cmocka_unit_test(threads_reach_the_applications_loop),
        cmocka_unit_test(many_threads_may_stop_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
