/* SPDX-License-Identifier: MIT */
#include "logged.h"
#include "unit/failing.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct logged logged;

static void writes_the_line_of_pino(void **state)
{
    char host[256] = "", want[512];
    const char *all;
    long long time;

    (void)state;
    logged_open(&logged, NULL);
    seed_log_info(logged.log, "hello \"world\"", seed_str("a", "b"),
        seed_int("n", 1));
    gethostname(host, sizeof host - 1);
    all = logged_all(&logged);
    assert_int_equal(1, sscanf(all, "{\"level\":30,\"time\":%lld,", &time));
    snprintf(want, sizeof want,
        "{\"level\":30,\"time\":%lld,\"pid\":%ld,\"hostname\":\"%s\","
        "\"a\":\"b\",\"n\":1,\"msg\":\"hello \\\"world\\\"\"}\n",
        time, (long)getpid(), host);
    assert_string_equal(want, all);
    logged_close(&logged);
}

static unsigned evaluated;

static int64_t count_evaluation(void)
{
    return ++evaluated;
}

static void knows_levels(void **state)
{
    static const int levels[] = { 30, 40, 50, 60, 35, 100, 7, 20, 10 };

    (void)state;
    logged_open(&logged, NULL);
    evaluated = 0;
    seed_log_trace(logged.log, "no", seed_int("n", count_evaluation()));
    seed_log_debug(logged.log, "no", seed_int("n", count_evaluation()));
    assert_int_equal(0, evaluated);
    seed_log_info(logged.log, "info", seed_int("n", count_evaluation()));
    assert_int_equal(1, evaluated);
    seed_log_warn(logged.log, "warn");
    seed_log_error(logged.log, "error");
    seed_log_fatal(logged.log, "fatal");
    SEED_LOG(logged.log, 35, "own");
    seed_log_write(logged.log, 100, "own", NULL);
    seed_log_write(logged.log, 29, "no", NULL);

    seed_log_set_level(logged.log, 1);
    assert_true(seed_log_on(logged.log, 1));
    assert_false(seed_log_on(logged.log, 0));
    seed_log_write(logged.log, 7, "low", NULL);
    seed_log_debug(logged.log, "debug");
    seed_log_trace(logged.log, "trace");
    seed_log_set_level(logged.log, SEED_LOG_SILENT);
    seed_log_fatal(logged.log, "no");

    assert_int_equal(COUNT(levels), logged_count(&logged));
    for (unsigned i = 0; i < COUNT(levels); i++)
        assert_int_equal(levels[i], logged_level(&logged, i));
    logged_close(&logged);
}

static void writes_without_a_message(void **state)
{
    (void)state;
    logged_open(&logged, NULL);
    seed_log_info(logged.log, NULL);
    seed_log_info(logged.log, NULL, seed_int("a", 1));
    seed_log_info(logged.log, "");
    assert_string_equal("", logged_line(&logged, 0));
    assert_string_equal(",\"a\":1", logged_line(&logged, 1));
    assert_string_equal(",\"msg\":\"\"", logged_line(&logged, 2));
    logged_close(&logged);
}

static void gives_children_their_members(void **state)
{
    static char text[5000];
    seed_log *child, *grandchild, *large;

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .name = "my \"app\"",
        .level = SEED_LOG_DEBUG });
    child = seed_log_child(logged.log, seed_str("part", "db"));
    grandchild = seed_log_child(child, seed_int("n", 1), seed_obj("o"),
        seed_bool("b", true), seed_end());
    memset(text, 'x', sizeof text - 1);
    large = seed_log_child(child, seed_str("text", text));

    seed_log_set_level(logged.log, SEED_LOG_ERROR);
    seed_log_debug(logged.log, "no");
    seed_log_debug(child, "child", seed_int("c", 2));
    seed_log_debug(grandchild, "grandchild");
    seed_log_debug(large, NULL);

    assert_string_equal(",\"name\":\"my \\\"app\\\"\",\"part\":\"db\",\"c\":2,"
                        "\"msg\":\"child\"",
        logged_line(&logged, 0));
    assert_string_equal(",\"name\":\"my \\\"app\\\"\",\"part\":\"db\",\"n\":1,"
                        "\"o\":{\"b\":true},\"msg\":\"grandchild\"",
        logged_line(&logged, 1));
    assert_int_equal(sizeof text - 1 + strlen(",\"name\":\"my \\\"app\\\"\","
                                             "\"part\":\"db\",\"text\":\"\""),
        strlen(logged_line(&logged, 2)));
    seed_log_free(large);
    seed_log_free(child);
    logged_close(&logged);

    seed_log_debug(grandchild, "it outlives them");
    assert_int_equal(0, seed_log_flush(grandchild, 5000));
    seed_log_free(grandchild);
}

static void redacts_what_names_the_process(void **state)
{
    static const char *const paths[] = { "pid", "hostname", "name", "msg",
        "level", "part", NULL };
    seed_log *child;
    const char *all;

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .name = "x",
        .redact = paths, .remove = true });
    child = seed_log_child(logged.log, seed_int("part", 1));
    seed_log_info(child, "secret", seed_int("a", 1));
    seed_log_free(child);
    all = logged_all(&logged);
    assert_memory_equal("{\"level\":30,\"time\":", all, 19);
    assert_string_equal(",\"a\":1}\n", all + 32);
    logged_close(&logged);
}

static void refuses_options_that_cannot_be(void **state)
{
    static const char *const bad[] = { "a..b", NULL };

    (void)state;
    errno = 0;
    assert_null(seed_log_new(&(struct seed_log_options){ .redact = bad }));
    assert_int_equal(EINVAL, errno);
    assert_null(seed_log_new(&(struct seed_log_options){
        .path = "/nowhere/at/all" }));
    assert_int_equal(ENOENT, errno);
}

static void does_nothing_without_a_logger(void **state)
{
    (void)state;
    seed_log_info(NULL, "x", seed_int("n", count_evaluation()));
    seed_log_write(NULL, SEED_LOG_FATAL, "x", NULL);
    seed_log_set_level(NULL, 10);
    seed_log_reopen(NULL);
    assert_int_equal(0, seed_log_flush(NULL, 10));
    assert_int_equal(0, seed_log_stats(NULL).bytes);
    assert_null(seed_log_child(NULL, seed_int("a", 1)));
    seed_log_free(NULL);
}

/* A line that is longer than a buffer gets a larger one; one that is longer
 * than a MiB is dropped and told about. */
static void writes_long_lines(void **state)
{
    static char text[2000000];

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .buffer = 1024 });
    memset(text, 'y', sizeof text - 1);
    for (size_t length = 500; length < 60000; length = length * 5 / 3)
        seed_log_info(logged.log, "m", seed_text("t", text, length));
    seed_log_info(logged.log, "small");
    seed_log_info(logged.log, text);
    seed_log_info(logged.log, "last");

    for (size_t i = 0, length = 500; length < 60000;
        length = length * 5 / 3, i++)
        assert_int_equal(length + strlen(",\"t\":\"\",\"msg\":\"m\""),
            strlen(logged_line(&logged, (unsigned)i)));
    assert_int_equal(1, seed_log_stats(logged.log).dropped);
    logged_close(&logged);
}

static void is_made_whole_or_not_at_all(void **state)
{
    static const char *const paths[] = { "a", NULL };
    long before = failing.live;
    seed_log *log = NULL;

    (void)state;
    for (long n = 0; !log; n++) {
        failing.left = n;
        log = seed_log_new(&(struct seed_log_options){ .path = "/dev/null",
            .redact = paths, .name = "x" });
        failing.left = -1;
        assert_true(log || errno == ENOMEM);
        assert_true(log || failing.live == before);
    }
    seed_log_free(log);
    assert_int_equal(before, failing.live);
}

/* Without memory lines are dropped, and the next ones are written. */
static void goes_on_without_memory(void **state)
{
    (void)state;
    logged_open(&logged, NULL);
    for (long n = 0; n < 3; n++) {
        failing.left = n;
        seed_log_info(logged.log, "maybe");
        failing.left = -1;
    }
    failing.left = 0;
    assert_null(seed_log_child(logged.log, seed_int("a", 1)));
    failing.left = -1;
    seed_log_info(logged.log, "there");
    assert_int_equal(4, logged_count(&logged)
            + seed_log_stats(logged.log).dropped
            - (strstr(logged.text, "dropped") != NULL));
    assert_non_null(strstr(logged.text, "there"));
    logged_close(&logged);
}

/* A steady logger allocates nothing. */
static void allocates_nothing_for_a_line(void **state)
{
    long before;

    (void)state;
    logged_open(&logged, NULL);
    seed_log_info(logged.log, "first");
    logged_all(&logged);
    before = failing.asked;
    for (int i = 0; i < 200; i++)
        seed_log_info(logged.log, "more", seed_num("n", i / 3.0));
    assert_int_equal(before, failing.asked);
    logged_close(&logged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_line_of_pino),
        cmocka_unit_test(knows_levels),
        cmocka_unit_test(writes_without_a_message),
        cmocka_unit_test(gives_children_their_members),
        cmocka_unit_test(redacts_what_names_the_process),
        cmocka_unit_test(refuses_options_that_cannot_be),
        cmocka_unit_test(does_nothing_without_a_logger),
        cmocka_unit_test(writes_long_lines),
        cmocka_unit_test(is_made_whole_or_not_at_all),
        cmocka_unit_test(goes_on_without_memory),
        cmocka_unit_test(allocates_nothing_for_a_line),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
