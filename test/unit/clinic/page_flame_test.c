/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"

#include "clinic/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define JSON "{\"kind\":\"seed-flame\",\"version\":1}"

static size_t count(const char *text, const char *word)
{
    size_t found = 0;

    for (; (text = strstr(text, word)); text += strlen(word))
        found++;
    return found;
}

static void is_one_file(void **state)
{
    /* What asks for a resource, and what a page of ours must not have. */
    static const char *const forbidden[] = { "src=", "@import", "url(http",
        "<link", "fetch(", "XMLHttpRequest", "{{", "innerHTML" };
    size_t length;
    char *page = seed__page_flame(JSON, NULL, &length);

    (void)state;
    assert_non_null(page);
    assert_int_equal(length, strlen(page));
    /* Beside a recording of some hundred KB it does not count. */
    assert_true(length < 100000);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        assert_null(strstr(page, forbidden[i]));
    assert_int_equal(count(page, "</script>"), 2);
    assert_int_equal(count(page, "</style>"), 1);
    assert_non_null(strstr(page, "script-src 'sha256-"));
    assert_non_null(strstr(page, "id=\"seed-flame\">" JSON "</script>"));
    seed__release(page);
    assert_int_equal(failing.live, 0);
}

static void carries_an_earlier_recording(void **state)
{
    char *page = seed__page_flame(JSON, JSON, NULL);

    (void)state;
    assert_non_null(page);
    assert_int_equal(count(page, JSON), 2);
    assert_int_equal(count(page, "id=\"seed-before\">" JSON), 1);
    seed__release(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_one_file),
        cmocka_unit_test(carries_an_earlier_recording),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
