/* SPDX-License-Identifier: MIT */
#include "logged.h"
#include "watch/log_sink.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 4, LINES = 2000 };

static struct logged logged;

static unsigned count_pens(const seed_log *log)
{
    unsigned count = 0;

    for (struct pen *pen = atomic_load(&log->sink->pens); pen;
        pen = pen->next)
        count++;
    return count;
}

static void *log_lines(void *ctx)
{
    int number = *(int *)ctx;

    for (int i = 0; i < LINES; i++)
        seed_log_info(logged.log, NULL, seed_int("t", number),
            seed_int("i", i));
    return NULL;
}

/* No line is lost, none is torn, and those of one thread keep their order. */
static void takes_lines_of_all_threads(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS], seen[THREADS] = { 0 };
    static char text[THREADS * LINES * 120];

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .buffer = 4096,
        .buffers = 250 });
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, log_lines, &numbers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    assert_int_equal(0, seed_log_flush(logged.log, 10000));
    read_all(logged.path, text, sizeof text);
    assert_int_equal(0, seed_log_stats(logged.log).dropped);
    for (char *at = text; *at; at = strchr(at, '\n') + 1) {
        int thread, index, end = 0;
        const char *fields = strstr(at, "\"t\":");

        sscanf(fields, "\"t\":%d,\"i\":%d}%n", &thread, &index, &end);
        assert_true(end > 0 && fields[end] == '\n');
        assert_int_equal(seen[thread]++, index);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(LINES, seen[i]);
    logged_close(&logged);
}

/* Threads that come one after the other share a pen. */
static void gives_pens_of_ended_threads_to_others(void **state)
{
    int number = 0;

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .buffers = 250 });
    for (int i = 0; i < 5; i++) {
        pthread_t thread;

        pthread_create(&thread, NULL, log_lines, &number);
        pthread_join(thread, NULL);
        assert_int_equal(0, seed_log_flush(logged.log, 10000));
    }
    assert_int_equal(1, count_pens(logged.log));
    seed_log_info(logged.log, "of this thread");
    assert_int_equal(1, count_pens(logged.log));
    assert_int_equal(0, seed_log_stats(logged.log).dropped);
    logged_close(&logged);
}

static void keeps_two_loggers_apart(void **state)
{
    static struct logged other;

    (void)state;
    logged_open(&logged, NULL);
    logged_open(&other, NULL);
    for (int i = 0; i < 100; i++) {
        seed_log_info(logged.log, "one");
        seed_log_info(other.log, "other");
    }
    assert_int_equal(100, logged_count(&logged));
    assert_int_equal(100, logged_count(&other));
    assert_null(strstr(logged.text, "other"));
    assert_null(strstr(other.text, "one"));
    assert_int_equal(1, count_pens(logged.log));
    assert_int_equal(1, count_pens(other.log));
    logged_close(&other);
    logged_close(&logged);
}

/* A thread outlives loggers, and does not mistake a new one for an old. */
static void forgets_loggers_that_are_gone(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        logged_open(&logged, NULL);
        seed_log_info(logged.log, "line");
        assert_string_equal(",\"msg\":\"line\"", logged_line(&logged, 0));
        logged_close(&logged);
    }
}

/* A buffer is used again when it was written: two of them are enough. */
static void uses_buffers_again(void **state)
{
    struct pen *pen;
    unsigned used = 0;

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .buffer = 1024 });
    for (int i = 0; i < 500; i++) {
        seed_log_info(logged.log, "0123456789", seed_int("n", i));
        assert_int_equal(0, i % 5 ? 0 : seed_log_flush(logged.log, 10000));
    }
    pen = atomic_load(&logged.log->sink->pens);
    for (unsigned i = 0; i < logged.log->sink->chunks; i++)
        used += pen->chunks[i].bytes != NULL;
    assert_int_equal(2, used);
    logged_close(&logged);
}

static void tells_the_time(void **state)
{
    struct pen pen = { .millis = 0 };
    struct timespec now;
    char first[STAMP_DIGITS + 1] = "", second[STAMP_DIGITS + 1] = "";

    (void)state;
    clock_gettime(CLOCK_REALTIME, &now);
    memcpy(first, seed__pen_stamp(&pen), STAMP_DIGITS);
    assert_true(atoll(first) - now.tv_sec * 1000 - now.tv_nsec / 1000000
        < 1000);
    assert_true(atoll(first) >= now.tv_sec * 1000 + now.tv_nsec / 1000000);
    usleep(5000);
    memcpy(second, seed__pen_stamp(&pen), STAMP_DIGITS);
    assert_true(atoll(second) >= atoll(first) + 4);
    seed__stamp(first);
    assert_true(atoll(first) >= atoll(second));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_lines_of_all_threads),
        cmocka_unit_test(gives_pens_of_ended_threads_to_others),
        cmocka_unit_test(keeps_two_loggers_apart),
        cmocka_unit_test(forgets_loggers_that_are_gone),
        cmocka_unit_test(uses_buffers_again),
        cmocka_unit_test(tells_the_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
