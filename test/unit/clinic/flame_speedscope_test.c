/* SPDX-License-Identifier: MIT */
#include "unit/clinic/made.h"
#include "unit/failing.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

static void writes_samples_and_weights(void **state)
{
    json_t *root, *profile, *samples, *weights, *frames, *one;
    json_int_t sum = 0;
    seed_flame flame;
    size_t i, k;
    char *bytes;

    (void)state;
    made_fill(&flame);
    bytes = seed__flame_speedscope(&flame, NULL);
    assert_non_null(bytes);
    root = json_loads(bytes, 0, NULL);
    assert_non_null(root);
    frames = json_object_get(json_object_get(root, "shared"), "frames");
    profile = json_array_get(json_object_get(root, "profiles"), 0);
    samples = json_object_get(profile, "samples");
    weights = json_object_get(profile, "weights");
    assert_int_equal(json_array_size(samples), 4);
    assert_int_equal(json_array_size(weights), 4);
    for (i = 0; i < 4; i++) {
        sum += json_integer_value(json_array_get(weights, i));
        json_array_foreach(json_array_get(samples, i), k, one)
            assert_true((size_t)json_integer_value(one)
                < json_array_size(frames));
    }
    assert_int_equal(sum, MADE_USEC);
    assert_int_equal(sum,
        json_integer_value(json_object_get(profile, "endValue")));
    json_decref(root);
    seed_release(bytes);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_samples_and_weights),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
