/* SPDX-License-Identifier: MIT */
#include "unit/plugin/shedding.h"

/* link: -Wl,--wrap=seed_now,--wrap=seed_worker_state */
/* link: -Wl,--wrap=seed_req_socket_wait,--wrap=seed_timer_start */
/* link: -Wl,--wrap=seed__footprint_heap,--wrap=seed__footprint_rss */

static void has(const char *text, const char *line)
{
    if (!strstr(text, line))
        print_error("no %s in:\n%s\n", line, text);
    assert_non_null(strstr(text, line));
}

static void tells_metrics(void **state)
{
    struct shedding it = start(NULL);
    seed_metrics *metrics = seed_metrics_new(it.server);
    char *text;

    (void)state;
    assert_int_equal(seed_shed_metrics(it.shed, metrics), 0);
    status_after(&it, "/", 0);
    status_after(&it, "/", 100);
    status_after(&it, "/sheddable", 100);
    text = seed_metrics_text(metrics, false, NULL);
    has(text, "# TYPE seed_shed_requests_total counter\n");
    has(text, "\nseed_shed_requests_total{reason=\"event_loop\","
              "priority=\"normal\"} 1\n");
    has(text, "\nseed_shed_requests_total{reason=\"event_loop\","
              "priority=\"sheddable\"} 1\n");
    has(text, "\nseed_shed_requests_total{reason=\"rss\","
              "priority=\"critical\"} 0\n");
    has(text, "\nseed_shed_admitted_total 1\n");
    has(text, "\nseed_shed_overload 1\n");
    has(text, "\nseed_shed_delay_seconds 0.1\n");
    assert_null(strstr(text, "seed_shed_limit"));
    seed_release(text);
    seed_server_free(it.server);
    seed_metrics_free(metrics);
    seed_shed_free(it.shed);
}

static void tells_the_limit_where_there_is_one(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .mode = SEED_SHED_LIMIT });
    seed_metrics *metrics = seed_metrics_new(it.server);
    char *text;

    (void)state;
    assert_int_equal(seed_shed_metrics(it.shed, metrics), 0);
    status_of(&it, "/");
    text = seed_metrics_text(metrics, false, NULL);
    has(text, "\nseed_shed_limit 20\n");
    has(text, "\nseed_shed_in_flight 0\n");
    seed_release(text);
    seed_server_free(it.server);
    seed_metrics_free(metrics);
    seed_shed_free(it.shed);
}

static void does_nothing_without_either(void **state)
{
    struct shedding it = start(NULL);

    (void)state;
    assert_int_equal(seed_shed_metrics(it.shed, NULL), 0);
    assert_int_equal(seed_shed_metrics(NULL, NULL), 0);
    end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_metrics),
        cmocka_unit_test(tells_the_limit_where_there_is_one),
        cmocka_unit_test(does_nothing_without_either),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
