/* SPDX-License-Identifier: MIT */
#include "clinic/diagnose.h"
#include "unit/clinic/clinical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/seed-recordings-XXXXXX";

static char *path_of(const char *name, char out[100])
{
    snprintf(out, 100, "%s/%s", folder, name);
    return out;
}

static long size_of(const char *name)
{
    char path[100];
    FILE *file = fopen(path_of(name, path), "r");
    long size;

    if (!file)
        return -1;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    fclose(file);
    unlink(path);
    return size;
}

static void writes_numbered_files(void **state)
{
    seed_server *server = seed_server_new(NULL);
    char doctor[100], flame[100];
    struct orders orders = { .doctor = path_of("r.html", doctor),
        .flame = path_of("f.folded", flame), .goal = "errors<=0" };
    struct recordings recordings = { .orders = &orders, .server = server };

    (void)state;
    assert_int_equal(0, seed__recordings_begin(&recordings));
    seed__recordings_write(&recordings);
    assert_null(recordings.doctor);
    assert_null(recordings.flame);
    assert_true(size_of("r.html") > 1000);
    assert_true(size_of("r.json") > 100);
    assert_true(size_of("f.folded") >= 0);

    assert_int_equal(0, seed__recordings_begin(&recordings));
    seed__recordings_write(&recordings);
    assert_true(size_of("r-2.html") > 1000);
    assert_true(size_of("r-2.json") > 100);
    assert_true(size_of("f-2.folded") >= 0);
    seed_server_free(server);
}

static void keeps_what_went_wrong(void **state)
{
    seed_server *server = seed_server_new(NULL);
    struct orders orders = { .flame = "/no/such/folder/f.html" };
    struct recordings recordings = { .orders = &orders, .server = server };

    (void)state;
    assert_int_equal(0, seed__recordings_begin(&recordings));
    seed__recordings_write(&recordings);
    assert_int_equal(2, recordings.status);
    seed_server_free(server);
}

static void writes_to_the_terminal(void **state)
{
    seed_server *server = seed_server_new(NULL);
    struct orders orders = { .doctor = "-", .flame = "-" };
    struct recordings recordings = { .orders = &orders, .server = server };

    (void)state;
    assert_int_equal(0, seed__recordings_begin(&recordings));
    seed__recordings_write(&recordings);
    assert_int_equal(0, recordings.status); /* not enough is no issue */
    seed_server_free(server);
}

static void load(seed_server *server)
{
    uint64_t end = seed_now() + 2500000000;

    while (seed_now() < end) {
        ask_often(server, "/", 5);
        sleep_ms(20);
    }
}

/* What signals cut off: before the load, all of it, and behind its end. */
static void judges_a_load_as_a_whole(void **state)
{
    struct orders orders = { .doctor = "-", .load = "a load" };
    seed_server *server = clinical(1);
    struct recordings recordings = { .orders = &orders, .server = server };
    struct served served;

    (void)state;
    assert_int_equal(0, seed__recordings_begin(&recordings));
    open_clinical(&served, server);
    seed__recordings_write(&recordings);
    assert_false(recordings.enough);
    assert_int_equal(0, recordings.status);

    assert_int_equal(0, seed__recordings_begin(&recordings));
    load(server);
    seed__recordings_write(&recordings);
    assert_true(recordings.enough);
    assert_int_equal(0, seed__recordings_begin(&recordings));
    seed__recordings_end(&recordings);
    assert_int_equal(0, recordings.status);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

static void says_when_no_part_was_enough(void **state)
{
    struct orders orders = { .doctor = "-", .load = "a load",
        .goal = "rps>=1" };
    seed_server *server = seed_server_new(NULL);
    struct recordings recordings = { .orders = &orders, .server = server };

    (void)state;
    assert_int_equal(0, seed__recordings_begin(&recordings));
    seed__recordings_write(&recordings);
    assert_int_equal(0, recordings.status);
    assert_int_equal(0, seed__recordings_begin(&recordings));
    seed__recordings_end(&recordings);
    assert_int_equal(2, recordings.status);
    seed_server_free(server);
}

static int open_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int close_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_numbered_files),
        cmocka_unit_test(keeps_what_went_wrong),
        cmocka_unit_test(writes_to_the_terminal),
        cmocka_unit_test(judges_a_load_as_a_whole),
        cmocka_unit_test(says_when_no_part_was_enough),
    };

    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
