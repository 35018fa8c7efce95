/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include "flow/format.h"

#include <jansson.h>

/* Compact, whatever the value, with the same text that jansson makes. */
static void writes_values(void **state)
{
    static const char *const texts[] = {
        "{}", "[]", "\"\"", "0", "true", "null", "-1.5",
        "{\"a\":[1,2,{\"b\":null}],\"c\":\"d\\n\\\"e\\\"\"}",
        "\"J\xc3\xb6rg \\u0000 \\u0010\"",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *value = json_loads(texts[i], JSON_DECODE_ANY
            | JSON_ALLOW_NUL, NULL);
        struct arena arena;
        struct str text;

        assert_non_null(value);
        seed__arena_init(&arena, NULL, 0);
        text = seed__format_json(value, &arena);
        assert_int_equal(strlen(texts[i]), text.length);
        assert_memory_equal(texts[i], text.at, text.length);
        seed__arena_clear(&arena, NULL, 0);
        seed__format_release(value);
    }
    seed__format_release(NULL);
}

static json_t *long_array(size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_integer((json_int_t)i));
    return array;
}

/* Longer than its first room, where it grows in place and where it moves. */
static void grows(void **state)
{
    static char first[200000];
    static const size_t counts[] = { 300, 3000, 30000 };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(counts); i++) {
        json_t *value = long_array(counts[i / 2]);
        char *want = json_dumps(value, JSON_COMPACT);
        struct arena arena;
        struct str text;

        seed__arena_init(&arena, first, i & 1 ? sizeof first : 1500);
        text = seed__format_json(value, &arena);
        assert_int_equal(strlen(want), text.length);
        assert_memory_equal(want, text.at, text.length);
        seed__arena_clear(&arena, NULL, 0);
        json_decref(value);
        free(want);
    }
}

static void fails_without_memory(void **state)
{
    json_t *value = long_array(20000);
    struct arena arena;
    long n = 0;
    struct str text = { NULL, 0 };

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    assert_null(seed__format_json(NULL, &arena).at);
    seed__arena_clear(&arena, NULL, 0);
    while (!text.at) {
        assert_true(++n < 20);
        atomic_store(&life_memory.fail_in, n);
        text = seed__format_json(value, &arena);
        atomic_store(&life_memory.fail_in, 0);
        seed__arena_clear(&arena, NULL, 0);
    }
    assert_true(n > 2);
    json_decref(value);
    assert_int_equal(0, atomic_load(&life_memory.living));
}

/* The last of them: what jansson has from one allocator must not go back to
 * the other. */
static void lends_its_allocator(void **state)
{
    long before = atomic_load(&life_memory.living);
    json_t *value;

    (void)state;
    assert_int_equal(0, seed__format_use_allocator());
    value = json_object();
    assert_true(atomic_load(&life_memory.living) > before);
    json_decref(value);
    assert_int_equal(before, atomic_load(&life_memory.living));
    atomic_store(&life_memory.fail_in, 1);
    assert_null(json_object());
    atomic_store(&life_memory.fail_in, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_values),
        cmocka_unit_test(grows),
        cmocka_unit_test(fails_without_memory),
        cmocka_unit_test(lends_its_allocator),
    };

    return cmocka_run_group_tests_name("flow/format", tests,
        life_count_memory, NULL);
}
