/* SPDX-License-Identifier: MIT */
#include "wire/pipe.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static void break_a_pipe(void)
{
    int ends[2];

    assert_int_equal(0, pipe(ends));
    close(ends[0]);
    assert_int_equal(-1, write(ends[1], "x", 1));
    close(ends[1]);
}

static bool blocks(void)
{
    sigset_t now;

    pthread_sigmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, SIGPIPE);
}

/* With the default action, one signal that got through would end the test. */
static void swallows_the_signal(void **state)
{
    struct pipe_guard outer, inner;
    sigset_t pending;

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    seed__pipe_guard(&outer);
    break_a_pipe();
    seed__pipe_guard(&inner);
    break_a_pipe();
    seed__pipe_unguard(&inner);
    assert_true(blocks());
    seed__pipe_unguard(&outer);
    assert_false(blocks());
    assert_int_equal(0, sigpending(&pending));
    assert_false(sigismember(&pending, SIGPIPE));
}

static void leaves_a_hosts_own_block_alone(void **state)
{
    struct pipe_guard guard;
    sigset_t pipe;

    (void)state;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    seed__pipe_guard(&guard);
    seed__pipe_unguard(&guard);
    assert_true(blocks());
    pthread_sigmask(SIG_UNBLOCK, &pipe, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(swallows_the_signal),
        cmocka_unit_test(leaves_a_hosts_own_block_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
