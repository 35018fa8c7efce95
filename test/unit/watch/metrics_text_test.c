/* SPDX-License-Identifier: MIT */
#include "watch/metrics_text.h"

#include <seed/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void check(seed_metrics_out *out, const char *want)
{
    char *text;

    seed__metrics_end(out);
    text = seed__text_take(&out->text, NULL);
    assert_non_null(text);
    assert_string_equal(text, want);
    seed_release(text);
}

static void write_some(seed_metrics_out *out)
{
    static const double bounds[] = { 0.5, 1 };
    static const uint64_t counts[] = { 2, 1, 4 };
    const struct seed_buckets buckets = { bounds, counts, 2, 12.5 };

    seed_metrics_family(out, "a", SEED_COUNTER, "Things, \"so\".\nMany\\.");
    seed_metrics_value(out, NULL, 7);
    seed_metrics_value(out, "b=\"c\"", 0.5);
    seed_metrics_family(out, "d_bytes", SEED_GAUGE, "Bytes.");
    seed_metrics_value(out, "", 1e6);
    seed_metrics_family(out, "e_seconds", SEED_HISTOGRAM, "Times.");
    seed_metrics_buckets(out, NULL, &buckets);
    seed_metrics_buckets(out, "f=\"g\"", &buckets);
}

static void writes_prometheus_text(void **state)
{
    seed_metrics_out out = { .created = 5 };

    (void)state;
    write_some(&out);
    check(&out,
        "# HELP a_total Things, \"so\".\\nMany\\\\.\n"
        "# TYPE a_total counter\n"
        "a_total 7\n"
        "a_total{b=\"c\"} 0.5\n"
        "# HELP d_bytes Bytes.\n"
        "# TYPE d_bytes gauge\n"
        "d_bytes 1000000\n"
        "# HELP e_seconds Times.\n"
        "# TYPE e_seconds histogram\n"
        "e_seconds_bucket{le=\"0.5\"} 2\n"
        "e_seconds_bucket{le=\"1.0\"} 3\n"
        "e_seconds_bucket{le=\"+Inf\"} 7\n"
        "e_seconds_sum 12.5\n"
        "e_seconds_count 7\n"
        "e_seconds_bucket{f=\"g\",le=\"0.5\"} 2\n"
        "e_seconds_bucket{f=\"g\",le=\"1.0\"} 3\n"
        "e_seconds_bucket{f=\"g\",le=\"+Inf\"} 7\n"
        "e_seconds_sum{f=\"g\"} 12.5\n"
        "e_seconds_count{f=\"g\"} 7\n");
}

static void writes_open_metrics(void **state)
{
    seed_metrics_out out = { .open = true, .created = 5.25 };

    (void)state;
    write_some(&out);
    check(&out,
        "# HELP a Things, \\\"so\\\".\\nMany\\\\.\n"
        "# TYPE a counter\n"
        "a_total 7\n"
        "a_created 5.25\n"
        "a_total{b=\"c\"} 0.5\n"
        "a_created{b=\"c\"} 5.25\n"
        "# HELP d_bytes Bytes.\n"
        "# TYPE d_bytes gauge\n"
        "# UNIT d_bytes bytes\n"
        "d_bytes 1000000\n"
        "# HELP e_seconds Times.\n"
        "# TYPE e_seconds histogram\n"
        "# UNIT e_seconds seconds\n"
        "e_seconds_bucket{le=\"0.5\"} 2\n"
        "e_seconds_bucket{le=\"1.0\"} 3\n"
        "e_seconds_bucket{le=\"+Inf\"} 7\n"
        "e_seconds_sum 12.5\n"
        "e_seconds_count 7\n"
        "e_seconds_created 5.25\n"
        "e_seconds_bucket{f=\"g\",le=\"0.5\"} 2\n"
        "e_seconds_bucket{f=\"g\",le=\"1.0\"} 3\n"
        "e_seconds_bucket{f=\"g\",le=\"+Inf\"} 7\n"
        "e_seconds_sum{f=\"g\"} 12.5\n"
        "e_seconds_count{f=\"g\"} 7\n"
        "e_seconds_created{f=\"g\"} 5.25\n"
        "# EOF\n");
}

static void escapes_labels(void **state)
{
    char labels[64] = "";

    (void)state;
    assert_ptr_equal(seed_metrics_label(labels, sizeof labels, "a", "b"),
        labels);
    assert_string_equal(labels, "a=\"b\"");
    seed_metrics_label(labels, sizeof labels, "c", "\"\\\n");
    assert_string_equal(labels, "a=\"b\",c=\"\\\"\\\\\\n\"");
    seed_metrics_label(labels, sizeof labels, "d", "");
    assert_string_equal(labels, "a=\"b\",c=\"\\\"\\\\\\n\",d=\"\"");
}

/* Whatever the room, a label is there as a whole or not at all. */
static void keeps_labels_in_their_room(void **state)
{
    static const char want[] = "x=\"1\",name=\"a\\\"b\"";

    (void)state;
    for (size_t room = sizeof "x=\"1\""; room <= sizeof want + 1; room++) {
        char labels[64];

        memset(labels, '~', sizeof labels);
        strcpy(labels, "x=\"1\"");
        seed_metrics_label(labels, room, "name", "a\"b");
        assert_string_equal(labels, room < sizeof want ? "x=\"1\"" : want);
        for (size_t i = room; i < sizeof labels; i++)
            assert_int_equal(labels[i], '~');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_prometheus_text),
        cmocka_unit_test(writes_open_metrics),
        cmocka_unit_test(escapes_labels),
        cmocka_unit_test(keeps_labels_in_their_room),
    };

    return cmocka_run_group_tests_name("watch/metrics_text", tests, NULL,
        NULL);
}
