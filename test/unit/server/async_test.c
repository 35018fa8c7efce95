/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char order[256];

static void note(void *ctx)
{
    strcat(order, ctx);
}

static seed_req *waiting;

static void end_request(void *ctx)
{
    (void)ctx;
    seed_resume(waiting, seed_send_text(seed_req_res(waiting), 200, order));
}

static seed_step turns(seed_req *req, seed_res *res, void *ctx)
{
    seed_worker *worker = seed_req_worker(req);

    (void)res;
    (void)ctx;
    waiting = req;
    assert_int_equal(seed_next_turn(worker, note, "a"), 0);
    assert_int_equal(seed_next_turn(worker, note, "b"), 0);
    assert_int_equal(seed_next_turn(worker, end_request, NULL), 0);
    note("now ");
    return SEED_WAIT;
}

static seed_timer *ticker, *spare;
static int ticks;

static void tick(void *ctx)
{
    (void)ctx;
    note("t");
    if (++ticks < 3)
        return;
    seed_timer_stop(ticker); /* from its own task */
    end_request(NULL);
}

static seed_step timers(seed_req *req, seed_res *res, void *ctx)
{
    seed_worker *worker = seed_req_worker(req);

    (void)res;
    (void)ctx;
    waiting = req;
    ticks = 0;
    /* Far enough apart for a slow machine to keep them in order. */
    ticker = seed_timer_start(worker, 100, true, tick, NULL);
    spare = seed_timer_start(worker, 1, false, note, "once ");
    assert_non_null(ticker);
    seed_timer_stop(seed_timer_start(worker, 0, false, note, "never "));
    seed_timer_stop(NULL);
    return SEED_WAIT;
}

static seed_step posts(seed_req *req, seed_res *res, void *ctx)
{
    seed_worker *worker = seed_req_worker(req);

    (void)res;
    (void)ctx;
    waiting = req;
    assert_int_equal(seed_worker_post(worker, note, "1"), 0);
    assert_int_equal(seed_worker_post(worker, note, "2"), 0);
    assert_int_equal(seed_worker_post(worker, end_request, NULL), 0);
    return SEED_WAIT;
}

static const struct {
    const char *url, *want;
} cases[] = {
    { "/turns", "now ab" },
    { "/timers", "once ttt" },
    { "/posts", "12" },
};

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/turns", turns, NULL);
    seed_get(server, "/timers", timers, NULL);
    seed_get(server, "/posts", posts, NULL);
    return server;
}

static void keeps_its_order(void **state)
{
    seed_server *server = make_server();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seed_reply *reply;

        order[0] = '\0';
        reply = seed_inject(server,
            &(struct seed_injection){ .url = cases[i].url });
        assert_string_equal(seed_reply_body(reply, NULL), cases[i].want);
        seed_reply_free(reply);
    }
    seed_timer_stop(spare); /* it has fired: it is still the owner's */
    seed_server_free(server);
}

/* --- the end of a worker -------------------------------------------------- */

static seed_timer *left;
static seed_worker *first;
static int turns_left;

static void count_turn(void *ctx)
{
    (void)ctx;
    turns_left++;
}

static void on_event(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (event->on == SEED_ON_LISTEN) {
        first = event->worker;
        left = seed_timer_start(event->worker, 60000, true, note, "late");
        seed_timer_start(event->worker, 60000, false, note, "later");
        seed_stop(event->server, 0);
        return;
    }
    note("stop");
    assert_int_equal(seed_worker_post(event->worker, note, "x"), SEED_ESTATE);
    seed_timer_stop(left); /* ended by now, and still valid */
    seed_next_turn(event->worker, count_turn, NULL);
}

static void timers_end_with_their_worker(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    order[0] = '\0';
    turns_left = 0;
    seed_on(server, SEED_ON_LISTEN, on_event, NULL);
    seed_on(server, SEED_ON_STOP, on_event, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    assert_int_equal(seed_run(server), 0);
    assert_string_equal(order, "stop");
    assert_int_equal(seed_worker_post(first, note, "x"), SEED_ESTATE);
    seed_server_free(server);
    assert_int_equal(turns_left, 1); /* what was promised still runs */
}

/* --- from other threads --------------------------------------------------- */

enum { WORKERS = 3, POSTS = 200 };

static atomic_int visits, sum, wrong;
static atomic_uint seen;

static void visit(seed_worker *worker, void *ctx)
{
    (void)ctx;
    seen |= 1u << seed_worker_index(worker);
    wrong += seed_current_worker() != worker;
    visits++;
}

static void add(void *ctx)
{
    (void)ctx;
    sum++;
}

static seed_worker *workers[WORKERS];

static void learn(seed_worker *worker, void *ctx)
{
    workers[seed_worker_index(worker)] = worker;
    visit(worker, ctx); /* which says that it is there */
}

static void *post_many(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < POSTS; i++)
        wrong += seed_worker_post(workers[i % WORKERS], add, NULL) != 0;
    return NULL;
}

static void reaches_every_worker_from_any_thread(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = WORKERS });
    struct served served;
    pthread_t threads[4];

    (void)state;
    assert_int_equal(seed_each_worker(server, visit, NULL), SEED_ESTATE);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    assert_null(seed_current_worker());
    assert_int_equal(seed_each_worker(server, learn, NULL), 0);
    assert_true(await_count(&visits, WORKERS));
    assert_int_equal(seen, (1u << WORKERS) - 1);

    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, post_many, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_true(await_count(&sum, 4 * POSTS));
    assert_int_equal(wrong, 0);
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(seed_each_worker(server, visit, NULL), SEED_ESTATE);
    seed_server_free(server);
    assert_int_equal(sum, 4 * POSTS);
}

static seed_step hold_worker(seed_req *req, seed_res *res, void *ctx)
{
    *(seed_worker **)ctx = seed_req_worker(req);
    return seed_send_text(res, 200, "ok");
}

/* --- what a worker is ----------------------------------------------------- */

static seed_step facts(seed_req *req, seed_res *res, void *ctx)
{
    static const char key, other;
    seed_worker *worker = seed_req_worker(req);
    struct seed_loop_state state = seed_worker_state(worker);

    assert_ptr_equal(seed_current_worker(), worker);
    assert_ptr_equal(seed_worker_server(worker), ctx);
    assert_int_equal(seed_worker_index(worker), 0);
    assert_non_null(event_base_get_method(seed_worker_base(worker)));
    assert_true(state.busy_since <= seed_now());

    assert_null(seed_worker_slot(worker, &key));
    assert_int_equal(seed_worker_set(worker, &key, order), 0);
    assert_ptr_equal(seed_worker_slot(worker, &key), order);
    assert_null(seed_worker_slot(worker, &other));
    assert_int_equal(seed_worker_set(worker, &key, NULL), 0);
    assert_null(seed_worker_slot(worker, &key));
    assert_int_equal(seed_worker_set(worker, &other, order), 0);
    return seed_send_text(res, 200, "ok");
}

static void watch(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static void counts_what_it_has(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_worker *worker = NULL;
    struct seed_worker_counts counts;

    (void)state;
    seed_get(server, "/", hold_worker, &worker);
    seed_after(server, watch, NULL);
    seed_after(server, watch, &worker);
    seed_reply_free(seed_inject(server, NULL));
    seed_reply_free(seed_inject(server,
        &(struct seed_injection){ .url = "/no" }));

    assert_non_null(worker);
    counts = seed_worker_counts(worker);
    assert_int_equal(counts.events[SEED_ON_PRE], 2);
    assert_int_equal(counts.events[SEED_ON_ROUTED], 1);
    assert_int_equal(counts.events[SEED_ON_SEND], 2);
    assert_int_equal(counts.events[SEED_ON_AFTER], 2);
    assert_int_equal(counts.events[SEED_ON_OPEN], 0);
    assert_int_equal(counts.hooks[SEED_ON_AFTER], 2);
    assert_int_equal(counts.hooks[SEED_ON_SEND], 0);
    seed_off(server, SEED_ON_AFTER, watch, NULL);
    assert_int_equal(seed_worker_counts(worker).hooks[SEED_ON_AFTER], 1);
    seed_server_free(server);
}

static void counts_bytes_and_connections(void **state)
{
    seed_server *server = seed_server_new(NULL);
    struct served served = { 0 };
    seed_worker *worker = NULL;
    struct seed_worker_counts counts;

    (void)state;
    seed_get(server, "/", hold_worker, &worker);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    assert_string_equal(get(seed_server_port(server), "/"), "ok");
    assert_int_equal(serve_stop(&served), 0);
    counts = seed_worker_counts(worker);
    assert_int_equal(counts.events[SEED_ON_LISTEN], 1);
    assert_int_equal(counts.events[SEED_ON_OPEN], 1);
    assert_int_equal(counts.events[SEED_ON_CLOSE], 1);
    assert_int_equal(counts.events[SEED_ON_STOP], 1);
    assert_true(counts.received > 16 && counts.received < 256);
    seed_server_free(server);
}

static void knows_its_worker(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_reply *reply;

    (void)state;
    seed_get(server, "/", facts, server);
    reply = seed_inject(server, NULL);
    assert_string_equal(seed_reply_body(reply, NULL), "ok");
    seed_reply_free(reply);
    assert_null(seed_current_worker());
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_its_order),
        cmocka_unit_test(timers_end_with_their_worker),
        cmocka_unit_test(reaches_every_worker_from_any_thread),
        cmocka_unit_test(knows_its_worker),
        cmocka_unit_test(counts_what_it_has),
        cmocka_unit_test(counts_bytes_and_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
