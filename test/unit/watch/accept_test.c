/* SPDX-License-Identifier: MIT */
#include "watch/accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
    const char *accept;
    bool html; /* rather than JSON */
} cases[] = {
    { NULL, false },
    { "", false },
    { "*/*", false },
    { "text/html", true },
    { "TEXT/HTML", true },
    { "text/htm", false },
    { "text/html5", false },
    { "application/json", false },
    { "text/html, application/json", false },
    { "text/html;q=0.5, application/json", false },
    { "text/html, application/json;q=0.5", true },
    { "text/html ; q=0.2 , application/json ;q=0.1", true },
    { "text/html;level=1;q=0.3,application/json;Q=0.4", false },
    { "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        true },
    { "text/*, application/json;q=0.9", true },
    { "text/*;q=0.1, text/html;q=0, application/*;q=0.05", false },
    { "text/*;q=0, text/html;q=0.2, */*;q=0.1", true },
    { "text/html;q=0", false },
    { "text/html;q=1.000, */*;q=0.999", true },
    { "text/html;q=0.001, application/json;q=0.000", true },
    { "text/html;q=9, application/json", false },
    { ",,text/html,,", true },
    { "text/html;q", true },
    { ";q=1", false },
};

static void weighs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (seed__accept_prefers(cases[i].accept, "text/html",
                "application/json") == cases[i].html)
            continue;
        print_error("%s\n", cases[i].accept);
        fail();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighs),
    };

    return cmocka_run_group_tests_name("watch/accept", tests, NULL, NULL);
}
