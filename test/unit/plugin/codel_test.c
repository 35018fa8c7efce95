/* SPDX-License-Identifier: MIT */
#include "plugin/codel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MS = 1000000, TURN_OVER = -1 };

/* One request at a moment, after a wait; TURN_OVER: the loop's turn ends and
 * has taken that long. Milliseconds. */
struct step {
    int at, wait;
    enum seed_priority priority;
    bool refused;
};

#define N SEED_NORMAL
#define S SEED_SHEDDABLE
#define C SEED_CRITICAL

static const struct {
    const char *what;
    struct step steps[24];
} stories[] = {
    { "the limit, and its half and double by priority",
        { { 1, 0, N, false }, { 2, 42, N, false }, { 3, 43, N, true },
            { 4, 21, S, false }, { 5, 22, S, true }, { 6, 84, C, false },
            { 7, 85, C, true } } },
    { "every wait of 100 ms above 5: the limit is 10 then",
        { { 0, 20, N, false }, { 50, 6, N, false }, { 99, 30, N, false },
            { 100, 11, N, true }, { 101, 10, N, false },
            { 102, 5, S, false }, { 103, 6, S, true },
            { 104, 42, C, false }, { 105, 43, C, true } } },
    { "one of them not: nothing changes",
        { { 0, 20, N, false }, { 50, 5, N, false }, { 99, 30, N, false },
            { 100, 42, N, false } } },
    { "refused waits count, for they were waits",
        { { 0, 80, N, true }, { 50, 80, N, true }, { 100, 9, N, false },
            { 101, 11, N, true } } },
    { "an interval without a standing queue loosens it again",
        { { 0, 20, N, false }, { 100, 20, N, true }, { 150, 3, N, false },
            { 199, 20, N, true }, { 200, 40, N, false } } },
    { "still tight when the queue stands through the next one",
        { { 0, 20, N, false }, { 100, 20, N, true }, { 150, 8, N, false },
            { 200, 20, N, true } } },
    { "silence is not a standing queue",
        { { 0, 20, N, false }, { 200, 40, N, false } } },
    { "the first that a turn could admit has the whole limit",
        { { 0, 20, N, false }, { 100, 9, N, false }, { 101, 20, N, true },
            { TURN_OVER, 5, N, false }, { 102, 43, N, true },
            { 103, 42, N, false }, { 104, 11, N, true } } },
};

static void judges_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stories); i++) {
        struct codel codel;

        seed__codel_init(&codel, 42 * MS);
        codel.admitted = 1; /* the turn has had its first */
        for (size_t j = 0; j < COUNT(stories[i].steps); j++) {
            const struct step *step = &stories[i].steps[j];
            uint64_t now = (uint64_t)(10000 + step->at) * MS;
            uint64_t wait = (uint64_t)step->wait * MS;

            if (j && !step->at)
                break;
            if (step->at == TURN_OVER) {
                seed__codel_end_turn(&codel, wait);
                continue;
            }
            if (seed__codel_refuses(&codel, now, wait, step->priority)
                == step->refused)
                continue;
            print_error("%s: step %zu\n", stories[i].what, j + 1);
            fail();
        }
    }
}

static void never_refuses_without_a_limit(void **state)
{
    struct codel codel;

    (void)state;
    seed__codel_init(&codel, UINT64_MAX);
    for (uint64_t now = 1; now < 1000; now++)
        for (int i = 0; i < SEED_EXEMPT; i++)
            assert_false(seed__codel_refuses(&codel, now * MS, 5000ull * MS,
                (enum seed_priority)i));
}

/* 30 ms each: a wait of 10 would refuse all but every third request. */
static void target_follows_slow_requests(void **state)
{
    struct codel codel;

    (void)state;
    seed__codel_init(&codel, 100 * MS);
    for (int i = 0; i < 200; i++) {
        codel.admitted = 2;
        seed__codel_end_turn(&codel, 60 * MS);
    }
    assert_in_range(codel.service, 29 * MS, 30 * MS);
    seed__codel_end_turn(&codel, 1000ull * MS); /* nothing was admitted */
    assert_in_range(codel.service, 29 * MS, 30 * MS);

    codel.admitted = 1;
    assert_false(seed__codel_refuses(&codel, 10000ull * MS, 40 * MS, N));
    assert_false(seed__codel_refuses(&codel, 10100ull * MS, 58 * MS, N));
    assert_true(seed__codel_refuses(&codel, 10101ull * MS, 61 * MS, N));

    /* A standing queue is one that is longer than a request takes. */
    assert_false(seed__codel_refuses(&codel, 10102ull * MS, 28 * MS, N));
    assert_false(seed__codel_refuses(&codel, 10200ull * MS, 90 * MS, N));
}

static void cares_only_where_it_matters(void **state)
{
    uint64_t now = 10000ull * MS;
    struct codel codel;

    (void)state;
    seed__codel_init(&codel, 42 * MS);
    assert_false(seed__codel_cares(&codel, now, 5 * MS, N));

    /* It may be the first short wait of this interval. */
    assert_true(seed__codel_cares(&codel, now, 6 * MS, N));
    seed__codel_refuses(&codel, now, 6 * MS, N);
    assert_true(seed__codel_cares(&codel, now, 6 * MS, N));
    seed__codel_refuses(&codel, now, 4 * MS, N);
    assert_false(seed__codel_cares(&codel, now, 42 * MS, N));
    assert_true(seed__codel_cares(&codel, now, 43 * MS, N));
    assert_true(seed__codel_cares(&codel, now, 22 * MS, S));
    assert_false(seed__codel_cares(&codel, now, 84 * MS, C));

    now += 100 * MS; /* and the next one knows nothing yet */
    assert_true(seed__codel_cares(&codel, now, 6 * MS, N));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_waits),
        cmocka_unit_test(never_refuses_without_a_limit),
        cmocka_unit_test(target_follows_slow_requests),
        cmocka_unit_test(cares_only_where_it_matters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
