/* SPDX-License-Identifier: MIT */
/* not under valgrind: one thread runs at a time there, and all of them sleep in
 * valgrind's own system calls, on stacks of its own. */
#include "watch/thread.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

/* A thread that does what it is told. */
static struct {
    struct thread thread;
    pthread_t id;
    int pipe[2];
    _Atomic bool burn, stop;
    _Atomic int ready;
} other;

static void *run(void *ctx)
{
    char byte;

    (void)ctx;
    seed__thread_open(&other.thread);
    other.ready = 1;
    while (!other.stop) {
        while (other.burn)
            ;
        if (read(other.pipe[0], &byte, 1) < 0)
            break;
    }
    return NULL;
}

static int begin(void **state)
{
    (void)state;
    if (pipe(other.pipe) || pthread_create(&other.id, NULL, run, NULL))
        return -1;
    return await_count(&other.ready, 1) ? 0 : -1;
}

static void prod(void)
{
    if (write(other.pipe[1], "x", 1) != 1)
        fail();
}

static int end(void **state)
{
    (void)state;
    other.stop = true;
    other.burn = false;
    prod();
    pthread_join(other.id, NULL);
    seed__thread_close(&other.thread);
    return 0;
}

static bool is_asleep(bool asleep)
{
    for (int i = 0; i < 1000; i++) {
        struct thread_call call = seed__thread_call(&other.thread);

        if (call.known && call.sleeps == asleep)
            return true;
        sleep_ms(1);
    }
    return false;
}

static void knows_a_thread_that_sleeps(void **state)
{
    struct thread_call call;
    char name[128];
    uint64_t computed;

    (void)state;
    assert_true(is_asleep(true));
    call = seed__thread_call(&other.thread);
    assert_int_equal(SYS_read, call.number);
    assert_int_equal(other.pipe[0], call.fd);
    assert_true(call.stack > other.thread.low);
    assert_true(call.stack < other.thread.high);
    assert_true(call.place != 0);
    seed__thread_call_name(&call, name, sizeof name);
    assert_true(!strncmp(name, "read of pipe:", 13));

    computed = seed__thread_computed(&other.thread);
    sleep_ms(30);
    assert_true(seed__thread_computed(&other.thread) - computed < 5000000);
}

static void knows_a_thread_that_computes(void **state)
{
    uint64_t computed = seed__thread_computed(&other.thread);
    uint64_t starved = seed__thread_starved(&other.thread), spent = 0;

    (void)state;
    other.burn = true;
    prod();
    assert_true(is_asleep(false));
    /* On a busy machine it may have to wait for a processor. */
    for (int i = 0; i < 500 && spent < 20000000; i++) {
        sleep_ms(2);
        spent = seed__thread_computed(&other.thread) - computed;
    }
    assert_true(spent >= 20000000);
    assert_true(seed__thread_starved(&other.thread) >= starved);
    other.burn = false;
    assert_true(is_asleep(true));
}

static void names_calls(void **state)
{
    static const struct {
        long number;
        const char *name;
    } calls[] = {
        { SYS_clock_nanosleep, "clock_nanosleep" },
        { SYS_futex, "futex" },
        { -1, "a page fault" },
        { 9999, "system call 9999" },
    };
    char name[64];

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct thread_call call = { .number = calls[i].number, .fd = -1 };

        assert_string_equal(calls[i].name,
            seed__thread_call_name(&call, name, sizeof name));
    }
}

static void admits_what_it_does_not_know(void **state)
{
    struct thread thread = { .schedstat = -1, .call = -1 };
    struct thread_call call = seed__thread_call(&thread);

    (void)state;
    assert_false(call.known);
    assert_false(call.sleeps);
    assert_int_equal(0, seed__thread_computed(&thread));
    assert_int_equal(0, seed__thread_starved(&thread));
}

/* To the last byte before memory that is not there, and not into it. */
static void peeks_without_falling(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char out[64] = "";

    (void)state;
    assert_true(two != MAP_FAILED);
    memset(two, 'a', 2 * page);
    assert_int_equal(64, seed__thread_peek(two + page - 32, out, 64));
    assert_int_equal('a', out[63]);
    munmap(two + page, page);
    assert_int_equal(32, seed__thread_peek(two + page - 32, out, 64));
    assert_int_equal(0, seed__thread_peek(two + page, out, 64));
    assert_int_equal(0, seed__thread_peek(NULL, out, 64));
    munmap(two, page);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_thread_that_sleeps),
        cmocka_unit_test(knows_a_thread_that_computes),
        cmocka_unit_test(names_calls),
        cmocka_unit_test(admits_what_it_does_not_know),
        cmocka_unit_test(peeks_without_falling),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
