/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/server/served.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static unsigned busy_ms, sleep_for;

/* Computes for a time of the thread's own clock. */
static void compute(unsigned milliseconds)
{
    struct timespec begun, now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((now.tv_sec - begun.tv_sec) * 1000
            + (now.tv_nsec - begun.tv_nsec) / 1000000 < milliseconds);
}

static seed_step pass(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    (void)ctx;
    return SEED_NEXT;
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    compute(busy_ms);
    sleep_ms(sleep_for);
    return seed_send_text(res, 200, "hi");
}

static seed_step say_error(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 404, "no");
}

static void watch(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static void slow_watch(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    sleep_ms(3);
}

static void ask_for(seed_server *server, const char *url, unsigned times)
{
    while (times--)
        seed_reply_free(seed_inject(server,
            &(struct seed_injection){ .url = url }));
}

struct wanted {
    const char *kind, *function;
    struct seed_ledger_row row;
    int found;
};

static void look(const struct seed_ledger_row *row, void *ctx)
{
    struct wanted *wanted = ctx;

    if (strcmp(row->kind, wanted->kind)
        || strcmp(row->function, wanted->function))
        return;
    wanted->row = *row;
    wanted->found++;
}

static struct seed_ledger_row find(const seed_ledger *ledger,
    const char *kind, const char *function)
{
    struct wanted wanted = { kind, function, { 0 }, 0 };

    assert_int_equal(seed_ledger_each(ledger, look, &wanted), 0);
    assert_int_equal(wanted.found, 1);
    return wanted.row;
}

static void accounts_for_every_kind(void **state)
{
    static const struct {
        const char *kind, *function;
        unsigned calls, requests;
    } cases[] = {
        { "pre", "pass", 4, 4 },
        { "use", "pass", 3, 3 },
        { "route", "hello", 3, 3 },
        { "error", "say_error", 1, 1 },
        { "after", "watch", 8, 4 },
        { "send", "watch", 4, 4 },
        { "routed", "watch", 3, 3 },
    };
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct seed_ledger_row row;
    int line;

    (void)state;
    seed_pre(server, pass, NULL);
    seed_use(server, pass, NULL);
    line = __LINE__ + 1;
    seed_get(server, "/hello/:name", hello, NULL);
    seed_on_error(server, NULL, say_error, NULL);
    seed_on(server, SEED_ON_SEND, watch, NULL);
    seed_on(server, SEED_ON_ROUTED, watch, NULL);
    for (int i = 0; i < 2; i++)
        seed_after(server, watch, NULL);
    ask_for(server, "/hello/a", 3);
    ask_for(server, "/no", 1);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        row = find(ledger, cases[i].kind, cases[i].function);
        assert_int_equal(row.calls, cases[i].calls);
        assert_int_equal(row.requests, cases[i].requests);
        assert_true(row.wall >= row.self);
        assert_true(row.longest <= row.wall);
        assert_true(row.cpu <= row.self);
    }
    row = find(ledger, "route", "hello");
    assert_string_equal(row.file, __FILE__);
    assert_int_equal(row.line, line);
    assert_string_equal(row.method, "GET");
    assert_string_equal(row.pattern, "/hello/:name");
    assert_true(row.wall > 0 && row.p50 > 0 && row.p50 <= row.p99);
    seed_server_free(server);
    seed_ledger_free(ledger);
    assert_int_equal(failing.live, 0);
}

/* What runs inside another is not the other's own time. */
static void takes_inner_time_apart(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct seed_ledger_row outer, inner;

    (void)state;
    seed_get(server, "/", hello, NULL);
    seed_on(server, SEED_ON_SEND, slow_watch, NULL);
    ask_for(server, "/", 2);
    outer = find(ledger, "route", "hello");
    inner = find(ledger, "send", "slow_watch");
    assert_true(inner.wall >= 6000000 && inner.self == inner.wall);
    assert_true(outer.wall >= inner.wall);
    assert_int_equal(outer.self, outer.wall - inner.wall);
    assert_true(outer.longest >= 3000000);
    assert_true(inner.p50 >= 3000000);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* Computing is CPU time, sleeping is not. */
static void tells_computing_from_sleeping(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct seed_ledger_row row;

    (void)state;
    seed_get(server, "/", hello, NULL);
    busy_ms = 20;
    ask_for(server, "/", 1);
    busy_ms = 0;
    row = find(ledger, "route", "hello");
    assert_true(row.cpu >= 19000000);

    sleep_for = 20;
    ask_for(server, "/", 1);
    sleep_for = 0;
    assert_true(find(ledger, "route", "hello").self - row.self >= 20000000);
    assert_true(find(ledger, "route", "hello").cpu - row.cpu < 5000000);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* Many short calls are worth a look at the clock in the end, too. */
static void shares_cpu_among_short_calls(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct seed_ledger_row row;

    (void)state;
    seed_get(server, "/", hello, NULL);
    seed_after(server, watch, NULL);
    ask_for(server, "/", 5000);
    row = find(ledger, "route", "hello");
    assert_int_equal(row.calls, 5000);
    assert_true(row.cpu > 0 && row.cpu <= row.self);
    assert_true(find(ledger, "after", "watch").cpu > 0);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* --- waiting -------------------------------------------------------------- */

static void go_on(void *ctx)
{
    seed_resume(ctx, SEED_NEXT);
}

static seed_step wait_a_while(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    seed_timer_start(seed_req_worker(req), *(unsigned *)ctx, false, go_on,
        req);
    return SEED_WAIT;
}

static void keeps_waiting_apart(void **state)
{
    static unsigned milliseconds = 60;
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct seed_ledger_row row;

    (void)state;
    seed_use(server, wait_a_while, &milliseconds);
    seed_route_then(seed_get(server, "/", wait_a_while, &milliseconds),
        hello, NULL);
    ask_for(server, "/", 2);

    row = find(ledger, "use", "wait_a_while");
    assert_int_equal(row.calls, 2);
    assert_int_equal(row.waits, 2);
    assert_true(row.waited >= 118000000);
    assert_true(row.wall < 100000000);

    /* The span after a wait does not begin where the one before it ended. */
    row = find(ledger, "route", "wait_a_while");
    assert_int_equal(row.waits, 2);
    assert_true(row.wall < 100000000);
    row = find(ledger, "route", "hello");
    assert_int_equal(row.waits, 0);
    assert_int_equal(row.waited, 0);
    assert_true(row.wall < 100000000);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* --- the article's leak --------------------------------------------------- */

static seed_step add_hook(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    seed_after(seed_req_server(req), watch, NULL);
    return SEED_NEXT;
}

static void leaking_hooks_are_one_row(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct seed_ledger_row row;

    (void)state;
    seed_set_max_hooks(server, SEED_UNLIMITED);
    seed_use(server, add_hook, NULL);
    seed_get(server, "/", hello, NULL);
    ask_for(server, "/", 20);
    row = find(ledger, "after", "watch");
    assert_int_equal(row.calls, 20 * 21 / 2);
    assert_int_equal(row.requests, 20);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

/* --- deeper than it looks ------------------------------------------------- */

static seed_server *nested;

static seed_step dig(seed_req *req, seed_res *res, void *ctx)
{
    long left = strtol(seed_req_path(req) + 1, NULL, 10);

    (void)ctx;
    if (left)
        ask_for(nested, seed_req_printf(req, "/%ld", left - 1), 1);
    return seed_send_text(res, 200, "dug");
}

static void survives_any_depth(void **state)
{
    seed_ledger *ledger;
    struct seed_ledger_row row;

    (void)state;
    nested = seed_server_new(NULL);
    ledger = seed_ledger_new(nested, NULL);
    seed_get(nested, "/:left", dig, NULL);
    ask_for(nested, "/100", 1);
    row = find(ledger, "route", "dig");
    assert_int_equal(row.calls, 32);
    ask_for(nested, "/0", 1);
    assert_int_equal(find(ledger, "route", "dig").calls, 33);
    seed_server_free(nested);
    seed_ledger_free(ledger);
}

/* --- mistakes, and no memory ---------------------------------------------- */

static void refuses_politely(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_tracer tracer = { 0 };
    struct wanted wanted = { "", "", { 0 }, 0 };

    (void)state;
    assert_null(seed_ledger_new(NULL, NULL));
    seed_ledger_free(NULL);
    assert_int_equal(seed_ledger_each(NULL, look, &wanted), 0);
    assert_int_equal(seed_ledger_metrics(NULL, NULL), 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(seed_trace(server, &tracer), 0);
    assert_null(seed_ledger_new(server,
        &(struct seed_ledger_options){ .timing = true }));
    assert_non_null(seed_server_error(server));
    assert_int_equal(seed_hook_count(server, SEED_ON_PRE), 0);
    assert_int_equal(seed_hook_count(server, SEED_ON_SEND), 0);
    seed_server_free(server);
    assert_int_equal(failing.live, 0);
}

/* The n-th allocation fails: less is known, nothing breaks. */
static void survives_without_memory(void **state)
{
    static const char *const ask[] = { "X-Timing", "1", NULL };
    static char field[] = "X-Timing";

    (void)state;
    for (long n = 0; n < 80; n++) {
        seed_server *server = seed_server_new(NULL);
        seed_ledger *ledger;

        failing.left = n < 10 ? n : -1;
        ledger = seed_ledger_new(server,
            &(struct seed_ledger_options){ .timing_field = field });
        failing.left = -1;
        seed_use(server, add_hook, NULL);
        seed_get(server, "/", hello, NULL);
        seed_get(server, "/ledger", seed_ledger_send, ledger);
        ask_for(server, "/warm", 1);
        failing.left = n;
        seed_reply_free(seed_inject(server,
            &(struct seed_injection){ .url = "/", .headers = ask }));
        ask_for(server, "/ledger", 1);
        failing.left = -1;
        ask_for(server, "/", 1);
        seed_server_free(server);
        seed_ledger_free(ledger);
        assert_int_equal(failing.live, 0);
    }
}

/* --- workers, and who reads meanwhile ------------------------------------- */

enum { CLIENTS = 4, EACH = 100 };

static void *send_requests(void *ctx)
{
    const int *port = ctx;

    for (int i = 0; i < EACH; i++)
        if (strcmp(get(*port, "/"), "hi") != 0)
            return ctx;
    return NULL;
}

static void workers_are_one_sum(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = 2 });
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct wanted wanted = { "", "", { 0 }, 0 };
    struct served served;
    pthread_t clients[CLIENTS];
    int port;

    (void)state;
    seed_set_max_hooks(server, SEED_UNLIMITED);
    seed_use(server, add_hook, NULL);
    seed_get(server, "/", hello, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    port = seed_server_port(server);
    serve(&served, server);
    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&clients[i], NULL, send_requests, &port);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(seed_ledger_each(ledger, look, &wanted), 0);
        sleep_ms(1);
    }
    for (int i = 0; i < CLIENTS; i++) {
        void *failed;

        pthread_join(clients[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(find(ledger, "route", "hello").calls, CLIENTS * EACH);
    assert_int_equal(find(ledger, "use", "add_hook").requests,
        CLIENTS * EACH);
    assert_int_equal(find(ledger, "after", "watch").requests,
        CLIENTS * EACH);
    seed_server_free(server);
    seed_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_for_every_kind),
        cmocka_unit_test(takes_inner_time_apart),
        cmocka_unit_test(tells_computing_from_sleeping),
        cmocka_unit_test(shares_cpu_among_short_calls),
        cmocka_unit_test(keeps_waiting_apart),
        cmocka_unit_test(leaking_hooks_are_one_row),
        cmocka_unit_test(survives_any_depth),
        cmocka_unit_test(refuses_politely),
        cmocka_unit_test(survives_without_memory),
        cmocka_unit_test(workers_are_one_sum),
    };

    failing_install();
    return cmocka_run_group_tests_name("watch/ledger", tests, NULL, NULL);
}
