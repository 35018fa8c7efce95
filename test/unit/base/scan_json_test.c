/* SPDX-License-Identifier: MIT */
#include "base/scan_json.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every special byte at every place of texts of every length up to 100, in
 * memory of just that size, so that a step too far is seen. */
static void finds_what_is_not_plain(void **state)
{
    static const unsigned char special[] = {0, 1, 0x1f, '"', '\\', 0x80, 0xff};

    (void)state;
    for (size_t length = 1; length <= 100; length++) {
        char *text = malloc(length), *out = malloc(length);

        for (size_t at = 0; at < length; at++) {
            memset(text, 'a' + (int)(at % 26), length);
            text[at] = (char)special[at % COUNT(special)];
            assert_int_equal(at, seed__scan_json_copy(out, text, length));
            assert_memory_equal(text, out, at);
        }
        free(text);
        free(out);
    }
}

static void stops_at_the_first(void **state)
{
    char text[64], out[64];

    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t second = 1; second < sizeof text; second++)
        for (size_t first = 0; first < second; first++) {
            text[first] = text[second] = '"';
            assert_int_equal(first,
                seed__scan_json_copy(out, text, sizeof text));
            text[first] = text[second] = 'x';
        }
}

static void copies_all_that_is_plain(void **state)
{
    char text[96], out[96];
    size_t length = 0;

    (void)state;
    for (int c = ' '; c < 0x80; c++)
        if (c != '"' && c != '\\')
            text[length++] = (char)c;
    assert_int_equal(length, seed__scan_json_copy(out, text, length));
    assert_memory_equal(text, out, length);
    assert_int_equal(0, seed__scan_json_copy(out, text, 0));
}

static const struct {
    const char *bytes;
    size_t length;
    bool whole;
    size_t want;
} characters[] = {
    {"a", 1, true, 1},
    {"\x00", 1, true, 1},
    {"\x7f", 1, true, 1},
    {"\xc2\x80", 2, true, 2},
    {"\xdf\xbf", 2, true, 2},
    {"\xe0\xa0\x80", 3, true, 3},
    {"\xed\x9f\xbf", 3, true, 3},
    {"\xee\x80\x80", 3, true, 3},
    {"\xef\xbf\xbf", 3, true, 3},
    {"\xf0\x90\x80\x80", 4, true, 4},
    {"\xf4\x8f\xbf\xbf", 4, true, 4},
    {"\xc3\xbcx", 3, true, 2},

    {"\x80", 1, false, 1},             /* a second byte first           */
    {"\xc0\x80", 2, false, 1},         /* longer than needed            */
    {"\xc1\xbf", 2, false, 1},
    {"\xe0\x9f\xbf", 3, false, 1},
    {"\xf0\x8f\xbf\xbf", 4, false, 1},
    {"\xed\xa0\x80", 3, false, 1},     /* a surrogate                   */
    {"\xf4\x90\x80\x80", 4, false, 1}, /* over U+10FFFF                 */
    {"\xf5\x80\x80\x80", 4, false, 1},
    {"\xff", 1, false, 1},
    {"\xc3", 1, false, 1},             /* cut                           */
    {"\xe2\x82", 2, false, 2},
    {"\xf0\x9f\x98", 3, false, 3},
    {"\xe2\x82x", 3, false, 2},        /* cut by another one            */
    {"\xf0\x9f\xc3\xbc", 4, false, 2},
    {"\xc3\xc3", 2, false, 1},
};

static void judges_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(characters); i++) {
        size_t length = characters[i].length, got;
        char *text = malloc(length);
        bool whole = !characters[i].whole;

        memcpy(text, characters[i].bytes, length);
        got = seed__scan_utf8(text, length, &whole);
        assert_int_equal(characters[i].want, got);
        assert_int_equal(characters[i].whole, whole);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_not_plain),
        cmocka_unit_test(stops_at_the_first),
        cmocka_unit_test(copies_all_that_is_plain),
        cmocka_unit_test(judges_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
