/* SPDX-License-Identifier: MIT */
#include "clinic/jot.h"

#include <seed/server.h>

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char *string_of(const char *text)
{
    struct jot jot = { .comma = false };

    seed__jot_string(&jot, NULL, text);
    return seed__text_take(&jot.text, NULL);
}

static const struct {
    const char *text, *json;
} strings[] = {
    { "", "\"\"" },
    { "plain", "\"plain\"" },
    { "a \"b\" \\ \n", "\"a \\\"b\\\" \\\\ \\n\"" },
    { "</script><!--", "\"<\\/script><!--\"" },
    { "J\xc3\xb6rg", "\"J\xc3\xb6rg\"" },
};

static void writes_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        char *json = string_of(strings[i].text);

        assert_string_equal(strings[i].json, json);
        seed_release(json);
    }
}

/* Pieces end at any place: between "<" and "/", and within a character. */
static void writes_long_strings(void **state)
{
    char text[2000];

    (void)state;
    for (size_t before = 500; before < 530; before++) {
        char *json;

        memset(text, 'a', before);
        strcpy(text + before, "</\xe2\x82\xac</\xe2\x82\xac");
        json = string_of(text);
        assert_int_equal(before + 14, strlen(json));
        assert_string_equal("<\\/\xe2\x82\xac<\\/\xe2\x82\xac\"",
            json + before + 1);
        seed_release(json);
    }
}

static void writes_numbers(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *json;
    } numbers[] = {
        { 0, 0, "0" }, { 0, 3, "0" }, { 100, 0, "100" }, { 1.5, 3, "1.5" },
        { 1.0004, 3, "1" }, { -2.25, 2, "-2.25" }, { -0.0001, 2, "0" },
        { 1234567.125, 3, "1234567.125" }, { NAN, 2, "null" },
        { INFINITY, 2, "null" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct jot jot = { .comma = false };
        char *json;

        seed__jot_number(&jot, NULL, numbers[i].value, numbers[i].decimals);
        json = seed__text_take(&jot.text, NULL);
        assert_string_equal(numbers[i].json, json);
        seed_release(json);
    }
}

static void nests(void **state)
{
    struct jot jot = { .comma = false };
    char *json;

    (void)state;
    seed__jot_open(&jot, NULL, '{');
    seed__jot_open(&jot, "list", '[');
    seed__jot_number(&jot, NULL, 1, 0);
    seed__jot_open(&jot, NULL, '{');
    seed__jot_close(&jot, '}');
    seed__jot_close(&jot, ']');
    seed__jot_bool(&jot, "yes", true);
    seed__jot_close(&jot, '}');
    json = seed__text_take(&jot.text, NULL);
    assert_string_equal("{\"list\":[1,{}],\"yes\":true}", json);
    seed_release(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_strings),
        cmocka_unit_test(writes_long_strings),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(nests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
