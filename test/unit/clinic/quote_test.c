/* SPDX-License-Identifier: MIT */
#include "clinic/quote.h"

#include <seed/server.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void quotes(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "\"\"" },
        { "main", "\"main\"" },
        { "a\"b\\c", "\"a\\\"b\\\\c\"" },
        { "</script>", "\"<\\/script>\"" },
        { "a < b / c", "\"a < b / c\"" },
        { "\n\x01\x7f", "\"\\u000a\\u0001\\u007f\"" },
        { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
            "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
        { "\xff" "a\xc3", "\"\\ufffda\\ufffd\"" },          /* no UTF-8 */
        { "\xc0\xaf", "\"\\ufffd\\ufffd\"" },               /* too long */
        { "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },    /* surrogate */
        { "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
        { "\xe2\x82", "\"\\ufffd\\ufffd\"" },               /* cut */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = { 0 };
        char *bytes;

        seed__quote(&text, cases[i].text);
        bytes = seed__text_take(&text, NULL);
        assert_string_equal(cases[i].want, bytes);
        seed_release(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(quotes) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
