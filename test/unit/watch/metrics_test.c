/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/server/served.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hi");
}

static void render_own(seed_metrics_out *out, void *ctx)
{
    seed_metrics_family(out, "own", SEED_GAUGE, "One's own.");
    seed_metrics_value(out, ctx, 7);
}

static void ask_for(seed_server *server, const char *url, unsigned times)
{
    while (times--)
        seed_reply_free(seed_inject(server,
            &(struct seed_injection){ .url = url }));
}

static void check_has(const seed_metrics *metrics, const char *line)
{
    char *text = seed_metrics_text(metrics, false, NULL);

    assert_non_null(text);
    if (!strstr(text, line)) {
        print_error("%s\nhas no %s\n", text, line);
        fail();
    }
    seed_release(text);
}

static void counts(void **state)
{
    static char label[] = "a=\"b\"";
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);

    (void)state;
    assert_non_null(metrics);
    assert_int_equal(seed_metrics_source(metrics, render_own, label), 0);
    seed_get(server, "/hello/:name", hello, NULL);
    check_has(metrics, "# TYPE seed_requests_total counter\n");
    ask_for(server, "/hello/a", 3);
    ask_for(server, "/hello/b", 2);
    ask_for(server, "/no", 1);
    check_has(metrics, "seed_requests_total{route=\"/hello/:name\","
        "method=\"GET\",status=\"2xx\"} 5\n");
    check_has(metrics, "seed_requests_total{route=\"none\",method=\"GET\","
        "status=\"4xx\"} 1\n");
    check_has(metrics, "seed_request_duration_seconds_count{"
        "route=\"/hello/:name\",method=\"GET\"} 5\n");
    check_has(metrics, "own{a=\"b\"} 7\n");
    seed_server_free(server);
    seed_metrics_free(metrics);
    assert_int_equal(failing.live, 0);
}

static void answers_as_asked(void **state)
{
    static const struct {
        const char *accept, *type, *end;
    } cases[] = {
        { "*/*", "text/plain; version=0.0.4; charset=utf-8", "\n" },
        { "application/openmetrics-text",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "\n# EOF\n" },
        { "application/openmetrics-text;version=1.0.0;q=0.5,"
          "text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "\n# EOF\n" },
        { "text/plain, application/openmetrics-text;q=0.1",
            "text/plain; version=0.0.4; charset=utf-8", "\n" },
    };
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);

    (void)state;
    seed_get(server, "/metrics", seed_metrics_send, metrics);
    seed_get(server, "/none", seed_metrics_send, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *headers[] = { "Accept", cases[i].accept, NULL };
        seed_reply *reply = seed_inject(server, &(struct seed_injection){
            .url = "/metrics", .headers = headers });
        size_t length, end = strlen(cases[i].end);
        const char *body = seed_reply_body(reply, &length);

        assert_int_equal(seed_reply_status(reply), 200);
        assert_string_equal(seed_reply_header(reply, "Content-Type"),
            cases[i].type);
        assert_string_equal(body + length - end, cases[i].end);
        assert_true(!strstr(body, "# EOF") == (end == 1));
        seed_reply_free(reply);
    }
    ask_for(server, "/none", 1);
    check_has(metrics, "{route=\"/none\",method=\"GET\",status=\"4xx\"} 1");
    seed_server_free(server);
    seed_metrics_free(metrics);
}

static void refuses_politely(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);
    char *text;
    int added = 0;

    (void)state;
    assert_null(seed_metrics_new(NULL));
    seed_metrics_free(NULL);
    assert_int_equal(seed_metrics_source(NULL, render_own, NULL),
        SEED_ENOMEM);
    assert_int_equal(seed_metrics_source(metrics, NULL, NULL), SEED_EINVAL);
    while (!seed_metrics_source(metrics, render_own, NULL))
        added++;
    assert_true(added >= 12);
    assert_int_equal(seed_metrics_source(metrics, render_own, NULL),
        SEED_EFULL);
    text = seed_metrics_text(NULL, true, NULL);
    assert_string_equal(text, "# EOF\n");
    seed_release(text);
    seed_server_free(server);
    seed_metrics_free(metrics);
}

/* The n-th allocation fails: less is counted, nothing breaks. */
static void survives_without_memory(void **state)
{
    (void)state;
    for (long n = 0; n < 60; n++) {
        seed_server *server = seed_server_new(NULL);
        seed_metrics *metrics = seed_metrics_new(server);

        seed_get(server, "/hello", hello, NULL);
        seed_get(server, "/metrics", seed_metrics_send, metrics);
        ask_for(server, "/warm", 1);
        failing.left = n;
        ask_for(server, "/hello", 1);
        ask_for(server, "/metrics", 1);
        failing.left = -1;
        ask_for(server, "/hello", 1);
        seed_server_free(server);
        seed_metrics_free(metrics);
        assert_int_equal(failing.live, 0);
    }
}

/* --- workers, and who reads meanwhile ------------------------------------- */

enum { CLIENTS = 4, EACH = 100 };

static void *send_requests(void *ctx)
{
    const int *port = ctx;

    for (int i = 0; i < EACH; i++)
        if (strcmp(get(*port, "/hello/x"), "hi") != 0)
            return ctx;
    return NULL;
}

static void workers_are_one_sum(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = 2 });
    seed_metrics *metrics = seed_metrics_new(server);
    seed_ledger *ledger = seed_ledger_new(server, NULL);
    struct served served;
    pthread_t clients[CLIENTS];
    int port;

    (void)state;
    assert_int_equal(seed_ledger_metrics(ledger, metrics), 0);
    seed_get(server, "/hello/:name", hello, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    port = seed_server_port(server);
    serve(&served, server);
    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&clients[i], NULL, send_requests, &port);
    for (int i = 0; i < 50; i++) {
        seed_release(seed_metrics_text(metrics, i % 2, NULL));
        sleep_ms(1);
    }
    for (int i = 0; i < CLIENTS; i++) {
        void *failed;

        pthread_join(clients[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(serve_stop(&served), 0);
    check_has(metrics, "seed_requests_total{route=\"/hello/:name\","
        "method=\"GET\",status=\"2xx\"} 400\n");
    check_has(metrics, "seed_connections_total 400\n");
    check_has(metrics, "seed_connections_open 0\n");
    check_has(metrics, "seed_requests_in_flight 0\n");
    check_has(metrics, "seed_workers 2\n");
    check_has(metrics, "seed_handler_duration_seconds_count{kind=\"route\","
        "function=\"hello\"");
    seed_server_free(server);
    seed_metrics_free(metrics);
    seed_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(answers_as_asked),
        cmocka_unit_test(refuses_politely),
        cmocka_unit_test(survives_without_memory),
        cmocka_unit_test(workers_are_one_sum),
    };

    failing_install();
    return cmocka_run_group_tests_name("watch/metrics", tests, NULL, NULL);
}
