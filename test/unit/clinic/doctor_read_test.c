/* SPDX-License-Identifier: MIT */
#include "unit/clinic/clinical.h"

#include "clinic/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char folder[] = "/tmp/seed-doctor-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[64];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *whole(const char *path)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "r");
    size_t length;

    assert_non_null(file);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static seed_doctor *recorded(const struct seed_doctor_options *options)
{
    seed_server *server = clinical(1);
    seed_doctor *doctor = seed_doctor_start(server, options);
    struct served served;

    assert_non_null(doctor);
    open_clinical(&served, server);
    ask_often(server, "/leak", 40);
    assert_int_equal(0, serve_stop(&served));
    assert_null(seed_doctor_render(doctor, SEED_DOCTOR_JSON, NULL));
    assert_int_equal(SEED_ESTATE, seed_doctor_write(doctor,
        path_of("early.json")));
    assert_int_equal(0, seed_doctor_stop(doctor));
    seed_server_free(server);
    return doctor;
}

static void count_findings(const struct seed_finding *finding, void *ctx)
{
    int *count = ctx;

    if (!*count)
        assert_string_equal("forget", finding->function);
    assert_non_null(finding->route);
    ++*count;
}

static void writes_by_ending(void **state)
{
    seed_doctor *doctor = recorded(NULL);
    int count = 0;

    (void)state;
    assert_int_equal(0, seed_doctor_write(doctor, path_of("a.json")));
    assert_int_equal('{', *whole(path_of("a.json")));
    assert_int_equal(0, seed_doctor_write(doctor, path_of("a.txt")));
    assert_non_null(strstr(whole(path_of("a.txt")), "seed doctor: "));
    assert_int_equal(0, seed_doctor_write(doctor, path_of("a.html")));
    assert_non_null(strstr(whole(path_of("a.html")), "id=\"seed-doctor\""));
    assert_null(strstr(whole(path_of("a.html")), "id=\"seed-before\""));
    seed_doctor_each_finding(doctor, count_findings, &count);
    assert_int_equal(doctor->report.findings.count, count);
    assert_true(count >= 1);

    assert_int_equal(SEED_ESYSTEM, seed_doctor_write(doctor,
        path_of("nowhere/a.json")));
    assert_int_equal(ENOENT, errno);
    assert_int_equal(SEED_EINVAL, seed_doctor_write(NULL, "x"));
    assert_null(seed_doctor_render(NULL, SEED_DOCTOR_JSON, NULL));
    assert_int_equal(0, seed_doctor_status(NULL));
    assert_string_equal("unknown", seed_doctor_verdict(NULL).category);
    seed_doctor_free(doctor);
}

static void compares_with_an_earlier_one(void **state)
{
    static const char *const names[] = { "a.html", "a.json" };

    (void)state;
    for (int i = 0; i < 2; i++) {
        char before[64];
        seed_doctor *doctor;

        strcpy(before, path_of(names[i]));
        doctor = recorded(&(struct seed_doctor_options){ .before = before,
            .no_flame = true });
        assert_null(seed_doctor_flame(doctor));
        assert_int_equal(0, seed_doctor_write(doctor, path_of("b.html")));
        assert_non_null(strstr(whole(path_of("b.html")),
            "id=\"seed-before\""));
        seed_doctor_free(doctor);
    }
}

static void does_without_one(void **state)
{
    static const char *const names[] = { "a.txt", "none.json" };

    (void)state;
    for (int i = 0; i < 2; i++) {
        char before[64];
        seed_doctor *doctor;

        strcpy(before, path_of(names[i]));
        doctor = recorded(&(struct seed_doctor_options){ .before = before });
        assert_int_equal(0, seed_doctor_write(doctor, path_of("b.html")));
        assert_null(strstr(whole(path_of("b.html")), "id=\"seed-before\""));
        seed_doctor_free(doctor);
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = { "a.json", "a.txt", "a.html",
        "b.html" };

    (void)state;
    for (int i = 0; i < 4; i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_by_ending),
        cmocka_unit_test(compares_with_an_earlier_one),
        cmocka_unit_test(does_without_one),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
