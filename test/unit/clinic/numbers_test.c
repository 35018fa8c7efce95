/* SPDX-License-Identifier: MIT */
#include "clinic/numbers.h"

#include "unit/clinic/made.h"
#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void numbers_frames_and_strings(void **state)
{
    struct numbers numbers;
    seed_flame flame;
    struct tree tree;
    size_t count;

    (void)state;
    made_fill(&flame);
    assert_int_equal(seed__tree_make(&tree, &flame), 0);
    seed__numbers_make(&numbers, &tree);
    count = numbers.frame_count;
    assert_true(count >= 6 && count < tree.nodes + 1);
    for (size_t i = 0; i < count; i++) {
        const struct frame *frame = numbers.frames[i];
        size_t name = seed__numbers_string(&numbers, frame->name);

        assert_int_equal(seed__numbers_frame(&numbers, frame), i);
        assert_string_equal(numbers.strings[name], frame->name);
        assert_int_equal(seed__numbers_string(&numbers, frame->name), name);
    }
    assert_int_equal(numbers.frame_count, count);
    assert_false(numbers.failed);
    seed__numbers_clear(&numbers);
    seed__tree_clear(&tree);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

static void fails_as_a_whole(void **state)
{
    struct numbers numbers;
    seed_flame flame;
    struct tree tree;

    (void)state;
    made_fill(&flame);
    assert_int_equal(seed__tree_make(&tree, &flame), 0);
    for (int i = 0; i < 2; i++) {
        failing.left = i;
        seed__numbers_make(&numbers, &tree);
        assert_true(numbers.failed);
        failing.left = -1;
        seed__numbers_clear(&numbers);
    }
    seed__tree_clear(&tree);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_frames_and_strings),
        cmocka_unit_test(fails_as_a_whole),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
