/* SPDX-License-Identifier: MIT */
/* not under valgrind: a fork's child leaves the stacks of threads behind.
 * not under asan: its allocator may be locked at the fork, and is for ever.
 * not under tsan: it cannot tell the child's threads from its parent's. */
#include "logged.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct logged logged;

static const struct seed_log_options patient = { .flush_every = 3600000 };

static int wait_for_child(pid_t child)
{
    int status = -1;

    assert_int_equal(child, waitpid(child, &status, 0));
    return status;
}

static unsigned count(const char *text, const char *what)
{
    unsigned found = 0;

    for (; (text = strstr(text, what)); text++)
        found++;
    return found;
}

/* exit() writes what waits; nobody has to free the logger. */
static void writes_at_exit(void **state)
{
    pid_t child;

    (void)state;
    logged_open(&logged, &patient);
    child = fork();
    if (!child) {
        seed_log_info(logged.log, "of the child");
        exit(7);
    }
    assert_int_equal(7, WEXITSTATUS(wait_for_child(child)));
    read_all(logged.path, logged.text, sizeof logged.text);
    assert_int_equal(1, count(logged.text, "of the child"));
    logged_close(&logged);
}

/* What waits at a fork() is written once, by the parent; both go on, each
 * under its own pid. */
static void forks(void **state)
{
    char want[64];
    pid_t child;

    (void)state;
    logged_open(&logged, &patient);
    seed_log_info(logged.log, "before");
    child = fork();
    if (!child) {
        seed_log *own = seed_log_child(logged.log, seed_int("n", 1));

        seed_log_info(own, "of the child");
        if (seed_log_flush(own, 5000))
            _exit(1);
        seed_log_info(own, "once more");
        seed_log_free(own);
        seed_log_free(logged.log);
        _exit(0);
    }
    assert_int_equal(0, wait_for_child(child));
    seed_log_info(logged.log, "behind");
    logged_all(&logged);

    assert_int_equal(1, count(logged.text, "\"before\""));
    assert_int_equal(1, count(logged.text, "\"of the child\""));
    assert_int_equal(1, count(logged.text, "\"once more\""));
    assert_int_equal(1, count(logged.text, "\"behind\""));
    snprintf(want, sizeof want, "\"pid\":%ld,", (long)child);
    assert_int_equal(2, count(logged.text, want));
    snprintf(want, sizeof want, "\"pid\":%ld,", (long)getpid());
    assert_int_equal(2, count(logged.text, want));
    logged_close(&logged);
}

/* A daemon makes its logger first, and then forks. */
static void forks_before_the_first_line(void **state)
{
    pid_t child;

    (void)state;
    logged_open(&logged, &patient);
    child = fork();
    if (!child) {
        seed_log_info(logged.log, "daemon");
        exit(0);
    }
    assert_int_equal(0, wait_for_child(child));
    assert_int_equal(1, count(logged_all(&logged), "\"daemon\""));
    logged_close(&logged);
}

static void *log_until_told(void *ctx)
{
    while (!__atomic_load_n((int *)ctx, __ATOMIC_RELAXED)) {
        seed_log_info(logged.log, "busy");
        usleep(50);
    }
    return NULL;
}

/* By lines: how many the threads write is the machine's speed. */
static unsigned count_lines(const char *path, const char *what)
{
    FILE *file = fopen(path, "r");
    char line[512];
    unsigned found = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        found += strstr(line, what) != NULL;
    fclose(file);
    return found;
}

/* Whatever other threads are at when one forks. */
static void forks_among_threads(void **state)
{
    pthread_t threads[2];
    int stop = 0;

    (void)state;
    logged_open(&logged, NULL);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, log_until_told, &stop);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();

        if (!child) {
            seed_log_info(logged.log, "of a child");
            _exit(seed_log_flush(logged.log, 5000) != 0);
        }
        assert_int_equal(0, wait_for_child(child));
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(0, seed_log_flush(logged.log, 5000));
    assert_int_equal(20, count_lines(logged.path, "\"of a child\"}\n"));
    logged_close(&logged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_at_exit),
        cmocka_unit_test(forks),
        cmocka_unit_test(forks_before_the_first_line),
        cmocka_unit_test(forks_among_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
