/* SPDX-License-Identifier: MIT */
#include "logged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void tells_what_was_written(void **state)
{
    static struct logged logged;
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);
    char want[64], *text;

    (void)state;
    logged_open(&logged, NULL);
    assert_int_equal(0, seed_log_metrics(logged.log, metrics));
    seed_log_info(logged.log, "x");
    snprintf(want, sizeof want, "\nseed_log_bytes_total %zu\n",
        strlen(logged_all(&logged)));

    text = seed_metrics_text(metrics, false, NULL);
    assert_non_null(strstr(text, want));
    assert_non_null(strstr(text, "\n# TYPE seed_log_dropped_total counter\n"
                                 "seed_log_dropped_total 0\n"));
    assert_non_null(strstr(text, "\nseed_log_failures_total 0\n"));
    seed_release(text);
    seed_server_free(server);
    seed_metrics_free(metrics);
    logged_close(&logged);
}

static void needs_both(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_metrics *metrics = seed_metrics_new(server);

    (void)state;
    assert_int_equal(SEED_EINVAL, seed_log_metrics(NULL, metrics));
    seed_server_free(server);
    seed_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_was_written),
        cmocka_unit_test(needs_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
