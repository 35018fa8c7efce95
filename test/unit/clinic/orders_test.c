/* SPDX-License-Identifier: MIT */
#include "clinic/orders.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = { "SEED_DOCTOR", "SEED_FLAME",
    "SEED_ON_PORT", "SEED_GOAL", "SEED_BEFORE", "SEED_FLAME_HZ" };

/* What is set, and how it is taken: 0, or words of the sentence. */
static const struct {
    const char *name, *value, *also, *also_value, *wrong;
} cases[] = {
    { "SEED_DOCTOR", "report.html", NULL, NULL, NULL },
    { "SEED_DOCTOR", "report.json", NULL, NULL, NULL },
    { "SEED_DOCTOR", "report.txt", NULL, NULL, NULL },
    { "SEED_DOCTOR", "-", NULL, NULL, NULL },
    { "SEED_DOCTOR", "report.pdf", NULL, NULL, "ends with .html" },
    { "SEED_DOCTOR", "report", NULL, NULL, "ends with .html" },
    { "SEED_DOCTOR", "/no/such/folder/a.html", NULL, NULL, "No such file" },
    { "SEED_FLAME", "flame.html", NULL, NULL, NULL },
    { "SEED_FLAME", "flame.folded", NULL, NULL, NULL },
    { "SEED_FLAME", "flame.pb.gz", NULL, NULL, NULL },
    { "SEED_FLAME", "flame.speedscope.json", NULL, NULL, NULL },
    { "SEED_FLAME", "-", NULL, NULL, NULL },
    { "SEED_FLAME", "flame.svg", NULL, NULL, "SEED_FLAME is \"flame.svg\"" },
    { "SEED_FLAME", "a.html", "SEED_FLAME_HZ", "249", NULL },
    { "SEED_FLAME", "a.html", "SEED_FLAME_HZ", "0", "from 1 to 1000" },
    { "SEED_FLAME", "a.html", "SEED_FLAME_HZ", "1001", "from 1 to 1000" },
    { "SEED_FLAME", "a.html", "SEED_FLAME_HZ", "fast", "from 1 to 1000" },
    { "SEED_GOAL", "rps>=1", NULL, NULL, NULL },
    { "SEED_GOAL", "nonsense", "SEED_ON_PORT", "true", NULL },
    { "SEED_GOAL", "rps>=1", "SEED_FLAME", "-", "set SEED_DOCTOR, too" },
    { "SEED_GOAL", "rps>=1", "SEED_DOCTOR", "-", NULL },
    { "SEED_GOAL", "speed>=1", "SEED_DOCTOR", "-", "SEED_GOAL: " },
    { "SEED_BEFORE", "/no/such/file", "SEED_DOCTOR", "-", "cannot be read" },
    { "SEED_BEFORE", "/no/such/file", NULL, NULL, NULL },
    { "SEED_BEFORE", "/etc/hosts", NULL, NULL, NULL },
    { "SEED_BEFORE", "/etc/hosts", "SEED_DOCTOR", "-", "\"/etc/hosts\", which "
        "is no report of the doctor's: say" },
    { "SEED_BEFORE", "/etc", "SEED_FLAME", "-", "which is no flame graph" },
    { "SEED_ON_PORT", "true", NULL, NULL, NULL },
};

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    return 0;
}

static void judges_variables(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct orders orders;
        char why[400] = "";
        int err;

        clear(state);
        setenv(cases[i].name, cases[i].value, 1);
        if (cases[i].also)
            setenv(cases[i].also, cases[i].also_value, 1);
        err = seed__orders_read(&orders, why, sizeof why);
        if (!cases[i].wrong) {
            assert_int_equal(0, err);
            continue;
        }
        assert_int_not_equal(0, err);
        assert_non_null(strstr(why, cases[i].wrong));
        assert_int_equal('.', why[strlen(why) - 1]);
    }
}

static void reads_them_all(void **state)
{
    struct orders orders;
    char why[400];

    (void)state;
    assert_int_equal(0, seed__orders_read(&orders, why, sizeof why));
    assert_false(seed__orders_any(&orders));
    setenv("SEED_ON_PORT", "true", 1);
    setenv("SEED_FLAME", "", 1);
    assert_int_equal(0, seed__orders_read(&orders, why, sizeof why));
    assert_false(seed__orders_any(&orders)); /* a load alone starts nothing */
    setenv("SEED_FLAME", "a.html", 1);
    setenv("SEED_FLAME_HZ", "49", 1);
    assert_int_equal(0, seed__orders_read(&orders, why, sizeof why));
    assert_true(seed__orders_any(&orders));
    assert_string_equal("true", orders.load);
    assert_int_equal(49, orders.hertz);
}

static void names_files(void **state)
{
    static const struct {
        const char *path, *second, *json;
    } files[] = {
        { "report.html", "report-2.html", "report.json" },
        { "/tmp/a.b/flame.pb.gz", "/tmp/a.b/flame-2.pb.gz",
            "/tmp/a.b/flame.json" },
        { "x.speedscope.json", "x-2.speedscope.json", "x.json" },
        { "my.app.html", "my.app-2.html", "my.app.json" },
        { ".html", ".html-2", ".html.json" },
    };
    char out[100];

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_string_equal(files[i].path,
            seed__orders_path(files[i].path, 1, out, sizeof out));
        assert_string_equal(files[i].second,
            seed__orders_path(files[i].path, 2, out, sizeof out));
        assert_string_equal(files[i].json,
            seed__orders_beside(files[i].path, ".json", out, sizeof out));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(judges_variables, clear),
        cmocka_unit_test_setup(reads_them_all, clear),
        cmocka_unit_test(names_files),
    };

    return cmocka_run_group_tests(tests, NULL, clear);
}
