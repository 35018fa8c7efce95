/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static seed_req *_Atomic waiting;

static seed_step hold(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    waiting = req;
    return SEED_WAIT;
}

static seed_step go_on(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "went on");
}

static void watch(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

/* The value of a sample, or -1. */
static double value(const seed_metrics *metrics, const char *name)
{
    char *text = seed_metrics_text(metrics, false, NULL), line[128], *at;
    double number = -1;

    snprintf(line, sizeof line, "\n%s ", name);
    at = strstr(text, line);
    if (at)
        number = strtod(at + strlen(line), NULL);
    seed_release(text);
    return number;
}

static void await(const seed_metrics *metrics, const char *name,
    double wanted)
{
    for (int i = 0; i < 5000 && value(metrics, name) != wanted; i++)
        sleep_ms(1);
    assert_true(value(metrics, name) == wanted);
}

static void tells_of_the_server(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .max_requests = 1 });
    seed_metrics *metrics = seed_metrics_new(server);
    struct served served;
    int fd, bad;

    (void)state;
    seed_route_then(seed_get(server, "/", hold, NULL), go_on, NULL);
    seed_after(server, watch, NULL);
    assert_true(value(metrics, "seed_workers") == 0);
    assert_true(value(metrics, "seed_requests_in_flight") == 0);
    seed_listen(server, "127.0.0.1", 0);
    serve(&served, server);
    await(metrics, "seed_workers", 1);

    fd = dial(seed_server_port(server));
    assert_int_equal(write(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27), 27);
    await(metrics, "seed_requests_in_flight", 1);
    await(metrics, "seed_connections_open", 1);
    assert_true(value(metrics, "seed_connections_total") == 1);
    assert_true(value(metrics, "seed_received_bytes_total") == 27);
    assert_true(value(metrics, "seed_hooks{list=\"after\"}") == 2);
    assert_true(value(metrics, "seed_hooks{list=\"send\"}") == 0);
    assert_true(value(metrics, "seed_sent_bytes_total") == 0);
    seed_resume(waiting, SEED_NEXT);
    await(metrics, "seed_requests_in_flight", 0);
    assert_true(value(metrics, "seed_sent_bytes_total") > 50);

    bad = dial(seed_server_port(server));
    ask(bad, "nonsense\r\n\r\n", NULL);
    close(bad);
    assert_true(value(metrics, "seed_bad_requests_total") == 1);
    assert_true(value(metrics,
        "seed_limits_total{limit=\"requests\"}") == 1);
    assert_true(value(metrics, "seed_limits_total{limit=\"idle\"}") == 0);
    close(fd);
    await(metrics, "seed_connections_open", 0);
    assert_true(value(metrics, "seed_connections_total") == 2);
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
    seed_metrics_free(metrics);
}

static void tells_of_the_process(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);

    (void)state;
    assert_true(value(metrics, "process_cpu_seconds_total") > 0);
    assert_true(value(metrics, "process_resident_memory_bytes") > 1e5);
    assert_true(value(metrics, "process_virtual_memory_bytes") > 1e5);
    assert_true(value(metrics, "process_start_time_seconds") > 1.6e9);
    assert_true(value(metrics, "process_threads") >= 1);
    assert_true(value(metrics, "seed_build_info{version=\"" SEED_VERSION
        "\"}") == 1);
    seed_server_free(server);
    seed_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_the_server),
        cmocka_unit_test(tells_of_the_process),
    };

    return cmocka_run_group_tests_name("watch/metrics_server", tests, NULL,
        NULL);
}
