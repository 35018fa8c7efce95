/* SPDX-License-Identifier: MIT */
/* The way from the environment to files; with a load's exit status it is
 * tested from outside, by test/wire/test_diagnose.py. */
#include <seed.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/seed-diagnose-XXXXXX", path[64], second[64];

static void stop_soon(void *ctx)
{
    seed_stop(ctx, 0);
}

static void again(void *ctx)
{
    (void)ctx;
    raise(SIGUSR2);
}

static void on_listen(const seed_event *event, void *ctx)
{
    seed_timer_start(event->worker, 400, false, stop_soon, event->server);
    if (ctx)
        seed_timer_start(event->worker, 50, false, again, NULL);
}

static int serve(bool no_environment, bool signalled)
{
    static int marker;
    seed_server *server = seed_server_new(&(struct seed_options){
        .no_environment = no_environment });
    int err;

    seed_on(server, SEED_ON_LISTEN, on_listen, signalled ? &marker : NULL);
    seed_listen(server, "localhost", 0);
    err = seed_run(server);
    seed_server_free(server);
    return err;
}

static void writes_at_the_end(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) { /* the claim is given back */
        assert_int_equal(0, serve(false, false));
        assert_int_equal(0, access(path, R_OK));
        unlink(path);
    }
}

static void writes_at_a_signal(void **state)
{
    (void)state;
    assert_int_equal(0, serve(false, true));
    assert_int_equal(0, access(path, R_OK));
    assert_int_equal(0, access(second, R_OK));
    unlink(path);
    unlink(second);
}

#ifdef __SANITIZE_THREAD__
enum { FORKS = 0 }; /* its runtime waits in the child for lost threads */
#else
enum { FORKS = 1 };
#endif

static int forked;

static void fork_and_exit(void *ctx)
{
    pid_t child = fork();

    (void)ctx;
    if (!child) {
        alarm(20);
        exit(7);
    }
    waitpid(child, &forked, 0);
}

static void fork_soon(const seed_event *event, void *ctx)
{
    (void)ctx;
    seed_timer_start(event->worker, 100, false, fork_and_exit, NULL);
}

/* It has no thread to wait for, and the files are its parent's. */
static void a_child_exits_by_itself(void **state)
{
    seed_server *server;

    (void)state;
    if (!FORKS)
        return;

    server = seed_server_new(NULL);
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_LISTEN, fork_soon, NULL);
    seed_listen(server, "localhost", 0);
    assert_int_equal(0, seed_run(server));
    seed_server_free(server);
    assert_true(WIFEXITED(forked));
    assert_int_equal(7, WEXITSTATUS(forked));
    assert_int_equal(0, access(path, R_OK));
    unlink(path);
}

/* The next server has the claim, and the first has written nothing. */
static void gives_the_claim_back(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_int_equal(SEED_ESTATE, seed_run(server)); /* nothing to serve */
    assert_int_equal(-1, access(path, R_OK));
    assert_int_equal(0, serve(false, false));
    assert_int_equal(0, access(path, R_OK));
    unlink(path);
    seed_server_free(server);
}

static bool is_caught(int number)
{
    struct sigaction now;

    sigaction(number, NULL, &now);
    return now.sa_handler != SIG_DFL;
}

/* Nothing is left that could ask the server once it is gone. */
static void ends_with_a_server_that_never_ran(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    setenv("SEED_DOCTOR", "-", 1);
    assert_int_equal(0, seed_diagnose_from_env(server));
    unsetenv("SEED_DOCTOR");
    assert_true(is_caught(SIGUSR2));
    seed_server_free(server);
    assert_false(is_caught(SIGUSR2));
    assert_int_equal(-1, access(path, R_OK));

    assert_int_equal(0, serve(false, false)); /* the next one is diagnosed */
    assert_int_equal(0, access(path, R_OK));
    unlink(path);
}

/* It asks no environment by itself, so that nobody waits behind seed_run(). */
static void writes_when_the_server_is_freed(void **state)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .no_environment = true });

    (void)state;
    setenv("SEED_DOCTOR", "-", 1);
    assert_int_equal(0, seed_diagnose_from_env(server));
    unsetenv("SEED_DOCTOR");
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_listen(server, "localhost", 0);
    assert_int_equal(0, seed_run(server));
    seed_server_free(server);
    assert_int_equal(0, access(path, R_OK));
    unlink(path);
    assert_false(is_caught(SIGUSR2));
}

static void leaves_others_alone(void **state)
{
    (void)state;
    assert_int_equal(0, serve(true, false));
    assert_int_equal(-1, access(path, R_OK));
}

static void keeps_the_sentence(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    setenv("SEED_GOAL", "nonsense", 1);
    assert_int_equal(SEED_EINVAL, seed_diagnose_from_env(server));
    assert_non_null(strstr(seed_server_error(server), "SEED_GOAL"));
    assert_int_equal(SEED_ENOMEM, seed_diagnose_from_env(NULL));
    unsetenv("SEED_GOAL");
    seed_server_free(server);
}

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/f.folded", folder);
    snprintf(second, sizeof second, "%s/f-2.folded", folder);
    return setenv("SEED_FLAME", path, 1);
}

static int end(void **state)
{
    (void)state;
    unsetenv("SEED_FLAME");
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_at_the_end),
        cmocka_unit_test(writes_at_a_signal),
        cmocka_unit_test(a_child_exits_by_itself),
        cmocka_unit_test(gives_the_claim_back),
        cmocka_unit_test(ends_with_a_server_that_never_ran),
        cmocka_unit_test(writes_when_the_server_is_freed),
        cmocka_unit_test(leaves_others_alone),
        cmocka_unit_test(keeps_the_sentence),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
