/* SPDX-License-Identifier: MIT */
#include "logged.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct logged logged;

static off_t size_of(const struct logged *log)
{
    struct stat about;

    assert_int_equal(0, stat(log->path, &about));
    return about.st_size;
}

/* Milliseconds until the file has something, or `most`. */
static unsigned wait_for_bytes(const struct logged *log, unsigned most)
{
    uint64_t begun = seed_now();

    while (!size_of(log) && seed_now() - begun < most * 1000000ull)
        usleep(1000);
    return (unsigned)((seed_now() - begun) / 1000000);
}

static void writes_after_a_while(void **state)
{
    (void)state;
    logged_open(&logged, NULL);
    seed_log_info(logged.log, "x");
    assert_true(wait_for_bytes(&logged, 5000) < 5000);
    logged_close(&logged);
}

static void waits_as_long_as_it_is_told(void **state)
{
    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .flush_every = 3600000,
        .buffer = 1024 });
    seed_log_info(logged.log, "x");
    assert_true(wait_for_bytes(&logged, 200) >= 200);
    assert_int_equal(0, size_of(&logged));

    /* A buffer that is full does not wait, the one behind it does. */
    for (int i = 0; i < 30; i++)
        seed_log_info(logged.log, "0123456789");
    assert_true(wait_for_bytes(&logged, 5000) < 5000);
    assert_true(size_of(&logged) < 30 * 90);
    assert_int_equal(31, logged_count(&logged));
    logged_close(&logged);
}

static void writes_from_a_level_on(void **state)
{
    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .flush_every = 3600000,
        .flush_level = SEED_LOG_WARN });
    seed_log_info(logged.log, "info");
    assert_true(wait_for_bytes(&logged, 100) >= 100);
    assert_int_equal(0, size_of(&logged));
    seed_log_warn(logged.log, "warn");
    assert_true(wait_for_bytes(&logged, 5000) < 5000);
    logged_close(&logged);
}

/* The line of a fatal error is there when the call returns. */
static void writes_fatal_lines_at_once(void **state)
{
    (void)state;
    logged_open(&logged, &(struct seed_log_options){
        .flush_every = 3600000 });
    seed_log_info(logged.log, "before");
    seed_log_fatal(logged.log, "end");
    read_all(logged.path, logged.text, sizeof logged.text);
    assert_non_null(strstr(logged.text, "\"before\""));
    assert_non_null(strstr(logged.text, "\"end\""));
    logged_close(&logged);
}

static void writes_the_rest_when_it_is_freed(void **state)
{
    (void)state;
    logged_open(&logged, &(struct seed_log_options){
        .flush_every = 3600000 });
    seed_log_info(logged.log, "rest");
    seed_log_free(logged.log);
    read_all(logged.path, logged.text, sizeof logged.text);
    assert_non_null(strstr(logged.text, "\"rest\""));
    unlink(logged.path);
}

/* Nobody reads: flushing and freeing end all the same. */
static void gives_up_in_time(void **state)
{
    uint64_t begun = seed_now();
    int ends[2];
    seed_log *log;

    (void)state;
    assert_int_equal(0, pipe(ends));
    log = seed_log_new(&(struct seed_log_options){ .fd = ends[1] });
    for (int i = 0; i < 5000; i++)
        seed_log_info(log, "0123456789");
    assert_int_equal(SEED_ESYSTEM, seed_log_flush(log, 100));
    assert_true(seed_now() - begun >= 100 * 1000000ull);
    seed_log_free(log);
    assert_true(seed_now() - begun < 5000 * 1000000ull);
    close(ends[0]);
    close(ends[1]);
}

static void flushes_nothing_at_once(void **state)
{
    (void)state;
    logged_open(&logged, NULL);
    assert_int_equal(0, seed_log_flush(logged.log, 0));
    seed_log_info(logged.log, "x");
    for (int i = 0; i < 100; i++)
        assert_int_equal(0, seed_log_flush(logged.log, 5000));
    assert_true(size_of(&logged) > 0);
    logged_close(&logged);
}

static volatile sig_atomic_t caught_by_main;

static void catch(int number)
{
    (void)number;
    caught_by_main = 1;
}

/* The application's signals go to the application's threads. */
static void takes_no_signals(void **state)
{
    sigset_t blocked, before;

    (void)state;
    logged_open(&logged, NULL);
    seed_log_info(logged.log, "x");
    signal(SIGUSR1, catch);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    kill(getpid(), SIGUSR1);
    usleep(20000);
    assert_false(caught_by_main);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_true(caught_by_main);
    logged_close(&logged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_after_a_while),
        cmocka_unit_test(waits_as_long_as_it_is_told),
        cmocka_unit_test(writes_from_a_level_on),
        cmocka_unit_test(writes_fatal_lines_at_once),
        cmocka_unit_test(writes_the_rest_when_it_is_freed),
        cmocka_unit_test(gives_up_in_time),
        cmocka_unit_test(flushes_nothing_at_once),
        cmocka_unit_test(takes_no_signals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
