/* SPDX-License-Identifier: MIT */
/* not under valgrind: it has its own opinion about processes that crash. */
#include "logged.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char text[1 << 16];

/* Sanitizers have handlers of their own, which exit: what was there before
 * must be the default here. */
static void use_defaults(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
        SIGSYS };
    const struct rlimit none = { 0, 0 };

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
}

static atomic_bool logged_elsewhere;

static void *log_elsewhere(void *ctx)
{
    seed_log_info(ctx, "of another thread");
    atomic_store(&logged_elsewhere, true);
    pause();
    return NULL;
}

/* Everything happens in a child, which ends by a signal. */
static void log_and_crash(const char *path, int number, int fd)
{
    seed_log *log = seed_log_new(&(struct seed_log_options){
        .path = path, .fd = fd, .flush_every = 3600000,
        .flush_on_crash = true, .buffer = 1024 });
    pthread_t thread;

    pthread_create(&thread, NULL, log_elsewhere, log);
    while (!atomic_load(&logged_elsewhere))
        usleep(1000);
    for (int i = 0; i < 50; i++)
        seed_log_info(log, "before", seed_int("i", i));
    if (number == SIGABRT)
        abort();
    raise(number);
    _exit(0);
}

static int run(const char *path, int number, int fd)
{
    pid_t child = fork();
    int status = -1;

    if (!child) {
        use_defaults();
        log_and_crash(path, number, fd);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    return status;
}

static void expect_all_lines(const char *signal_name)
{
    char want[64];
    const char *at = text;

    assert_non_null(strstr(text, "\"of another thread\"}\n"));
    for (int i = 0; i < 50; i++) {
        snprintf(want, sizeof want, "\"i\":%d,\"msg\":\"before\"}\n", i);
        at = strstr(at, want);
        assert_non_null(at);
        assert_null(strstr(at + 1, want)); /* and only once */
    }
    snprintf(want, sizeof want, "\"signal\":\"%s\",\"msg\":\"crashed\"}\n",
        signal_name);
    at = strstr(text, want);
    assert_non_null(at);
    assert_int_equal(strlen(want), strlen(at));
}

static void writes_everything_before_the_end(void **state)
{
    static const struct {
        int number;
        const char *name;
    } crashes[] = { { SIGSEGV, "SIGSEGV" }, { SIGABRT, "SIGABRT" },
        { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" }, { SIGILL, "SIGILL" },
        { SIGSYS, "SIGSYS" } };

    (void)state;
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
        char path[] = "/tmp/seed_log_test.XXXXXX";
        int status;

        close(mkstemp(path));
        status = run(path, crashes[i].number, 0);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(crashes[i].number, WTERMSIG(status));
        read_all(path, text, sizeof text);
        expect_all_lines(crashes[i].name);
        unlink(path);
    }
}

/* A pipe that nobody empties does not keep a crash from ending. */
static void crashes_with_a_full_pipe(void **state)
{
    static char block[1 << 16];
    int ends[2], status;

    (void)state;
    assert_int_equal(0, pipe(ends));
    assert_int_equal(sizeof block, write(ends[1], block, sizeof block));
    status = run(NULL, SIGSEGV, ends[1]);
    assert_int_equal(SIGSEGV, WTERMSIG(status));
    close(ends[0]);
    close(ends[1]);
}

static void handle_and_leave(int number)
{
    _exit(number == SIGSEGV ? 42 : 1);
}

static void handle_with_facts(int number, siginfo_t *about, void *context)
{
    _exit(number == SIGSEGV && about->si_signo == SIGSEGV && context ? 43
                                                                     : 1);
}

static void hands_crashes_on(void **state)
{
    struct sigaction facts = { .sa_flags = SA_SIGINFO };

    (void)state;
    facts.sa_sigaction = handle_with_facts;
    for (int kind = 0; kind < 2; kind++) {
        char path[] = "/tmp/seed_log_test.XXXXXX";
        pid_t child;
        int status;

        close(mkstemp(path));
        child = fork();
        if (!child) {
            use_defaults();
            if (kind)
                sigaction(SIGSEGV, &facts, NULL);
            else
                signal(SIGSEGV, handle_and_leave);
            log_and_crash(path, SIGSEGV, 0);
        }
        assert_int_equal(child, waitpid(child, &status, 0));
        assert_int_equal(42 + kind, WEXITSTATUS(status));
        read_all(path, text, sizeof text);
        expect_all_lines("SIGSEGV");
        unlink(path);
    }
}

/* --- hang-up -------------------------------------------------------------- */

static volatile sig_atomic_t hangups;

static void count_hangup(int number)
{
    hangups += number == SIGHUP;
}

static void opens_files_anew(void **state)
{
    static struct logged logged;
    char moved[64];

    (void)state;
    signal(SIGHUP, count_hangup);
    logged_open(&logged, &(struct seed_log_options){
        .reopen_on_hangup = true });
    seed_log_info(logged.log, "old");
    logged_all(&logged);
    snprintf(moved, sizeof moved, "%s.1", logged.path);
    assert_int_equal(0, rename(logged.path, moved));

    raise(SIGHUP);
    assert_int_equal(1, hangups);
    for (int i = 0; i < 1000 && access(logged.path, F_OK); i++)
        usleep(5000);
    seed_log_info(logged.log, "new");
    assert_string_equal(",\"msg\":\"new\"", logged_line(&logged, 0));
    unlink(moved);
    logged_close(&logged);

    raise(SIGHUP); /* with no logger left */
    assert_int_equal(2, hangups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_everything_before_the_end),
        cmocka_unit_test(crashes_with_a_full_pipe),
        cmocka_unit_test(hands_crashes_on),
        cmocka_unit_test(opens_files_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
