/* SPDX-License-Identifier: MIT */
#include "clinic/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 4, EACH = 20000 };

static uint64_t sum;
static _Atomic uint64_t given;
static _Atomic int running;

static void on_sample(const struct sample *sample, const unsigned char *copy,
    void *ctx)
{
    size_t *copies = ctx;

    sum += sample->weight;
    if (copies && copy)
        *copies += copy[0] == 'c' && copy[SAMPLE_COPY - 1] == 'z';
}

static int open_ring(void **state)
{
    (void)state;
    return !seed__ring_open();
}

static void tells_what_was_given(void **state)
{
    struct sample *one, *other;
    unsigned char *copy;
    size_t copies = 0;

    (void)state;
    sum = 0;
    one = seed__ring_take();
    other = seed__ring_take();
    assert_non_null(one);
    assert_ptr_not_equal(one, other);
    assert_int_equal(seed__ring_drain(on_sample, &copies), 0);

    one->weight = 3;
    copy = seed__ring_copy(one);
    copy[0] = 'c';
    copy[SAMPLE_COPY - 1] = 'z';
    seed__ring_give(one);
    assert_int_equal(seed__ring_drain(on_sample, &copies), 1);
    assert_int_equal(sum, 3);
    assert_int_equal(copies, 1);

    other->weight = 4;
    seed__ring_give(other);
    assert_int_equal(seed__ring_drain(on_sample, &copies), 1);
    assert_int_equal(sum, 7);
    assert_int_equal(copies, 1);
}

static void drops_and_counts_what_has_no_room(void **state)
{
    uint64_t before = seed__ring_dropped();
    struct sample *sample;
    int copies = 0, count = 0;

    (void)state;
    while ((sample = seed__ring_take())) {
        copies += seed__ring_copy(sample) != NULL;
        seed__ring_give(sample);
        count++;
    }
    assert_int_equal(count, RING_SLOTS);
    assert_int_equal(copies, SAMPLE_COPIES);
    assert_int_equal(seed__ring_dropped(), before + 1);
    assert_int_equal(seed__ring_drain(on_sample, NULL), RING_SLOTS);
    assert_int_equal(seed__ring_drain(on_sample, NULL), 0);
}

static void forgets_in_a_child(void **state)
{
    (void)state;
    assert_non_null(seed__ring_copy(seed__ring_take()));
    seed__ring_reset();
    drops_and_counts_what_has_no_room(NULL);
}

static void *give(void *ctx)
{
    for (int i = 0; i < EACH; i++) {
        struct sample *sample = seed__ring_take();

        while (!sample) {
            sched_yield();
            sample = seed__ring_take();
        }
        sample->weight = 1;
        seed__ring_give(sample);
        given++;
    }
    running--;
    return ctx;
}

static void loses_none_of_several_threads(void **state)
{
    pthread_t threads[THREADS];
    size_t told = 0;

    (void)state;
    sum = 0;
    running = THREADS;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, give, NULL), 0);
    while (running)
        told += seed__ring_drain(on_sample, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    told += seed__ring_drain(on_sample, NULL);
    assert_int_equal(told, given);
    assert_int_equal(sum, given);
    assert_int_equal(given, THREADS * EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_was_given),
        cmocka_unit_test(drops_and_counts_what_has_no_room),
        cmocka_unit_test(forgets_in_a_child),
        cmocka_unit_test(loses_none_of_several_threads),
    };

    return cmocka_run_group_tests(tests, open_ring, NULL);
}
