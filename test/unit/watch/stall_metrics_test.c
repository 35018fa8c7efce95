/* SPDX-License-Identifier: MIT */
/* not under valgrind: one thread runs at a time there, and all of them sleep in
 * valgrind's own system calls, on stacks of its own. */
#include <seed.h>

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static seed_step hold_up(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    sleep_ms(300);
    return seed_send_text(res, 200, "slow");
}

static void counts_stalls_by_cause(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);
    seed_stall_watch *watch = seed_stall_new(server,
        &(struct seed_stall_options){ .quiet = true });
    struct served served;
    char *text;

    (void)state;
    assert_int_equal(0, seed_stall_metrics(watch, metrics));
    assert_int_equal(SEED_EINVAL, seed_stall_metrics(NULL, metrics));
    assert_int_equal(SEED_EINVAL, seed_stall_metrics(watch, NULL));
    seed_get(server, "/", hold_up, NULL);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    serve(&served, server);
    get(seed_server_port(server), "/");
    get(seed_server_port(server), "/");
    text = seed_metrics_text(metrics, false, NULL);
    assert_non_null(text);
    assert_non_null(strstr(text, "# TYPE seed_stalls"));
    assert_non_null(strstr(text, "\nseed_stalls_total{cause=\"computes\"} "));
    assert_non_null(strstr(text, "\nseed_stalls_total{cause=\"waits\"} 2\n"));
    assert_non_null(strstr(text, "\nseed_stalls_total{cause=\"starved\"} "));
    seed_release(text);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_stall_free(watch);
    seed_metrics_free(metrics);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_stalls_by_cause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
