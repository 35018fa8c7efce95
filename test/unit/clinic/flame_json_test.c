/* SPDX-License-Identifier: MIT */
#include "unit/clinic/made.h"
#include "unit/failing.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

static json_int_t number(const json_t *of, size_t at)
{
    return json_integer_value(json_array_get(of, at));
}

static const char *name_of(const json_t *root, json_int_t frame)
{
    const json_t *one = json_array_get(json_object_get(root, "frames"),
        (size_t)frame);

    return json_string_value(json_array_get(
        json_object_get(root, "strings"), (size_t)number(one, 0)));
}

static void check_nodes(const json_t *root)
{
    const json_t *nodes = json_object_get(root, "nodes"), *node, *frame;
    json_int_t self = 0;
    bool seen = false;
    size_t i;

    json_array_foreach(nodes, i, node) {
        self += number(node, 2);
        assert_true(i ? number(node, 0) < (json_int_t)i : 1);
        assert_true(i ? number(node, 0) >= 0 : number(node, 0) == -1);
        if (i == 0 || strcmp(name_of(root, number(node, 1)), "made_hook"))
            continue;
        seen = true;
        assert_int_equal(number(node, 2), 600);
        frame = json_array_get(nodes, (size_t)number(node, 0));
        assert_string_equal(name_of(root, number(frame, 1)),
            "after: hook (slow.c:22)");
    }
    assert_true(seen);
    assert_int_equal(self, MADE_USEC);
    assert_int_equal(number(json_array_get(nodes, 0), 1), -1);
    assert_int_equal(number(json_array_get(nodes, 0), 3), MADE_USEC);
}

static void says_what_the_contract_wants(void **state)
{
    seed_flame flame;
    size_t length;
    char *bytes;
    json_t *root, *one;
    size_t i;
    bool init = false;

    (void)state;
    made_fill(&flame);
    bytes = seed__flame_json(&flame, &length);
    assert_non_null(bytes);
    assert_int_equal(strlen(bytes), length);
    assert_null(strstr(bytes, "</"));
    root = json_loads(bytes, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "kind")),
        "seed-flame");
    assert_string_equal(json_string_value(json_object_get(root, "title")),
        "a \"title\"</script>");
    assert_string_equal(json_string_value(json_object_get(root, "created")),
        "1970-01-01T00:00:00Z");
    assert_string_equal(json_string_value(json_object_get(root, "unwinder")),
        "tables");
    assert_int_equal(json_integer_value(json_object_get(root, "samples")), 4);
    assert_int_equal(json_integer_value(
        json_object_get(root, "microseconds")), MADE_USEC);
    assert_true(json_number_value(json_object_get(root, "seconds")) > 0.0019);
    check_nodes(root);
    json_array_foreach(json_object_get(root, "frames"), i, one) {
        assert_int_equal(json_array_size(one), 6);
        init = init || (number(one, 5) & 8);
    }
    assert_true(init);
    json_decref(root);
    seed_release(bytes);
    made_clear(&flame);
}

/* As a page or a file has it. */
static void finds_an_earlier_one(void **state)
{
    static const struct {
        const char *bytes, *want;
    } cases[] = {
        { "{\"kind\":\"seed-flame\",1}", "{\"kind\":\"seed-flame\",1}" },
        { "<script id=\"seed-flame\">{\"kind\":\"seed-flame\",\"<\\/\"}"
          "</script> more",
            "{\"kind\":\"seed-flame\",\"<\\/\"}" },
        { "{\"kind\":\"seed-flame\",\"</b\"}",
            "{\"kind\":\"seed-flame\",\"<\\/b\"}" },
        { "<script id=\"seed-flame\">{\"kind\":\"seed-flame\",", NULL },
        { "<script id=\"seed-flame\">{\"kind\":\"other\"}</script>", NULL },
        { "{\"kind\":\"seed-doctor\"}", NULL },
        { "main;a 12\n", NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *found = seed__flame_find_json(cases[i].bytes,
            strlen(cases[i].bytes));

        if (cases[i].want)
            assert_string_equal(found, cases[i].want);
        else
            assert_null(found);
        seed_release(found);
    }
}

static void survives_without_memory(void **state)
{
    seed_flame flame;
    char *bytes = NULL;
    long live;
    int i;

    (void)state;
    made_fill(&flame);
    live = failing.live;
    for (i = 0; !bytes; i++) {
        failing.left = i;
        bytes = seed__flame_json(&flame, NULL);
        failing.left = -1;
        assert_int_equal(failing.live, live + (bytes != NULL));
    }
    assert_true(i > 8);
    seed_release(bytes);
    made_clear(&flame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_contract_wants),
        cmocka_unit_test(finds_an_earlier_one),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
