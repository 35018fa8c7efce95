/* SPDX-License-Identifier: MIT */
/* What test/wire/test_stall.py sees from outside is seen here from inside:
 * hooks, counts, limits, two workers, the application's loop.
 * not under valgrind: one thread runs at a time there, and all of them sleep in
 * valgrind's own system calls, on stacks of its own. */
#include <seed.h>

#include "unit/server/served.h"

#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    _Atomic int stalls, lines, blocked;
    _Atomic unsigned of_cause[SEED_STALL_CAUSES], of_worker[2];
    enum seed_stall_cause cause;
    _Atomic unsigned worker;
    unsigned step;
    uint64_t turn, age;
    char url[100], function[50], stack[500], line[512];
} told;

static void on_stall(const seed_stall *stall, void *ctx)
{
    assert_ptr_equal(&told, ctx);
    told.cause = stall->cause;
    told.of_cause[stall->cause]++;
    told.of_worker[stall->worker]++;
    told.step = stall->step;
    told.worker = stall->worker;
    told.turn = stall->turn;
    told.age = stall->age;
    snprintf(told.url, sizeof told.url, "%s", stall->url);
    snprintf(told.function, sizeof told.function, "%s",
        stall->site ? stall->site->function : "");
    snprintf(told.stack, sizeof told.stack, "%s", stall->stack);
    told.stalls++;
}

static void on_warning(const char *line, void *ctx)
{
    (void)ctx;
    if (told.lines++ == 0)
        snprintf(told.line, sizeof told.line, "%s", line);
}

static void be_quiet(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static seed_step hold_up(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    sleep_ms((unsigned)strtoul(seed_req_param(req, "ms"), NULL, 10));
    return seed_send_text(res, 200, "slow");
}

static seed_server *make_server(struct seed_options options,
    const struct seed_stall_options *how, seed_stall_watch **watch)
{
    seed_server *server;

    memset(&told, 0, sizeof told);
    options.warn = be_quiet;
    server = seed_server_new(&options);
    seed_get(server, "/:ms", hold_up, NULL);
    seed_on_warning(server, on_warning, NULL);
    *watch = seed_stall_new(server, how);
    assert_non_null(*watch);
    assert_int_equal(0, seed_on_stall(*watch, on_stall, &told));
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    return server;
}

static uint64_t all_of(const seed_stall_watch *watch)
{
    struct seed_stall_counts counts = seed_stall_counts(watch);

    return counts.turns[SEED_STALL_COMPUTES] + counts.turns[SEED_STALL_WAITS]
        + counts.turns[SEED_STALL_STARVED];
}

static void tells_hooks_and_warns(void **state)
{
    seed_stall_watch *watch;
    seed_server *server = make_server((struct seed_options){ 0 }, NULL,
        &watch);
    struct served served;

    (void)state;
    serve(&served, server);
    assert_string_equal("slow", get(seed_server_port(server), "/200"));
    assert_true(await_count(&told.lines, 4));
    assert_int_equal(1, seed_stall_counts(watch).turns[SEED_STALL_WAITS]);
    assert_int_equal(0, serve_stop(&served));
    assert_true(told.stalls >= 2);
    assert_int_equal(SEED_STALL_WAITS, told.cause);
    assert_true(told.age >= 84000000);
    assert_int_equal(0, told.worker);
    assert_string_equal("/200", told.url);
    assert_string_equal("hold_up", told.function);
    assert_non_null(strstr(told.stack, "hold_up"));
    assert_true(!strncmp(told.line, "Stall: worker 0 ", 16));
    seed_server_free(server);
    seed_stall_free(watch);
}

/* Told while it lasts. */
static void tells_before_it_is_over(void **state)
{
    seed_stall_watch *watch;
    seed_server *server = make_server((struct seed_options){ 0 },
        &(struct seed_stall_options){ .quiet = true }, &watch);
    struct served served;
    const char *head = "GET /400 HTTP/1.1\r\nHost: t\r\n\r\n";
    uint64_t begun;
    int client;

    (void)state;
    serve(&served, server);
    client = dial(seed_server_port(server));
    begun = seed_now();
    assert_int_equal(strlen(head), send(client, head, strlen(head), 0));
    assert_true(await_count(&told.stalls, 1));
    assert_true(seed_now() - begun < 390000000);
    ask(client, "", "slow");
    close(client);
    assert_int_equal(0, told.lines);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_stall_free(watch);
}

static void has_a_threshold(void **state)
{
    seed_stall_watch *watch;
    seed_server *server = make_server((struct seed_options){ 0 },
        &(struct seed_stall_options){ .threshold = 2000 }, &watch);
    struct served served;

    (void)state;
    serve(&served, server);
    get(seed_server_port(server), "/200");
    sleep_ms(50);
    assert_int_equal(0, told.stalls);
    assert_int_equal(0, all_of(watch));
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_stall_free(watch);
}

/* Many turns, each a stall: all are counted, few of a cause are told. Some are
 * overlooked when the watching thread has no processor. */
static void tells_no_more_than_one_can_read(void **state)
{
    seed_stall_watch *watch;
    seed_server *server = make_server((struct seed_options){ 0 }, NULL,
        &watch);
    uint64_t begun = seed_now(), seconds;
    struct served served;

    (void)state;
    serve(&served, server);
    for (int i = 0; i < 100 && all_of(watch) < 18; i++)
        get(seed_server_port(server), "/70");
    seconds = (seed_now() - begun) / 1000000000 + 1;
    assert_true(all_of(watch) >= 18);
    for (int cause = 0; cause < SEED_STALL_CAUSES; cause++)
        assert_true(told.of_cause[cause] <= 6 + seconds);
    assert_true(told.stalls >= 6);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_stall_free(watch);
}

static void watches_each_worker(void **state)
{
    seed_stall_watch *watch;
    seed_server *server = make_server((struct seed_options){ .workers = 2 },
        NULL, &watch);
    struct served served;

    (void)state;
    serve(&served, server);
    /* Which of them has a connection is the kernel's choice, and reports of a
     * cause are one a second after the first few. */
    for (int i = 0; i < 100 && !(told.of_worker[0] && told.of_worker[1]);
         i++) {
        get(seed_server_port(server), "/70");
        sleep_ms(i < 6 ? 20 : 300);
    }
    assert_true(told.of_worker[0] && told.of_worker[1]);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_stall_free(watch);
}

static void *turn_base(void *ctx)
{
    event_base_dispatch(ctx);
    return NULL;
}

static void break_base(const seed_event *event, void *ctx)
{
    (void)event;
    event_base_loopbreak(ctx);
}

static void block_base(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
    sleep_ms(300);
    told.blocked++; /* no tail call: it stays on the stack */
}

/* An event of the application's own. */
static void watches_the_applications_loop(void **state)
{
    struct event_base *base = event_base_new();
    seed_stall_watch *watch;
    seed_server *server = make_server((struct seed_options){ .base = base },
        NULL, &watch);
    struct timeval soon = { 0, 100000 };
    pthread_t thread;

    (void)state;
    seed_on(server, SEED_ON_STOP, break_base, base);
    assert_int_equal(0, seed_start(server));
    event_base_once(base, -1, EV_TIMEOUT, block_base, NULL, &soon);
    assert_int_equal(0, pthread_create(&thread, NULL, turn_base, base));
    assert_true(await_count(&told.stalls, 1));
    seed_stop(server, 100);
    pthread_join(thread, NULL);
    seed_server_free(server);
    assert_int_equal(1, told.blocked);
    assert_int_equal(SEED_STALL_WAITS, told.cause);
    assert_string_equal("", told.function);
    assert_non_null(strstr(told.stack, "block_base"));
    seed_stall_free(watch);
    event_base_free(base);
}

static void refuses_what_is_too_much(void **state)
{
    seed_stall_watch *watch;
    seed_server *server = make_server((struct seed_options){ 0 }, NULL,
        &watch);

    (void)state;
    assert_int_equal(SEED_EINVAL, seed_on_stall(watch, NULL, NULL));
    for (int i = 0; i < 3; i++)
        assert_int_equal(0, seed_on_stall(watch, on_stall, &told));
    assert_int_equal(SEED_EFULL, seed_on_stall(watch, on_stall, &told));
    assert_int_equal(SEED_ENOMEM, seed_on_stall(NULL, on_stall, NULL));
    seed_server_free(server);
    seed_stall_free(watch);

    assert_null(seed_stall_new(NULL, NULL));
    assert_int_equal(0, all_of(NULL));
    seed_stall_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_hooks_and_warns),
        cmocka_unit_test(tells_before_it_is_over),
        cmocka_unit_test(has_a_threshold),
        cmocka_unit_test(tells_no_more_than_one_can_read),
        cmocka_unit_test(watches_each_worker),
        cmocka_unit_test(watches_the_applications_loop),
        cmocka_unit_test(refuses_what_is_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
