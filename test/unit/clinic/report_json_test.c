/* SPDX-License-Identifier: MIT */
/* link: -ljansson */
#include "unit/failing.h"

#include "clinic/report.h"

#include "unit/clinic/sick.h"

#include <seed/server.h>

#include <jansson.h>
#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct report report;
static struct step steps[3];

static json_t *read_back(struct facts facts, const char *goal)
{
    json_error_t error;
    size_t length;
    char *text;
    json_t *json;

    report.facts = facts;
    assert_true(seed__goals_parse(&report.goals, goal, NULL, 0));
    seed__report_judge(&report);
    text = seed__report_json(&report, &length);
    assert_non_null(text);
    assert_int_equal(strlen(text), length);
    assert_null(strstr(text, "</"));
    json = json_loadb(text, length, 0, &error);
    if (!json)
        fail_msg("%s at %d: %.60s", error.text, error.position,
            text + error.position);
    seed_release(text);
    return json;
}

static const char *text_at(const json_t *json, const char *object,
    const char *key)
{
    return json_string_value(json_object_get(json_object_get(json, object),
        key));
}

static void says_what_was_found(void **state)
{
    json_t *json = read_back(leaking(), "rps>=4000"), *first, *goal;

    (void)state;
    assert_string_equal("seed-doctor",
        json_string_value(json_object_get(json, "kind")));
    assert_string_equal("event-loop", text_at(json, "verdict", "category"));
    assert_string_equal("L1", text_at(json, "verdict", "id"));
    assert_int_equal(3, json_integer_value(json_object_get(
        json_object_get(json, "verdict"), "status")));
    first = json_array_get(json_object_get(json, "findings"), 0);
    assert_string_equal("issue",
        json_string_value(json_object_get(first, "severity")));
    assert_string_equal("store_etag",
        json_string_value(json_object_get(first, "function")));
    assert_string_equal("the loop's time",
        json_string_value(json_object_get(first, "share_of")));
    assert_int_equal(28, json_integer_value(json_object_get(first, "line")));
    assert_string_equal("delay", json_string_value(json_array_get(
        json_object_get(first, "charts"), 0)));
    assert_true(json_array_size(json_object_get(first, "evidence")) >= 3);
    goal = json_array_get(json_object_get(json, "goals"), 0);
    assert_true(json_is_false(json_object_get(goal, "met")));
    assert_string_equal("rps",
        json_string_value(json_object_get(goal, "metric")));
    assert_int_equal(2, json_array_size(json_object_get(json, "spans")));
    json_decref(json);
}

static void has_series_of_equal_length(void **state)
{
    static const char *const keys[] = { "t", "cpu_percent",
        "loop_cpu_percent", "rss_mb", "heap_mb", "mapped_mb", "delay_ms",
        "delay_mean_ms", "utilisation", "handles", "connections",
        "in_flight", "fds", "rps", "p50_ms", "p99_ms", "backlog_kb", "shed",
        "errors" };
    struct facts facts = well();
    json_t *json, *series;

    (void)state;
    for (int i = 0; i < 3; i++) {
        steps[i] = (struct step){ .at = (i + 1) / 10.0, .length = 0.1 };
        steps[i].sums[SUM_BUSY] = 50 * MS;
        steps[i].sums[SUM_ENDED] = 10;
        steps[i].levels[LEVEL_RSS] = i ? 2097152 : NAN;
        steps[i].latency[50] = i == 2;
    }
    facts.steps = steps;
    facts.step_count = 3;
    json = read_back(facts, NULL);
    series = json_object_get(json, "series");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(3, json_array_size(json_object_get(series,
            keys[i])));
    assert_int_equal(sizeof keys / sizeof *keys, json_object_size(series));
    assert_true(json_is_null(json_array_get(json_object_get(series,
        "rss_mb"), 0)));
    assert_int_equal(2, json_integer_value(json_array_get(
        json_object_get(series, "rss_mb"), 1)));
    assert_true(fabs(json_number_value(json_array_get(json_object_get(series,
        "utilisation"), 0)) - 0.5) < 0.01);
    assert_int_equal(100, json_integer_value(json_array_get(
        json_object_get(series, "rps"), 0)));
    assert_true(json_is_null(json_array_get(json_object_get(series,
        "p99_ms"), 0)));
    assert_true(json_is_number(json_array_get(json_object_get(series,
        "p99_ms"), 2)));
    json_decref(json);
}

static void has_samples_when_there_are_any(void **state)
{
    struct facts facts = well();
    json_t *json = read_back(facts, NULL), *flame;

    (void)state;
    flame = json_object_get(json, "flame");
    assert_int_equal(0, json_object_size(json_object_get(flame,
        "categories")));
    json_decref(json);

    facts.samples = 100;
    facts.categories[CATEGORY_OPENSSL] = 0.75;
    facts.tops[0] = (struct top_fact){ .name = "a</script>b",
        .file = "bad \xff bytes", .category = CATEGORY_APP, .self = 0.5 };
    facts.top_count = 1;
    json = read_back(facts, NULL);
    flame = json_object_get(json, "flame");
    assert_true(fabs(json_number_value(json_object_get(json_object_get(flame,
        "categories"), "openssl")) - 0.75) < 1e-6);
    assert_string_equal("a</script>b", json_string_value(json_object_get(
        json_array_get(json_object_get(flame, "top"), 0), "name")));
    json_decref(json);
}

/* Whichever allocation fails, there is no report, and nothing is lost. */
static void bears_no_memory(void **state)
{
    long live = failing.live;
    char *text = NULL;

    (void)state;
    report.facts = leaking();
    seed__report_judge(&report);
    for (long nth = 0; !text; nth++) {
        failing.left = nth;
        text = seed__report_json(&report, NULL);
        failing.left = -1;
        assert_true(nth < 100);
        assert_int_equal(live + (text != NULL), failing.live);
    }
    seed_release(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_was_found),
        cmocka_unit_test(has_series_of_equal_length),
        cmocka_unit_test(has_samples_when_there_are_any),
        cmocka_unit_test(bears_no_memory),
    };

    if (failing_install())
        return 1;

    return cmocka_run_group_tests(tests, NULL, NULL);
}
