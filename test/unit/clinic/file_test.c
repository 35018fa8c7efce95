/* SPDX-License-Identifier: MIT */
#include "clinic/file.h"

#include <seed/error.h>
#include <seed/server.h>

#include "unit/failing.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/seed-file-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[64];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void reads_all_of_it(void **state)
{
    size_t length;
    char *bytes;
    int error;

    (void)state;
    put("a", "twelve bytes");
    bytes = seed__file_read(path_of("a"), 12, &length, &error);
    assert_int_equal(0, error);
    assert_int_equal(12, length);
    assert_string_equal("twelve bytes", bytes);
    seed_release(bytes);

    put("a", "");
    bytes = seed__file_read(path_of("a"), 12, &length, &error);
    assert_string_equal("", bytes);
    seed_release(bytes);
    unlink(path_of("a"));
}

static int error_of(const char *path)
{
    size_t length;
    int error = 0;

    assert_null(seed__file_read(path, 11, &length, &error));
    return error;
}

static void says_why_not(void **state)
{
    (void)state;
    put("a", "twelve bytes");
    assert_int_equal(SEED_EINVAL, error_of(path_of("a")));
    assert_int_equal(SEED_EINVAL, error_of(folder));
    assert_int_equal(SEED_EINVAL, error_of("/dev/null"));
    assert_int_equal(SEED_ESYSTEM, error_of(path_of("none")));
    assert_int_equal(ENOENT, errno);
    assert_int_equal(0, mkfifo(path_of("pipe"), 0600));
    assert_int_equal(SEED_EINVAL, error_of(path_of("pipe"))); /* at once */
    unlink(path_of("pipe"));

    put("a", "few");
    failing.left = 0;
    assert_int_equal(SEED_ENOMEM, error_of(path_of("a")));
    failing.left = -1;
    assert_int_equal(0, failing.live);
    unlink(path_of("a"));
}

static int begin(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder); /* no drafts are left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_of_it),
        cmocka_unit_test(says_why_not),
    };

    return failing_install() || cmocka_run_group_tests(tests, begin, end);
}
