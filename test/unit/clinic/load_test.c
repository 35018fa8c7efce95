/* SPDX-License-Identifier: MIT */
#include "clinic/load.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int run(const char *command)
{
    static const struct timespec moment = { 0, 1000000 };
    struct load load = { 0 };

    assert_int_equal(0,
        seed__load_start(&load, command, 3000, "http://localhost:3000"));
    while (!seed__load_ended(&load))
        nanosleep(&moment, NULL);
    assert_int_equal(0, load.pid);
    return load.status;
}

static const struct {
    const char *command;
    int status;
} cases[] = {
    { "! read line", 0 }, /* its input is empty */
    { "true", 0 },
    { "exit 7", 7 },
    { "kill -9 $$", 128 + SIGKILL },
    { "no-such-command-anywhere 2>/dev/null", 127 },
    { "test \"$PORT\" = 3000", 0 },
    { "test \"$SEED_URL\" = http://localhost:3000", 0 },
    { "test -z \"$SEED_DOCTOR$SEED_FLAME$SEED_ON_PORT\"", 0 },
    { "test \"$SEED_OTHER\" = kept", 0 },
    { "test \"$(cut -d' ' -f5 /proc/$$/stat)\" -eq $$", 0 },
};

static void runs_commands(void **state)
{
    (void)state;
    setenv("SEED_DOCTOR", "a.html", 1);
    setenv("SEED_ON_PORT", "true", 1);
    setenv("SEED_OTHER", "kept", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(cases[i].status, run(cases[i].command));
}

static void has_no_port_on_a_unix_socket(void **state)
{
    struct load load = { 0 };

    (void)state;
    setenv("PORT", "1", 1);
    assert_int_equal(0, seed__load_start(&load, "test -z \"$PORT\"", 0,
                            "unix:/tmp/s"));
    while (!seed__load_ended(&load))
        ;
    assert_int_equal(0, load.status);
}

static void ends_what_it_started(void **state)
{
    struct load load = { 0 };
    pid_t group;

    (void)state;
    /* Whom the shell leaves behind becomes ours, so that their end is known. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    seed__load_end(&load); /* nothing runs */
    assert_int_equal(0,
        seed__load_start(&load, "sleep 9999 & sleep 9999", 1, "x"));
    group = load.pid;
    seed__load_end(&load);
    assert_int_equal(0, load.pid);
    assert_int_equal(128 + SIGTERM, load.status);
    while (waitpid(-group, NULL, 0) > 0)
        continue;
    assert_int_equal(ECHILD, errno);
}

static void ends_what_is_stopped(void **state)
{
    struct load load = { 0 };

    (void)state;
    assert_int_equal(0, seed__load_start(&load, "kill -TTIN $$", 1, "x"));
    while (!seed__load_ended(&load))
        usleep(1000);
    assert_int_equal(0, load.pid);
    assert_int_equal(SIGTTIN, load.stopped);
    assert_int_equal(128 + SIGTERM, load.status);
}

static void says_when_others_took_the_end(void **state)
{
    struct load load = { 0 };

    (void)state;
    signal(SIGCHLD, SIG_IGN); /* the kernel forgets children's ends */
    assert_int_equal(0, seed__load_start(&load, "exit 3", 1, "x"));
    while (!seed__load_ended(&load))
        usleep(1000);
    assert_int_equal(-1, load.status);
    signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_commands),
        cmocka_unit_test(has_no_port_on_a_unix_socket),
        cmocka_unit_test(ends_what_it_started),
        cmocka_unit_test(ends_what_is_stopped),
        cmocka_unit_test(says_when_others_took_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
