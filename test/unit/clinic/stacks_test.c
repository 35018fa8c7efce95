/* SPDX-License-Identifier: MIT */
#include "clinic/stacks.h"

#include <seed/error.h>

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct sample sample;

static bool add(struct stacks *stacks, place inner, place outer, uint64_t when)
{
    place places[] = { inner, outer };

    sample.when = when;
    return seed__stacks_add(stacks, &sample, places, 2);
}

static int begin(void **state)
{
    (void)state;
    sample = (struct sample){ .weight = 10, .tid = 1, .copy = -1 };
    return 0;
}

static int end(void **state)
{
    (void)state;
    failing.left = -1;
    return failing.live != 0;
}

static void keeps_each_stack_once(void **state)
{
    struct stacks stacks = { 0 };

    (void)state;
    assert_true(add(&stacks, 1, 2, 500));
    assert_true(add(&stacks, 1, 2, 300));
    assert_true(add(&stacks, 1, 2, 700));
    assert_true(add(&stacks, 2, 1, 400));
    assert_int_equal(stacks.count, 2);
    assert_int_equal(stacks.all[0].samples, 3);
    assert_int_equal(stacks.all[0].weight, 30);
    assert_int_equal(stacks.all[0].began, 300);
    assert_int_equal(stacks.all[0].ended, 700);
    assert_int_equal(stacks.places[stacks.all[1].first], 2);

    sample.tid = getpid(); /* the first thread is told apart */
    assert_true(add(&stacks, 1, 2, 500));
    assert_int_equal(stacks.count, 3);
    assert_true(stacks.all[2].main);
    seed__stacks_clear(&stacks);
}

static void tells_spans_apart(void **state)
{
    struct stacks stacks = { 0 };

    (void)state;
    assert_true(add(&stacks, 1, 2, 1));
    sample.span = (struct sample_span){ .kind = "use", .function = "f",
        .file = "a.c", .line = 3 };
    assert_true(add(&stacks, 1, 2, 1));
    assert_true(add(&stacks, 1, 2, 1));
    sample.span.line = 4;
    assert_true(add(&stacks, 1, 2, 1));
    assert_int_equal(stacks.count, 3);
    assert_int_equal(stacks.span_count, 2);
    assert_int_equal(stacks.all[0].span, STACKS_NO_SPAN);
    assert_int_equal(stacks.all[1].span, 0);
    assert_int_equal(stacks.all[2].span, 1);
    assert_int_equal(stacks.spans[1].line, 4);
    seed__stacks_clear(&stacks);
}

static void has_a_limit(void **state)
{
    struct stacks stacks = { 0 };

    (void)state;
    for (place i = 0; i < STACKS_MOST; i++)
        assert_true(add(&stacks, i, i * 7, 1));
    assert_false(add(&stacks, 1, 1, 1));
    assert_true(add(&stacks, 5, 35, 1)); /* one that is there */
    assert_int_equal(stacks.all[5].samples, 2);
    assert_int_equal(stacks.count, STACKS_MOST);
    seed__stacks_clear(&stacks);
}

static void takes_a_stack_of_nothing(void **state)
{
    struct stacks stacks = { 0 };

    (void)state;
    assert_true(seed__stacks_add(&stacks, &sample, NULL, 0));
    assert_true(seed__stacks_add(&stacks, &sample, NULL, 0));
    assert_int_equal(stacks.count, 1);
    assert_int_equal(stacks.all[0].samples, 2);
    seed__stacks_clear(&stacks);
}

static void copies(void **state)
{
    struct stacks stacks = { 0 }, copy;

    (void)state;
    sample.span = (struct sample_span){ .kind = "use" };
    assert_int_equal(seed__stacks_copy(&copy, &stacks), 0);
    seed__stacks_clear(&copy);
    add(&stacks, 1, 2, 1);
    assert_int_equal(seed__stacks_copy(&copy, &stacks), 0);
    seed__stacks_clear(&stacks);
    assert_int_equal(copy.count, 1);
    assert_int_equal(copy.places[1], 2);
    assert_string_equal(copy.spans[0].kind, "use");
    seed__stacks_clear(&copy);
}

static void survives_without_memory(void **state)
{
    struct stacks stacks = { 0 }, copy;
    int lost = 0;

    (void)state;
    sample.span = (struct sample_span){ .kind = "use" };
    for (int i = 0; i < 6; i++) {
        failing.left = i;
        lost += !add(&stacks, 1, 2, 1);
        failing.left = -1;
        assert_true(stacks.count <= 1);
        seed__stacks_clear(&stacks);
    }
    assert_int_equal(lost, 4); /* index, span, stack, places */

    add(&stacks, 1, 2, 1);
    for (int i = 0; i < 3; i++) {
        failing.left = i;
        assert_int_equal(seed__stacks_copy(&copy, &stacks), SEED_ENOMEM);
    }
    failing.left = -1;
    seed__stacks_clear(&stacks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_each_stack_once, begin, end),
        cmocka_unit_test_setup_teardown(tells_spans_apart, begin, end),
        cmocka_unit_test_setup_teardown(has_a_limit, begin, end),
        cmocka_unit_test_setup_teardown(takes_a_stack_of_nothing, begin, end),
        cmocka_unit_test_setup_teardown(copies, begin, end),
        cmocka_unit_test_setup_teardown(survives_without_memory, begin, end),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
