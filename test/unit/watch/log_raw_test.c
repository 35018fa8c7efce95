/* SPDX-License-Identifier: MIT */
#include "unit/guarded.h"
#include "watch/log_line.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const paths[] = { "r.a", "r.b.c", "r[1]", "r.*.deep",
    "r[\"\xc3\xa9\"]", "r[\"\xf0\x9f\x98\x80\"]", "r.long", NULL };

/* The value of "r" as it is written. */
static const char *write_raw(const char *text, size_t length, bool remove)
{
    static char room[16384];
    const seed_log_field fields[] = { seed_raw("r", text, length),
        seed_no_more() };
    struct redact *redact;
    struct line line;

    assert_int_equal(0, seed__redact_new(&redact, paths, "***", remove));
    seed__line_begin(&line, room, room + sizeof room - 1, redact);
    seed__line_fields(&line, fields);
    assert_false(line.out.full);
    assert_int_equal(0, line.depth);
    *line.out.at = '\0';
    seed__redact_free(redact);
    return room + strlen(",\"r\":");
}

static const struct {
    const char *text, *want, *removed; /* NULL: as want */
} texts[] = {
    { "{}", "{}", NULL },
    { "[]", "[]", NULL },
    { " { \"x\" : 1 } ", "{\"x\":1}", NULL },
    { "1", "1", NULL },
    { "-1.5e+3", "-1.5e+3", NULL },
    { "\"text\"", "\"text\"", NULL },
    { "true", "true", NULL },
    { "null", "null", NULL },
    { "{\"a\":1}", "{\"a\":\"***\"}", "{}" },
    { "{\"a\":{\"a\":[1,{}]},\"x\":[true]}", "{\"a\":\"***\",\"x\":[true]}",
        "{\"x\":[true]}" },
    { "{\"x\":\"{\\\"a\\\":1}\",\"a\":\"}\"}",
        "{\"x\":\"{\\\"a\\\":1}\",\"a\":\"***\"}",
        "{\"x\":\"{\\\"a\\\":1}\"}" },
    { "{\"b\":{\"c\":1,\"d\":2},\"c\":3}",
        "{\"b\":{\"c\":\"***\",\"d\":2},\"c\":3}",
        "{\"b\":{\"d\":2},\"c\":3}" },
    { "[0,1,2]", "[0,\"***\",2]", "[0,null,2]" },
    { "[{\"deep\":1},{\"deep\":1},[{\"deep\":1}]]",
        "[{\"deep\":\"***\"},\"***\",[{\"deep\":1}]]",
        "[{},null,[{\"deep\":1}]]" },
    { "{\"\\u0061\":1}", "{\"\\u0061\":\"***\"}", "{}" },
    { "{\"\\u00e9\":1,\"\\ud83d\\ude00\":2,\"\\ud83d\":3}",
        "{\"\\u00e9\":\"***\",\"\\ud83d\\ude00\":\"***\",\"\\ud83d\":3}",
        "{\"\\ud83d\":3}" },
    { "{\"\xc3\xa9\":1,\"\\n\\/\\\"\":2}",
        "{\"\xc3\xa9\":\"***\",\"\\n\\/\\\"\":2}", "{\"\\n\\/\\\"\":2}" },
    /* No JSON: nobody knows what it would have been. */
    { "{\"a\":1", "\"***\"", NULL },
    { "{\"a\" 1}", "\"***\"", NULL },
    { "{a:1}", "\"***\"", NULL },
    { "{\"x\":1,}", "\"***\"", NULL },
    { "[1,]", "\"***\"", NULL },
    { "[1 2]", "\"***\"", NULL },
    { "{\"x\":1]", "\"***\"", NULL },
    { "{\"x\":\"1}", "\"***\"", NULL },
    { "{\"x\":nul}", "\"***\"", NULL },
    { "{\"\\x\":1}", "\"***\"", NULL },
    { "{\"\\u12g4\":1}", "\"***\"", NULL },
    { "{} {}", "\"***\"", NULL },
    { "{\"x\ny\":1}", "\"***\"", NULL },
    { "password=1", "\"***\"", NULL },
    { "[", "\"***\"", NULL },
    { "{\"", "\"***\"", NULL },
    { "{\"\\", "\"***\"", NULL },
    { "\"\\", "\"***\"", NULL },
    { " ", "\"***\"", NULL },
};

static void redacts_inside(void **state)
{
    struct guarded page = guarded_open(1);

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        size_t length = strlen(texts[i].text);
        const char *text = guarded_copy(&page, texts[i].text, length);
        const char *removed = texts[i].removed ? texts[i].removed
                                               : texts[i].want;

        assert_string_equal(texts[i].want, write_raw(text, length, false));
        assert_string_equal(removed, write_raw(text, length, true));
    }
    guarded_close(&page);
}

static void knows_keys_of_any_length(void **state)
{
    char text[700], want[700];

    (void)state;
    for (int length = 250; length < 260; length++) {
        snprintf(text, sizeof text, "{\"%0*d\":1}", length, 0);
        assert_string_equal(text, write_raw(text, strlen(text), false));
        snprintf(text, sizeof text, "{\"%0*d\":1,\"long\":2}", length, 0);
        snprintf(want, sizeof want, "{\"%0*d\":1,\"long\":\"***\"}", length,
            0);
        assert_string_equal(want, write_raw(text, strlen(text), false));
    }
}

/* Deep texts are read without recursion, and stay what they are. */
static void reads_any_depth(void **state)
{
    enum { DEPTH = 500 };
    char text[2 * DEPTH + 1];

    (void)state;
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    text[2 * DEPTH] = '\0';
    assert_string_equal(text, write_raw(text, 2 * DEPTH, false));
    assert_string_equal("\"***\"", write_raw(text, 2 * DEPTH - 1, false));
}

/* Every change of one byte gives JSON all the same. */
static void always_writes_json(void **state)
{
    static const char base[] = "{\"a\":1,\"b\":{\"c\":\"\\u0041\"},"
                               "\"x\":[1,2,{\"deep\":null}]}";
    static const char bytes[] = "{}[]\",:\\u0 \n\x01";
    char text[sizeof base];

    (void)state;
    for (size_t at = 0; at < sizeof base - 1; at++) {
        for (size_t i = 0; i < sizeof bytes - 1; i++) {
            json_t *value;

            memcpy(text, base, sizeof base);
            text[at] = bytes[i];
            value = json_loads(write_raw(text, sizeof base - 1, false),
                JSON_DECODE_ANY, NULL);
            /* What is a number is not looked at in detail. */
            if (!value && bytes[i] != '0')
                fail_msg("%s", text);
            json_decref(value);
        }
    }
}

static void says_when_it_is_full(void **state)
{
    static const char text[] = "{\"b\":{\"c\":1,\"d\":[2,3]},\"c\":\"e\"}";
    const seed_log_field fields[] = { seed_raw("r", text, sizeof text - 1),
        seed_no_more() };
    size_t wanted = strlen(write_raw(text, sizeof text - 1, false)) + 5;

    (void)state;
    for (size_t size = 0; size <= wanted; size++) {
        char *own = malloc(size ? size : 1); /* for ASan */
        struct redact *redact;
        struct line line;

        seed__redact_new(&redact, paths, "***", false);
        seed__line_begin(&line, own, own + size, redact);
        seed__line_fields(&line, fields);
        assert_int_equal(size < wanted, line.out.full);
        seed__redact_free(redact);
        free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redacts_inside),
        cmocka_unit_test(knows_keys_of_any_length),
        cmocka_unit_test(reads_any_depth),
        cmocka_unit_test(always_writes_json),
        cmocka_unit_test(says_when_it_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
