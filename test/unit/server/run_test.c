/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include "base/str.h"

#include <event2/event.h>
#include <event2/http.h>
#include <event2/buffer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_step which(seed_req *req, seed_res *res, void *ctx)
{
    char text[16];

    (void)ctx;
    snprintf(text, sizeof text, "%u", seed_worker_index(seed_req_worker(req)));
    return seed_send_text(res, 200, text);
}

static seed_req *held;
static atomic_int holds;

static seed_step hold(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    held = req;
    holds++;
    return SEED_WAIT;
}

struct told {
    atomic_int listen, stopping, stop, after, gone;
    atomic_bool after_stop; /* something came behind the last event */
};

static void tell(const seed_event *event, void *ctx)
{
    struct told *told = ctx;

    told->listen += event->on == SEED_ON_LISTEN;
    if (told->stop)
        told->after_stop = true;
    told->stopping += event->on == SEED_ON_STOPPING;
    told->stop += event->on == SEED_ON_STOP;
    if (event->on != SEED_ON_AFTER)
        return;
    told->after++;
    told->gone += seed_res_status(event->res) == 444;
}

static seed_server *make_server(const struct seed_options *options,
    struct told *told)
{
    seed_server *server = seed_server_new(options);

    seed_get(server, "/", hello, NULL);
    seed_get(server, "/which", which, NULL);
    seed_get(server, "/hold", hold, NULL);
    seed_on(server, SEED_ON_LISTEN, tell, told);
    seed_on(server, SEED_ON_STOPPING, tell, told);
    seed_on(server, SEED_ON_STOP, tell, told);
    seed_on(server, SEED_ON_TURN, tell, told);
    seed_after(server, tell, told);
    held = NULL;
    holds = 0;
    return server;
}

static void serves_until_it_is_stopped(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(NULL, &told);
    struct served served;
    int port;

    (void)state;
    assert_int_equal(seed_listen(server, "localhost", 0), 0);
    port = seed_server_port(server);
    serve(&served, server);
    assert_string_equal(get(port, "/"), "hello");
    assert_string_equal(get(port, "/"), "hello");
    assert_false(seed_stopping(server));
    assert_int_equal(serve_stop(&served), 0);
    assert_true(seed_stopping(server));
    assert_int_equal(dial(port), -1);
    assert_int_equal(told.listen, 1);
    assert_int_equal(told.stop, 1);
    assert_int_equal(told.after, 2);

    /* A server runs once. */
    assert_int_equal(seed_run(server), SEED_ESTATE);
    assert_int_equal(seed_listen(server, "localhost", 0), SEED_ESTATE);
    seed_server_free(server);
}

static void runs_one_loop_a_worker(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .workers = 3 }, &told);
    struct served served;
    bool seen[3] = { false };

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    assert_true(await_count(&told.listen, 3));
    for (int i = 0; i < 100; i++)
        seen[get(seed_server_port(server), "/which")[0] - '0'] = true;
    for (size_t i = 0; i < COUNT(seen); i++)
        assert_true(seen[i]);
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(told.stopping, 3);
    assert_int_equal(told.stop, 3);
    seed_server_free(server);
}

static void shares_a_socket_file_among_workers(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .workers = 2 }, &told);
    struct served served;
    char path[64];

    (void)state;
    snprintf(path, sizeof path, "/tmp/seed-run-%ld", (long)getpid());
    assert_int_equal(seed_listen_unix(server, path), 0);
    serve(&served, server);
    for (int i = 0; i < 20; i++) {
        int fd = dial_unix(path);
        const char *answer;

        assert_true(fd >= 0);
        answer = ask(fd, "GET / HTTP/1.0\r\n\r\n", NULL);
        assert_non_null(strstr(answer, "\r\n\r\nhello"));
        close(fd);
    }
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_stop_before_the_start_counts(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .workers = 2 }, &told);

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    seed_stop(server, 0);
    assert_int_equal(seed_run(server), 0);
    assert_int_equal(told.listen, 2);
    assert_int_equal(told.stop, 2);
    seed_server_free(server);
}

static void stop_waits_for_an_answer(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(NULL, &told);
    struct served served;
    const char *answer;
    int fd;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    fd = dial(seed_server_port(server));
    assert_int_equal(write(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", 31),
        31);
    assert_true(await_count(&holds, 1));
    seed_stop(server, 5000);
    sleep_ms(50);
    assert_int_equal(told.stopping, 1);
    assert_int_equal(told.stop, 0);
    assert_int_equal(dial(seed_server_port(server)), -1);

    seed_resume(held, SEED_NEXT); /* nobody answers: 500 */
    answer = ask(fd, "", NULL);
    assert_memory_equal(answer, "HTTP/1.1 500 ", 13);
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    close(fd);
    assert_int_equal(serve_join(&served), 0);
    assert_int_equal(told.after, 1);
    assert_false(told.after_stop);
    seed_server_free(server);
}

static void a_shorter_grace_wins(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(NULL, &told);
    struct served served;
    int fd;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    fd = dial(seed_server_port(server));
    assert_int_equal(write(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", 31),
        31);
    assert_true(await_count(&holds, 1));
    seed_stop(server, 100000);
    seed_stop(server, 10);
    seed_stop(server, 100000);
    assert_int_equal(serve_join(&served), SEED_ECUT);
    assert_string_equal(seed_server_error(server), "Requests cut off: 1. "
        "They had no answer 10 ms after the server was told to stop.");
    assert_int_equal(told.after, 1);
    assert_int_equal(told.gone, 1);
    assert_false(told.after_stop);
    assert_int_equal(seed_req_peer_state(held), SEED_GONE);
    close(fd);

    /* The server goes first, the thread that holds the request after it. */
    seed_server_free(server);
    assert_int_equal(seed_send_text(seed_req_res(held), 200, "x"), SEED_STOP);
    seed_resume(held, SEED_STOP);
}

struct late {
    pthread_t thread;
    seed_req *req;
    unsigned wait;
};

static void *resume_late(void *ctx)
{
    struct late *late = ctx;

    sleep_ms(late->wait);
    seed_resume(late->req, SEED_STOP);
    return NULL;
}

/* Resumes meet the end of the server at every moment. */
static void a_late_resume_is_safe(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        struct told told = { 0 };
        seed_server *server = make_server(
            &(struct seed_options){ .workers = 2 }, &told);
        struct late late = { .wait = i / 2 };
        struct served served;
        int fd;

        assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
        serve(&served, server);
        fd = dial(seed_server_port(server));
        assert_int_equal(
            write(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", 31), 31);
        assert_true(await_count(&holds, 1));
        late.req = held;
        pthread_create(&late.thread, NULL, resume_late, &late);
        seed_stop(server, 0);
        assert_int_equal(serve_join(&served), 0);
        seed_server_free(server);
        pthread_join(late.thread, NULL);
        close(fd);
        assert_int_equal(told.after, 1);
    }
}

static void *free_it(void *server)
{
    seed_server_free(server);
    return NULL;
}

static void freeing_ends_what_another_thread_runs(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .workers = 2 }, &told);
    struct served served;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    free_it(server);
    assert_int_equal(serve_join(&served), 0);
    assert_int_equal(told.stop, 2);
}

static atomic_int complaints;

static void count_line(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
    complaints++;
}

static seed_step misuse(seed_req *req, seed_res *res, void *ctx)
{
    seed_server *server = seed_req_server(req);

    (void)ctx;
    seed_get(server, "/new", hello, NULL);
    seed_use(server, hello, NULL);
    seed_server_free(server);
    return seed_send_text(res, seed_run(server) == SEED_ESTATE &&
        seed_listen(server, "*", 0) == SEED_ESTATE &&
        seed_start(server) == SEED_ESTATE ? 200 : 500, "still here");
}

static void handlers_cannot_change_their_server(void **state)
{
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .warn = count_line }, &told);
    struct served served;

    (void)state;
    seed_get(server, "/misuse", misuse, NULL);
    complaints = 0;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    assert_string_equal(get(seed_server_port(server), "/misuse"),
        "still here");
    assert_int_equal(complaints, 3);
    assert_int_equal(serve_stop(&served), 0);
    assert_null(seed_server_error(server));
    seed_server_free(server);
}

/* --- on the application's own loop --------------------------------------- */

static void turn(struct event_base *base, unsigned milliseconds)
{
    struct timeval limit = { milliseconds / 1000,
        milliseconds % 1000 * 1000 };

    event_base_loopexit(base, &limit);
    event_base_dispatch(base);
}

struct getting {
    int port;
    const char *path;
    char body[64];
    atomic_bool done;
};

static void *get_on_thread(void *ctx)
{
    struct getting *getting = ctx;

    snprintf(getting->body, sizeof getting->body, "%s",
        get(getting->port, getting->path));
    getting->done = true;
    return NULL;
}

/* The client has a thread of its own, for this one turns the loop. */
static void check_get(struct event_base *base, int port, const char *path,
    const char *want)
{
    struct getting getting = { .port = port, .path = path };
    pthread_t thread;

    pthread_create(&thread, NULL, get_on_thread, &getting);
    while (!getting.done)
        turn(base, 10);
    pthread_join(thread, NULL);
    assert_string_equal(getting.body, want);
}

static void starts_on_the_applications_loop(void **state)
{
    struct event_base *base = event_base_new();
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .base = base }, &told);
    int port;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    port = seed_server_port(server);
    assert_int_equal(seed_start(server), 0);
    assert_int_equal(seed_start(server), SEED_ESTATE);
    assert_true(seed_server_embedded(server));
    assert_int_equal(told.listen, 0);
    for (int i = 0; i < 500 && !told.listen; i++)
        turn(base, 10);
    assert_int_equal(told.listen, 1);
    check_get(base, port, "/", "hello");

    seed_stop(server, 0);
    assert_int_equal(told.stop, 0);
    for (int i = 0; i < 500 && !told.stop; i++)
        turn(base, 10);
    assert_int_equal(told.stop, 1);
    assert_int_equal(dial(port), -1);
    assert_null(seed_current_worker());
    seed_server_free(server);
    event_base_free(base);
}

static void may_be_freed_without_a_stop(void **state)
{
    struct event_base *base = event_base_new();
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .base = base }, &told);
    int fd;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    assert_int_equal(seed_start(server), 0);
    fd = dial(seed_server_port(server));
    assert_int_equal(write(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", 31),
        31);
    for (int i = 0; i < 500 && !holds; i++)
        turn(base, 10);
    assert_int_equal(holds, 1);
    seed_server_free(server);
    assert_int_equal(told.after, 1);
    assert_int_equal(told.gone, 1);
    assert_int_equal(told.stop, 1);
    assert_false(told.after_stop);
    seed_resume(held, SEED_STOP);
    close(fd);
    event_base_free(base);
}

static void two_servers_share_a_loop(void **state)
{
    struct event_base *base = event_base_new();
    struct told told[2] = { { 0 }, { 0 } };
    seed_server *servers[2];

    (void)state;
    for (size_t i = 0; i < COUNT(servers); i++) {
        servers[i] = make_server(&(struct seed_options){ .base = base },
            &told[i]);
        assert_int_equal(seed_listen(servers[i], "127.0.0.1", 0), 0);
        assert_int_equal(seed_start(servers[i]), 0);
    }
    check_get(base, seed_server_port(servers[0]), "/", "hello");
    check_get(base, seed_server_port(servers[1]), "/", "hello");
    seed_server_free(servers[0]);
    check_get(base, seed_server_port(servers[1]), "/", "hello");
    assert_int_equal(told[0].after, 1);
    assert_int_equal(told[1].after, 2);
    seed_server_free(servers[1]);
    event_base_free(base);
}

static void general(struct evhttp_request *request, void *ctx)
{
    struct evbuffer *body = evbuffer_new();

    (void)ctx;
    evbuffer_add_printf(body, "evhttp's");
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static void serves_on_the_applications_evhttp(void **state)
{
    struct event_base *base = event_base_new();
    struct evhttp *evhttp = evhttp_new(base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(evhttp,
        "127.0.0.1", 0);
    int port = port_of(evhttp_bound_socket_get_fd(bound));
    struct told told = { 0 };
    seed_server *server = make_server(
        &(struct seed_options){ .base = base, .evhttp = evhttp }, &told);

    (void)state;
    evhttp_set_gencb(evhttp, general, NULL);
    assert_int_equal(seed_start(server), 0);
    assert_int_equal(seed_server_port(server), 0);
    check_get(base, port, "/", "hello");
    check_get(base, port, "/other", "evhttp's");
    assert_int_equal(told.after, 2);
    seed_server_free(server);

    /* What was evhttp's is evhttp's again. */
    check_get(base, port, "/", "evhttp's");
    evhttp_free(evhttp);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_until_it_is_stopped),
        cmocka_unit_test(runs_one_loop_a_worker),
        cmocka_unit_test(shares_a_socket_file_among_workers),
        cmocka_unit_test(a_stop_before_the_start_counts),
        cmocka_unit_test(stop_waits_for_an_answer),
        cmocka_unit_test(a_shorter_grace_wins),
        cmocka_unit_test(a_late_resume_is_safe),
        cmocka_unit_test(freeing_ends_what_another_thread_runs),
        cmocka_unit_test(handlers_cannot_change_their_server),
        cmocka_unit_test(starts_on_the_applications_loop),
        cmocka_unit_test(may_be_freed_without_a_stop),
        cmocka_unit_test(two_servers_share_a_loop),
        cmocka_unit_test(serves_on_the_applications_evhttp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
