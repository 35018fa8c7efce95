/* SPDX-License-Identifier: MIT */
#include "base/scan.h"

#include "unit/guarded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool among(char byte, const char *bytes)
{
    return byte && strchr(bytes, byte);
}

static bool is_alnum(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
        (c >= 'a' && c <= 'z');
}

static void classes_are_those_of_the_rfcs(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;

        assert_int_equal(seed__byte_is(byte, BYTE_TOKEN),
            is_alnum(c) || among(byte, "!#$%&'*+-.^_`|~"));
        assert_int_equal(seed__byte_is(byte, BYTE_HOST),
            is_alnum(c) || among(byte, "-._~!$&'()*+,;="));
        assert_int_equal(seed__byte_is(byte, BYTE_PLAIN),
            is_alnum(c) || among(byte, "-._~"));
        assert_int_equal(seed__byte_is(byte, BYTE_HEX),
            among(byte, "0123456789abcdefABCDEF"));
        assert_int_equal(seed__byte_is(byte, BYTE_TEXT),
            (c >= 0x20 && c != 0x7f) || c == '\t');
        assert_int_equal(seed__byte_is(byte, BYTE_JSON),
            c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
        assert_int_equal(seed__byte_is(byte, BYTE_DIGIT),
            among(byte, "0123456789"));
    }
}

static void reads_hex_digits(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        assert_int_equal(seed__hex_value("0123456789abcdef"[i]), i);
        assert_int_equal(seed__hex_value("0123456789ABCDEF"[i]), i);
    }
}

/* Every byte at every place of a run of up to 40, flush against the end of
 * what may be read. */
static void stop_at(const char *(*scan)(const char *, const char *),
    bool (*good)(int byte))
{
    struct guarded area = guarded_open(1);

    assert_non_null(area.map);
    for (size_t length = 0; length <= 40; length++) {
        char *start = area.map + area.room - length;

        memset(start, 'a', length);
        assert_ptr_equal(scan(start, start + length), start + length);
        for (size_t i = 0; i < length * 256; i++) {
            char *place = start + i / 256;
            int byte = (int)(i % 256);

            *place = (char)byte;
            assert_ptr_equal(scan(start, start + length),
                good(byte) ? start + length : place);
            *place = 'a';
        }
    }
    guarded_close(&area);
}

static bool is_text(int byte)
{
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

static bool is_target(int byte)
{
    return byte > ' ' && byte < 0x7f && byte != '#';
}

static void text_ends_at_controls(void **state)
{
    (void)state;
    stop_at(seed__scan_text, is_text);
}

static void targets_end_at_what_is_not_visible(void **state)
{
    (void)state;
    stop_at(seed__scan_target, is_target);
}

static void classes_end_where_they_should(void **state)
{
    const char *text = "abc def";

    (void)state;
    assert_ptr_equal(seed__scan_class(text, text + 7, BYTE_TOKEN), text + 3);
    assert_ptr_equal(seed__scan_class(text, text + 2, BYTE_TOKEN), text + 2);
    assert_ptr_equal(seed__scan_class(text, text, BYTE_TOKEN), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_those_of_the_rfcs),
        cmocka_unit_test(reads_hex_digits),
        cmocka_unit_test(text_ends_at_controls),
        cmocka_unit_test(targets_end_at_what_is_not_visible),
        cmocka_unit_test(classes_end_where_they_should),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
