/* SPDX-License-Identifier: MIT */
#include "clinic/earlier.h"

#include <seed/error.h>
#include <seed/server.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define REPORT "{\"kind\":\"seed-doctor\",\"version\":1}"
#define FLAME "{\"kind\":\"seed-flame\",\"version\":1}"

static char path[] = "/tmp/seed-earlier-XXXXXX";

static void put(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* As whom a file is taken, alone and when both are asked for. */
static const struct {
    const char *text;
    bool report, flame;
} cases[] = {
    { REPORT "\n", true, false },
    { "<script id=\"seed-doctor\">" REPORT "</script>", true, false },
    { FLAME, false, true },
    { "<script id=\"seed-flame\">" FLAME "</script>", false, true },
    { "main;loop 12\n", false, false },
    { "", false, false },
};

static void knows_the_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool report = cases[i].report, flame = cases[i].flame;

        put(cases[i].text);
        assert_int_equal(report ? 0 : SEED_EINVAL,
            seed__earlier_judge(path, true, false));
        assert_int_equal(flame ? 0 : SEED_EINVAL,
            seed__earlier_judge(path, false, true));
        assert_int_equal(report || flame ? 0 : SEED_EINVAL,
            seed__earlier_judge(path, true, true));
    }
}

static void takes_the_recording_out(void **state)
{
    char *json;
    int error;

    (void)state;
    put(cases[1].text);
    json = seed__earlier_report(path, &error);
    assert_string_equal(REPORT, json);
    seed_release(json);
    assert_null(seed__earlier_flame(path, &error));
    assert_int_equal(SEED_EINVAL, error);

    put(cases[3].text);
    json = seed__earlier_flame(path, &error);
    assert_string_equal(FLAME, json);
    seed_release(json);
    assert_null(seed__earlier_report(path, &error));
    assert_int_equal(SEED_EINVAL, error);
}

static void says_what_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(SEED_ESYSTEM,
        seed__earlier_judge("/no/such/file", true, true));
    assert_int_equal(ENOENT, errno);
    assert_int_equal(SEED_EINVAL, seed__earlier_judge("/tmp", true, true));
}

static int make(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 || close(fd);
}

static int end(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_kinds),
        cmocka_unit_test(takes_the_recording_out),
        cmocka_unit_test(says_what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, make, end);
}
