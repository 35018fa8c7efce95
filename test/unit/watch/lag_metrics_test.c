/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const families[] = {
    "seed_loop_utilization_ratio", "seed_loop_turn_age_seconds",
    "seed_loop_turn_p50_seconds", "seed_loop_turn_p90_seconds",
    "seed_loop_turn_p99_seconds", "seed_loop_turn_max_seconds",
    "seed_loop_busy_seconds_total", "seed_loop_turns_total",
    "seed_loop_cpu_seconds_total",
};

static seed_step hold_up(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    sleep_ms(60);
    return seed_send_text(res, 200, "slow");
}

/* A sample of worker 0 or 1, or -1 when there is none. */
static double sample(const char *text, const char *name, int worker)
{
    char start[128];
    const char *at;

    snprintf(start, sizeof start, "\n%s{worker=\"%d\"} ", name, worker);
    at = strstr(text, start);
    return at ? strtod(at + strlen(start), NULL) : -1;
}

static void tells_of_each_worker(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = 2 });
    seed_metrics *metrics = seed_metrics_new(server);
    seed_lag_watch *watch = seed_lag_new(server,
        &(struct seed_lag_options){ .interval = 20 });
    struct served served;
    double busy;
    char *text;

    (void)state;
    assert_int_equal(0, seed_lag_metrics(watch, metrics));
    assert_int_equal(SEED_EINVAL, seed_lag_metrics(NULL, metrics));
    assert_int_equal(SEED_EINVAL, seed_lag_metrics(watch, NULL));
    seed_get(server, "/", hold_up, NULL);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    serve(&served, server);
    assert_true(await_count(&served.listening, 2));
    get(seed_server_port(server), "/");
    sleep_ms(60);

    text = seed_metrics_text(metrics, false, NULL);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (int worker = 0; worker < 2; worker++)
            assert_true(sample(text, families[i], worker) >= 0);
    busy = sample(text, "seed_loop_busy_seconds_total", 0)
        + sample(text, "seed_loop_busy_seconds_total", 1);
    assert_true(busy >= 0.06);
    assert_true(busy < 5);
    assert_true(sample(text, "seed_loop_busy_seconds_total", 2) < 0);
    seed_release(text);

    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_lag_free(watch);
    seed_metrics_free(metrics);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_each_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
