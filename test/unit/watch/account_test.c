/* SPDX-License-Identifier: MIT */
/* not under valgrind: one thread runs at a time there, and all of them sleep in
 * valgrind's own system calls, on stacks of its own. */
#include "watch/account.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static struct thread thread;
static _Atomic bool stop;
static _Atomic int ready;

static void *compute(void *ctx)
{
    (void)ctx;
    seed__thread_open(&thread);
    ready = 1;
    while (!stop)
        ;
    return NULL;
}

static void *wait(void *ctx)
{
    (void)ctx;
    seed__thread_open(&thread);
    ready = 1;
    while (!stop)
        sleep_ms(200);
    return NULL;
}

/* Looks at a thread as at one turn, for so many ticks. */
static struct account look_at(void *(*work)(void *), int ticks)
{
    struct account account = { 0 };
    uint64_t begun;
    pthread_t id;

    stop = false;
    ready = 0;
    assert_int_equal(0, pthread_create(&id, NULL, work, NULL));
    assert_true(await_count(&ready, 1));
    begun = seed_now();
    for (int i = 0; i < ticks; i++) {
        uint64_t now;

        sleep_ms(10);
        now = seed_now();
        seed__account_tick(&account, &thread,
            (struct turn){ 7, now - begun }, now);
    }
    stop = true;
    pthread_join(id, NULL);
    seed__thread_close(&thread);
    return account;
}

static void sees_work(void **state)
{
    struct account account = look_at(compute, 20);

    (void)state;
    assert_int_equal(7, account.turn);
    assert_true(account.computing > 0);
    assert_true(seed__account_total(&account) >= 150 * MS);
    /* With others on the machine, the rest is theirs. */
    assert_true(account.waiting < seed__account_total(&account) / 5);
    assert_int_equal(account.computing >= account.starved
            ? SEED_STALL_COMPUTES : SEED_STALL_STARVED,
        seed__account_cause(&account));
}

static void sees_sleep(void **state)
{
    struct account account = look_at(wait, 20);

    (void)state;
    assert_true(account.waiting > seed__account_total(&account) / 2);
    assert_int_equal(SEED_STALL_WAITS, seed__account_cause(&account));
    assert_true(account.call.known);
}

static void begins_anew_with_each_turn(void **state)
{
    struct account account = { .turn = 3, .computing = 5, .waiting = 6,
        .starved = 7 };
    struct thread none = { .schedstat = -1, .call = -1 };

    (void)state;
    seed__account_tick(&account, &none, (struct turn){ 4, 6 * MS }, 1000);
    assert_int_equal(4, account.turn);
    assert_int_equal(0, seed__account_total(&account));
    /* A system that tells nothing: it is taken to wait. */
    seed__account_tick(&account, &none, (struct turn){ 4, 16 * MS }, 1500);
    assert_int_equal(500, account.waiting);
    /* No turn under way, or one that has just begun: no account. */
    seed__account_tick(&account, &none, (struct turn){ 4, 0 }, 9000);
    seed__account_tick(&account, &none, (struct turn){ 5, 4 * MS }, 9000);
    assert_int_equal(500, seed__account_total(&account));
    assert_int_equal(4, account.turn);
}

static void judges_by_the_largest_part(void **state)
{
    static const struct {
        uint64_t computing, waiting, starved;
        enum seed_stall_cause cause;
    } cases[] = {
        { 10, 0, 0, SEED_STALL_COMPUTES }, { 0, 10, 0, SEED_STALL_WAITS },
        { 0, 0, 10, SEED_STALL_STARVED }, { 5, 4, 4, SEED_STALL_COMPUTES },
        { 4, 5, 4, SEED_STALL_WAITS },    { 4, 4, 5, SEED_STALL_STARVED },
        { 0, 0, 0, SEED_STALL_COMPUTES },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct account account = { .computing = cases[i].computing,
            .waiting = cases[i].waiting, .starved = cases[i].starved };

        assert_int_equal(cases[i].cause, seed__account_cause(&account));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_work),
        cmocka_unit_test(sees_sleep),
        cmocka_unit_test(begins_anew_with_each_turn),
        cmocka_unit_test(judges_by_the_largest_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
