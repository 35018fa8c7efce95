/* SPDX-License-Identifier: MIT */
#include "unit/guarded.h"
#include "watch/log_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FFFD "\xef\xbf\xbd"

/* Expected texts are node's: JSON.stringify(Buffer.from(...).toString()). */
static const struct {
    const char *text;
    size_t length;
    const char *want;
} strings[] = {
#define TEXT(text) text, sizeof(text) - 1
    { TEXT(""), "\"\"" },
    { TEXT("hello world, how are you"), "\"hello world, how are you\"" },
    { TEXT("\""), "\"\\\"\"" },
    { TEXT("0123456\"89"), "\"0123456\\\"89\"" },
    { TEXT("01234567\\9"), "\"01234567\\\\9\"" },
    { TEXT("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"" },
    { TEXT("\0\1\x1f"), "\"\\u0000\\u0001\\u001f\"" },
    { TEXT("\x7f/<>&'"), "\"\x7f/<>&'\"" },
    { TEXT("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
        "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"" },
    { TEXT("\xc2\x80\xc2\x9b" "2J\xc2\x9f\xc2\xa0"),
        "\"\\u0080\\u009b2J\\u009f\xc2\xa0\"" },
    { TEXT("\xe2\x80\xa8\xe2\x80\xa9"), "\"\xe2\x80\xa8\xe2\x80\xa9\"" },
    { TEXT("\xff"), "\"" FFFD "\"" },
    { TEXT("a\x80z"), "\"a" FFFD "z\"" },
    { TEXT("\xc0\xaf"), "\"" FFFD FFFD "\"" },
    { TEXT("\xe0\x80\xaf"), "\"" FFFD FFFD FFFD "\"" },
    { TEXT("\xed\xa0\x80"), "\"" FFFD FFFD FFFD "\"" },
    { TEXT("\xf4\x90\x80\x80"), "\"" FFFD FFFD FFFD FFFD "\"" },
    { TEXT("\xf5\x80"), "\"" FFFD FFFD "\"" },
    { TEXT("\xe2\x82"), "\"" FFFD "\"" },
    { TEXT("\xe2\x82x"), "\"" FFFD "x\"" },
    { TEXT("\xf0\x9f\x98"), "\"" FFFD "\"" },
    { TEXT("\xf0\x9fx"), "\"" FFFD "x\"" },
    { TEXT("\xc3"), "\"" FFFD "\"" },
    { TEXT("\xc3\xc3\xa9"), "\"" FFFD "\xc3\xa9\"" },
};

static void quotes_as_json_stringify(void **state)
{
    struct guarded page = guarded_open(1);

    (void)state;
    for (size_t i = 0; i < COUNT(strings); i++) {
        size_t length = strings[i].length;
        const char *text = guarded_copy(&page, strings[i].text, length);
        char room[128];
        struct out out = { room, room + sizeof room - 1, false };

        seed__put_quoted(&out, text, length);
        *out.at = '\0';
        assert_false(out.full);
        assert_string_equal(strings[i].want, room);
    }
    guarded_close(&page);
}

/* A byte that must be escaped at every place of a word and behind it. */
static void finds_it_at_every_place(void **state)
{
    static const char special[] = "\"\\\n\x1f\x80\xff";

    (void)state;
    for (size_t length = 1; length < 40; length++) {
        for (size_t place = 0; place < length * 6; place++) {
            char text[40], room[300], plain[300];
            struct out out = { room, room + sizeof room, false };
            struct out slow = { plain, plain + sizeof plain, false };

            memset(text, 'a', length);
            text[place % length] = special[place / length];
            seed__put_quoted(&out, text, length);
            seed__put_char(&slow, '"');
            for (size_t i = 0; i < length; i++)
                seed__put_escaped(&slow, text + i, 1);
            seed__put_char(&slow, '"');
            assert_int_equal(slow.at - plain, out.at - room);
            assert_memory_equal(plain, room, (size_t)(out.at - room));
        }
    }
}

/* Whatever does not fit is not written, and the room's end stays. */
static void stays_in_its_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(strings); i++) {
        for (size_t size = 0; size <= strlen(strings[i].want); size++) {
            char *room = malloc(size ? size : 1); /* for ASan */
            struct out out = { room, room + size, false };

            seed__put_quoted(&out, strings[i].text, strings[i].length);
            assert_true(out.at <= out.end);
            assert_int_equal(size < strlen(strings[i].want), out.full);
            free(room);
        }
    }
}

static void writes_whole_numbers(void **state)
{
    static const int64_t numbers[] = { 0, 1, 9, 10, 99, 100, 101, 12345, -1,
        -10, 2147483648, INT64_MAX, INT64_MIN };
    char room[32], want[32];

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct out out = { room, room + sizeof room - 1, false };

        seed__put_int(&out, numbers[i]);
        *out.at = '\0';
        snprintf(want, sizeof want, "%lld", (long long)numbers[i]);
        assert_string_equal(want, room);

        out.at = room;
        seed__put_uint(&out, (uint64_t)numbers[i]);
        *out.at = '\0';
        snprintf(want, sizeof want, "%llu", (unsigned long long)numbers[i]);
        assert_string_equal(want, room);
    }
}

static void keeps_raw_text_on_one_line(void **state)
{
    char room[64];
    struct out out = { room, room + sizeof room - 1, false };

    (void)state;
    seed__put_raw(&out, "{\n\t\"a\":\"\xc3\xa9\xff\xc2\x9b\"\r}", 16);
    *out.at = '\0';
    assert_string_equal("{  \"a\":\"\xc3\xa9" FFFD "\\u009b\" }", room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_as_json_stringify),
        cmocka_unit_test(finds_it_at_every_place),
        cmocka_unit_test(stays_in_its_room),
        cmocka_unit_test(writes_whole_numbers),
        cmocka_unit_test(keeps_raw_text_on_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
