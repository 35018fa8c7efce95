/* SPDX-License-Identifier: MIT */
/* not under valgrind: it makes frames of its own for signals. */
#include "clinic/sampler.h"

#include "unit/clinic/burn.h"
#include "unit/failing.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

static void start(struct recorded *recorded, unsigned hertz)
{
    *recorded = (struct recorded){ .hertz = hertz };
    assert_int_equal(seed__sampler_start(recorded), 0);
    assert_true(recorded->running);
}

static struct seed_flame_counts finish(struct recorded *recorded)
{
    seed__sampler_stop(recorded);
    assert_false(recorded->running);
    return seed__sampler_counts(recorded);
}

/* Of one that is running. */
static struct seed_flame_counts counts_of(const struct recorded *recorded)
{
    struct seed_flame_counts counts;

    seed__sampler_lock();
    counts = seed__sampler_counts(recorded);
    seed__sampler_unlock();
    return counts;
}

static void forget(struct recorded *recorded)
{
    seed__sampler_forget(recorded);
    seed__stacks_clear(&recorded->stacks);
}

static void *burn(void *ctx)
{
    burn_here(*(unsigned *)ctx);
    return ctx;
}

/* Samples stand for the CPU time that there was, whatever the clock says, and
 * threads that come are found: a tenth of a second later, or more where the
 * collector has to wait. A timer that ends takes with it what its thread has
 * computed since the last tick that found it running, on a busy machine dozens
 * of milliseconds. */
static void follows_cpu_time(void **state)
{
    struct recorded recorded;
    struct seed_flame_counts counts;
    unsigned msec = 600;
    pthread_t thread;
    uint64_t began;
    double share;

    (void)state;
    start(&recorded, 200);
    began = burn_clock(CLOCK_PROCESS_CPUTIME_ID);
    assert_int_equal(pthread_create(&thread, NULL, burn, &msec), 0);
    burn_here(600);
    pthread_join(thread, NULL);
    began = burn_clock(CLOCK_PROCESS_CPUTIME_ID) - began;
    counts = finish(&recorded);
    share = (double)counts.nanoseconds / (double)began;

    /* ThreadSanitizer keeps one signal of each kind, and lets others go. */
    assert_true(counts.samples >= (BURN_TSAN ? 5 : 10));
    assert_true(share > (BURN_TSAN ? 0 : 0.7) && share < 1.1);
    assert_int_equal(counts.dropped, 0);
    assert_true(counts.threads >= 2);
    assert_true(counts.handlers > 0);
    if (!BURN_TSAN)
        assert_true(counts.complete * 20 >= counts.samples * 19);
    forget(&recorded);
}

static void serves_several_at_a_time(void **state)
{
    struct recorded one, other;
    struct seed_flame_counts counts[2];

    (void)state;
    start(&one, 50);
    burn_here(300);
    start(&other, 200);
    burn_here(300);
    counts[1] = finish(&other);
    burn_here(300);
    counts[0] = finish(&one);
    assert_int_equal(finish(&one).samples, counts[0].samples);

    if (!BURN_TSAN)
        assert_true(counts[1].nanoseconds > 150000000);
    assert_true(counts[1].nanoseconds < 400000000);
    if (!BURN_TSAN)
        assert_true(counts[0].nanoseconds > 600000000);
    assert_true(counts[0].nanoseconds < 1100000000);
    assert_true(counts[0].nanoseconds > counts[1].nanoseconds);
    forget(&other);
    forget(&one);
}

/* The child has what was recorded, nothing more, and may record anew. */
static int in_child(struct recorded *recorded)
{
    uint64_t before = seed__sampler_counts(recorded).samples;
    struct recorded own = { .hertz = 200 };
    uint64_t samples = 0;

    if (recorded->running || !recorded->ended)
        return 1;
    burn_here(100);
    if (seed__sampler_counts(recorded).samples != before)
        return 2;
    forget(recorded);
    if (BURN_TSAN)
        return 0; /* it forbids threads here */
    if (seed__sampler_start(&own))
        return 3;
    for (int i = 0; i < 60 && samples < 10; i++) {
        burn_here(50);
        samples = counts_of(&own).samples;
    }
    seed__sampler_stop(&own);
    forget(&own);
    return samples >= 10 ? 0 : 4;
}

static void stays_with_the_parent(void **state)
{
    struct recorded recorded;
    int status = 0;
    pid_t child;

    (void)state;
    start(&recorded, 200);
    burn_here(200);
    child = fork();
    if (!child)
        _exit(in_child(&recorded));
    burn_here(200);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(finish(&recorded).nanoseconds
        > (BURN_TSAN ? 0 : 200000000));
    forget(&recorded);
}

/* Without tables the stacks are copied, and searched by the collector. */
static void searches_when_told_to(void **state)
{
    struct recorded recorded;
    struct seed_flame_counts counts;

    (void)state;
    seed__sampler_unwind(UNWINDER_SEARCH);
    start(&recorded, 200);
    burn_here(300);
    counts = finish(&recorded);
    seed__sampler_unwind(UNWINDER_CHOSEN);
    assert_true(counts.samples >= (BURN_TSAN ? 1 : 5));
    assert_int_equal(counts.searched, counts.samples);
    if (!BURN_TSAN)
        assert_true(counts.complete * 10 >= counts.samples * 9);
    forget(&recorded);
}

static ucontext_t outside, within;

static struct recorded apart;

/* On a busy machine one sample stands for several periods, and the collector
 * comes late to see that the walks do not end. */
static void burn_apart(void)
{
    for (int i = 0; i < (BURN_TSAN ? 16 : 200)
         && counts_of(&apart).searched < 50; i++)
        burn_here(50);
}

/* On a stack that somebody else made no walk ends where a thread begins: fifty
 * samples later it is copied instead. */
static void searches_when_tables_do_not_help(void **state)
{
    static char stack[1 << 18];
    struct seed_flame_counts counts;

    (void)state;
    start(&apart, 250);
    assert_int_equal(getcontext(&within), 0);
    within.uc_stack.ss_sp = stack;
    within.uc_stack.ss_size = sizeof stack;
    within.uc_link = &outside;
    makecontext(&within, burn_apart, 0);
    assert_int_equal(swapcontext(&outside, &within), 0);
    counts = finish(&apart);
    if (!BURN_TSAN) {
        assert_true(counts.searched >= 50);
        assert_true(counts.searched <= counts.samples - 20);
    }
    forget(&apart);

    start(&apart, 250); /* it begins anew */
    burn_here(100);
    assert_int_equal(finish(&apart).searched, 0);
    forget(&apart);
}

static void starts_again_and_again(void **state)
{
    struct recorded recorded;

    (void)state;
    for (int i = 0; i < 50; i++) {
        start(&recorded, 1000);
        burn_here(2);
        finish(&recorded);
        forget(&recorded);
    }
    forget(&recorded);
    raise(SIGPROF); /* the handler is there still */
}

static void survives_without_memory(void **state)
{
    struct recorded recorded;

    (void)state;
    for (int i = 0; i < 8; i++) {
        recorded = (struct recorded){ .hertz = 200 };
        failing.left = i;
        if (!seed__sampler_start(&recorded))
            burn_here(60);
        failing.left = -1;
        forget(&recorded);
        assert_int_equal(failing.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_cpu_time),
        cmocka_unit_test(serves_several_at_a_time),
        cmocka_unit_test(stays_with_the_parent),
        cmocka_unit_test(searches_when_told_to),
        cmocka_unit_test(searches_when_tables_do_not_help),
        cmocka_unit_test(starts_again_and_again),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
