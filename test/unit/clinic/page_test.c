/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"

#include "clinic/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const styles[] = { "a{}", "b{}", NULL };
static const char *const scripts[] = { "one();", "two();", NULL };

static void check(const char *html, const char *json, const char *before,
    const char *want)
{
    struct page page = { html, styles, scripts, "seed-x" };
    size_t length = 0;
    char *made = seed__page_make(&page, json, before, &length);

    assert_non_null(made);
    assert_string_equal(made, want);
    assert_int_equal(length, strlen(want));
    seed__release(made);
}

#define DATA(id, json)                                                         \
    "<script type=\"application/json\" id=\"" id "\">" json "</script>\n"

static void fills_the_holes(void **state)
{
    static const struct {
        const char *html, *json, *before, *want;
    } cases[] = {
        { "", "{}", NULL, "" },
        { "<p>", "{}", NULL, "<p>" },
        { "<{{style}}|{{script}}>", "{}", NULL, "<a{}b{}|one();two();>" },
        { "{{data}}", "{}", NULL, DATA("seed-x", "{}") },
        { "{{data}}", "{}", "[]",
            DATA("seed-x", "{}") DATA("seed-before", "[]") },
        { "{{other}} {{", "{}", NULL, "{{other}} {{" },
        { "{{{{style}}}}", "{}", NULL, "{{a{}b{}}}" },
        /* Pieces are not looked at for holes. */
        { "{{data}}", "\"{{script}}\"", NULL,
            DATA("seed-x", "\"{{script}}\"") },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(cases[i].html, cases[i].json, cases[i].before, cases[i].want);
}

/* No string of a recording ends the element that it is in. */
static void escapes_what_would_end_the_data(void **state)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        { "\"</script>\"", DATA("seed-x", "\"\\u003c/script>\"") },
        { "\"<\\/script>\"", DATA("seed-x", "\"\\u003c\\/script>\"") },
        { "\"<!--<script>\"",
            DATA("seed-x", "\"\\u003c!--\\u003cscript>\"") },
        { "<", DATA("seed-x", "\\u003c") },
        { "", DATA("seed-x", "") },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check("{{data}}", cases[i].json, NULL, cases[i].want);
}

/* printf 'one();two();' | openssl dgst -sha256 -binary | base64 */
static void allows_its_own_script_alone(void **state)
{
    (void)state;
    check("{{policy}}", "{}", NULL,
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        "img-src data:; style-src 'unsafe-inline'; script-src "
        "'sha256-regRzR+oK+F9mDwC4F0zP7AGyhqx09Ah4ncDJ6sH1Wk='");
}

static void is_whole_or_not_there(void **state)
{
    struct page page = { "{{policy}}{{style}}{{data}}{{script}}", styles,
        scripts, "seed-x" };
    long asked;
    char *made;

    (void)state;
    made = seed__page_make(&page, "{\"a\":\"<\"}", "{}", NULL);
    assert_non_null(made);
    seed__release(made);
    for (failing.left = asked = 0;; failing.left = ++asked) {
        made = seed__page_make(&page, "{\"a\":\"<\"}", "{}", NULL);
        if (made)
            break;
        assert_int_equal(failing.live, 0);
    }
    failing.left = -1;
    assert_true(asked > 1);
    seed__release(made);
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_holes),
        cmocka_unit_test(escapes_what_would_end_the_data),
        cmocka_unit_test(allows_its_own_script_alone),
        cmocka_unit_test(is_whole_or_not_there),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
