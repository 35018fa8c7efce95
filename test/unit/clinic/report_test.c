/* SPDX-License-Identifier: MIT */
#include "clinic/report.h"

#include "unit/clinic/sick.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct report report;

static void has_a_status(void **state)
{
    static const struct {
        bool sick;
        const char *goal;
        int status;
    } cases[] = { { false, NULL, 0 }, { true, NULL, 1 },
        { false, "rps>=100", 0 }, { false, "rps>=20000", 3 },
        { true, "rps>=10", 1 }, { true, "rps>=20000", 3 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        report.facts = cases[i].sick ? leaking() : well();
        assert_true(seed__goals_parse(&report.goals, cases[i].goal, NULL, 0));
        seed__report_judge(&report);
        assert_int_equal(cases[i].status, report.status);
    }
}

static const struct {
    const char *text, *json; /* NULL: there is none */
} files[] = {
    { "{\"kind\":\"seed-doctor\",\"version\":1}\n",
        "{\"kind\":\"seed-doctor\",\"version\":1}" },
    { "<html><script type=\"application/json\" id=\"seed-doctor\">\n"
      "{\"kind\":\"seed-doctor\"}\n</script><script>x</script>",
        "{\"kind\":\"seed-doctor\"}" },
    { "{\"kind\":\"seed-flame\"}", NULL },
    { "<script id=\"seed-flame\">{\"kind\":\"seed-flame\"}</script>", NULL },
    { "<script id=\"seed-doctor\">{\"kind\":\"seed-doctor\"}", NULL },
    { "<script id=\"seed-doctor\"", NULL },
    { "", NULL },
};

static void finds_an_earlier_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t length = 0;
        const char *found = seed__report_find(files[i].text, &length);

        assert_int_equal(files[i].json != NULL, found != NULL);
        if (!found)
            continue;
        assert_int_equal(strlen(files[i].json), length);
        assert_memory_equal(files[i].json, found, length);
    }
}

static void names_severities(void **state)
{
    (void)state;
    assert_string_equal("note", seed__severity_name(SEED_NOTE));
    assert_string_equal("warning", seed__severity_name(SEED_WARNING));
    assert_string_equal("issue", seed__severity_name(SEED_ISSUE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_status),
        cmocka_unit_test(finds_an_earlier_one),
        cmocka_unit_test(names_severities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
