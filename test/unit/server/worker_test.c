/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char order[128];
static seed_req *held;

static void note_event(const seed_event *event, void *ctx)
{
    (void)event;
    strcat(order, ctx);
}

static void note_task(void *ctx)
{
    strcat(order, ctx);
}

static seed_step hold(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    held = req;
    seed_send_text(res, 200, "sent");
    return SEED_WAIT; /* it has answered, and goes on */
}

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/hold", hold, NULL);
    seed_after(server, note_event, "after ");
    seed_on(server, SEED_ON_OPEN, note_event, "open ");
    seed_on(server, SEED_ON_CLOSE, note_event, "close ");
    seed_on(server, SEED_ON_LISTEN, note_event, "listen ");
    seed_on(server, SEED_ON_STOP, note_event, "stop ");
    order[0] = '\0';
    held = NULL;
    return server;
}

static void its_last_event_is_the_stop(void **state)
{
    seed_server *server = make_server();
    struct served served;
    int fd;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    fd = dial(seed_server_port(server));
    assert_non_null(strstr(ask(fd, "GET /hold HTTP/1.0\r\n\r\n", NULL),
        "sent"));
    close(fd);
    assert_int_equal(serve_stop(&served), 0);
    assert_string_equal(order, "listen open close after stop ");
    seed_resume(held, SEED_STOP);
    seed_server_free(server);
    assert_string_equal(order, "listen open close after stop ");
}

static void an_injected_worker_tells_nothing_of_serving(void **state)
{
    seed_server *server = make_server();
    seed_reply *reply = seed_inject(server,
        &(struct seed_injection){ .url = "/hold" });

    (void)state;
    assert_string_equal(seed_reply_body(reply, NULL), "sent");
    seed_reply_free(reply);
    assert_string_equal(order, "");
    seed_server_free(server);
    assert_string_equal(order, "after ");
    seed_resume(held, SEED_STOP);
}

static void what_was_let_in_is_run(void **state)
{
    seed_server *server = make_server();
    seed_worker *worker;

    (void)state;
    assert_int_equal(seed__workers_make(server, 1), 0);
    worker = &server->workers[0];
    assert_int_equal(seed_worker_post(worker, note_task, "a"), 0);
    assert_int_equal(seed_worker_post(worker, note_task, "b"), 0);
    seed__worker_end(worker);
    assert_string_equal(order, "ab");
    assert_int_equal(seed_worker_post(worker, note_task, "c"), SEED_ESTATE);
    seed__worker_end(worker); /* once */
    assert_int_equal(seed_next_turn(worker, note_task, "d"), 0);
    seed_server_free(server);
    assert_string_equal(order, "abd");
}

static void stopping_asks_once_at_a_time(void **state)
{
    seed_server *server = make_server();
    seed_worker *worker;

    (void)state;
    assert_int_equal(seed__workers_make(server, 1), 0);
    worker = &server->workers[0];
    seed__worker_ask_to_stop(worker);
    assert_true(atomic_load(&worker->stop_posted));
    seed__worker_ask_to_stop(worker);
    assert_int_equal(seed__loop_turn(worker->loop), 0);
    assert_false(atomic_load(&worker->stop_posted));
    assert_true(worker->flow.stopping);
    seed__worker_end(worker);
    seed__worker_ask_to_stop(worker); /* too late: nothing is left behind */
    assert_false(atomic_load(&worker->stop_posted));
    assert_string_equal(order, "listen stop ");
    seed_server_free(server);
}

static void workers_are_made_when_they_are_needed(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = 3 });

    (void)state;
    assert_null(server->workers);
    assert_int_equal(seed__workers_make(server, 1), 0);
    assert_int_equal(server->worker_count, 3);
    assert_non_null(server->workers[0].loop);
    assert_null(server->workers[1].loop);
    assert_int_equal(seed__workers_make(server, 3), 0);
    assert_non_null(server->workers[2].loop);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_last_event_is_the_stop),
        cmocka_unit_test(an_injected_worker_tells_nothing_of_serving),
        cmocka_unit_test(what_was_let_in_is_run),
        cmocka_unit_test(stopping_asks_once_at_a_time),
        cmocka_unit_test(workers_are_made_when_they_are_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
