/* SPDX-License-Identifier: MIT */
/* not under valgrind: one thread runs at a time there, and all of them sleep in
 * valgrind's own system calls, on stacks of its own. */
#include "watch/code.h"
#include "watch/stack.h"
#include "watch/symbol.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    struct thread thread;
    int pipe[2];
    _Atomic int ready;
    volatile char kept;
} sleeper;

__attribute__((noinline)) static char sleep_here(void)
{
    char byte = 'n';

    sleeper.ready = 1;
    if (read(sleeper.pipe[0], &byte, 1) != 1)
        byte = 'e';
    sleeper.kept = byte; /* no tail call */
    return byte;
}

__attribute__((noinline)) static char pass_by(void)
{
    char byte = sleep_here();

    sleeper.kept++;
    return byte;
}

static void *run(void *ctx)
{
    (void)ctx;
    seed__thread_open(&sleeper.thread);
    pass_by();
    return NULL;
}

static void finds_the_calls_of_a_sleeper(void **state)
{
    void *frames[STACK_FRAMES];
    struct thread_call call;
    int here = 0, by = 0;
    pthread_t id;
    size_t found;

    (void)state;
    assert_int_equal(0, pipe(sleeper.pipe));
    assert_int_equal(0, pthread_create(&id, NULL, run, NULL));
    assert_true(await_count(&sleeper.ready, 1));
    do {
        sleep_ms(2);
        call = seed__thread_call(&sleeper.thread);
    } while (!call.sleeps);
    found = seed__stack_search(&sleeper.thread, &call, frames);
    assert_int_equal(1, write(sleeper.pipe[1], "x", 1));
    pthread_join(id, NULL);
    seed__thread_close(&sleeper.thread);

    assert_true(found >= 3);
    for (size_t i = 0; i < found; i++) {
        char name[100];

        seed__symbol_name(frames[i], name, sizeof name);
        if (!here && !strcmp(name, "sleep_here"))
            here = (int)i;
        if (!strcmp(name, "pass_by"))
            by = (int)i;
    }
    assert_true(here > 0);
    assert_true(by > here);
}

static void needs_to_know_where_the_stack_is(void **state)
{
    void *frames[STACK_FRAMES];
    struct thread thread = { .low = 1000, .high = 2000 };
    struct thread_call call = { .place = 1, .stack = 2000 };

    (void)state;
    assert_int_equal(0, seed__stack_search(&thread, &call, frames));
    call.stack = 999;
    assert_int_equal(0, seed__stack_search(&thread, &call, frames));
    call.stack = 1500;
    call.place = 0;
    assert_int_equal(0, seed__stack_search(&thread, &call, frames));
    /* No memory there, but the place is known. */
    call.place = 1;
    assert_int_equal(1, seed__stack_search(&thread, &call, frames));
}

static void knows_calls(void **state)
{
    const unsigned char *back = __builtin_return_address(0);
    unsigned char zeros[CODE_BEFORE] = { 0 };

    (void)state;
    assert_true(code_is_call(back - CODE_BEFORE));
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
    assert_false(code_is_call(zeros));
#else
    assert_true(code_is_call(zeros));
#endif
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_calls_of_a_sleeper),
        cmocka_unit_test(needs_to_know_where_the_stack_is),
        cmocka_unit_test(knows_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
