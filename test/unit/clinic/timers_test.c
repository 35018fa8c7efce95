/* SPDX-License-Identifier: MIT */
#include "clinic/timers.h"

#include "unit/failing.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum { MANY = 20 };

static _Atomic int arrived;
static pthread_barrier_t go;

static void *wait_here(void *ctx)
{
    arrived++;
    pthread_barrier_wait(&go);
    return ctx;
}

static void *pass(void *ctx)
{
    return ctx;
}

/* A sanitizer brings a thread of its own along with the first. */
static int bring_along(void **state)
{
    pthread_t thread;

    (void)state;
    if (pthread_create(&thread, NULL, pass, NULL))
        return 1;
    pthread_join(thread, NULL);
    usleep(100000);
    return 0;
}

static size_t count_made(const struct timers *timers)
{
    size_t made = 0;

    for (size_t i = 0; i < timers->count; i++)
        made += timers->all[i].made;
    return made;
}

static void follows_threads(void **state)
{
    struct timers timers = { 0 };
    pthread_t threads[MANY];
    size_t before;

    (void)state;
    seed__timers_set(&timers, SIGURG, 10000000);
    assert_true(seed__timers_look(&timers));
    before = timers.count;
    assert_true(before >= 1);

    pthread_barrier_init(&go, NULL, MANY + 1);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, wait_here, NULL), 0);
    while (arrived < MANY)
        usleep(1000);
    assert_true(seed__timers_look(&timers));
    assert_int_equal(timers.count, before + MANY);
    assert_int_equal(count_made(&timers), before + MANY);
    assert_int_equal(timers.threads, before + MANY);

    seed__timers_set(&timers, SIGURG, 5000000);
    assert_int_equal(count_made(&timers), before + MANY);
    assert_int_equal(timers.threads, before + MANY);

    pthread_barrier_wait(&go);
    for (int i = 0; i < MANY; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 500 && timers.count > before; i++) {
        usleep(1000); /* the kernel lets a thread go a moment later */
        assert_true(seed__timers_look(&timers));
    }
    assert_int_equal(timers.count, before);
    assert_int_equal(timers.threads, before + MANY);
    pthread_barrier_destroy(&go);
    seed__timers_clear(&timers, false);
    assert_int_equal(timers.count, 0);
}

static void skips_one(void **state)
{
    struct timers timers = { .skip = (long)gettid() };

    (void)state;
    seed__timers_set(&timers, SIGURG, 10000000);
    seed__timers_look(&timers);
    for (size_t i = 0; i < timers.count; i++)
        assert_int_not_equal(timers.all[i].tid, (long)gettid());
    seed__timers_clear(&timers, false);
}

static void survives_without_memory(void **state)
{
    struct timers timers = { 0 };

    (void)state;
    seed__timers_set(&timers, SIGURG, 10000000);
    failing.left = 0;
    seed__timers_look(&timers); /* another thread may be found in its place */
    failing.left = -1;
    assert_true(seed__timers_look(&timers));
    seed__timers_clear(&timers, false);
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_threads),
        cmocka_unit_test(skips_one),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install()
        || cmocka_run_group_tests(tests, bring_along, NULL);
}
