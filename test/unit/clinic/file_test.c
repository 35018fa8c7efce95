/* SPDX-License-Identifier: MIT */
#include "clinic/file.h"

#include <seed/error.h>
#include <seed/server.h>

#include "unit/failing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

static const char *text_of(const char *name)
{
    static char text[100];
    FILE *file = fopen(path_of(name), "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void keeps_to_the_umask(void **state)
{
    static const mode_t masks[] = { 077, 027, 022, 0 };
    mode_t before = umask(0);
    struct stat file;

    (void)state;
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        umask(masks[i]);
        assert_int_equal(0, seed__file_write(path_of("a"), "text", 4));
        assert_int_equal(0, stat(path_of("a"), &file));
        assert_int_equal(0666 & ~masks[i], file.st_mode & 07777);
        assert_string_equal("text", text_of("a"));
        unlink(path_of("a"));
    }
    put("a", "");
    chmod(path_of("a"), 0640); /* somebody has said what it is to have */
    assert_int_equal(0, seed__file_write(path_of("a"), "text", 4));
    assert_int_equal(0, stat(path_of("a"), &file));
    assert_int_equal(0640, file.st_mode & 07777);
    umask(before);
    unlink(path_of("a"));
}

/* One's own in a folder that is not. */
static void writes_in_place_what_is_fixed(void **state)
{
    uid_t me = geteuid();
    char *fixed = strdup(path_of("fixed"));

    (void)state;
    assert_int_equal(0, mkdir(fixed, 0755));
    chmod(folder, 0711);
    put("fixed/a", "what was there");
    chmod(path_of("fixed/a"), 0666);
    chmod(fixed, 0555);
    if (!me)
        assert_int_equal(0, seteuid(65534));
    assert_int_equal(0, seed__file_write(path_of("fixed/a"), "text", 4));
    assert_int_equal(SEED_ESYSTEM,
        seed__file_write(path_of("fixed/b"), "text", 4));
    assert_int_equal(EACCES, errno);
    if (!me)
        assert_int_equal(0, seteuid(0));
    assert_string_equal("text", text_of("fixed/a"));
    chmod(fixed, 0755);
    unlink(path_of("fixed/a"));
    rmdir(fixed);
    free(fixed);
}

/* The kernel lets no file grow beyond a few bytes. */
static void leaves_the_old_one_whole(void **state)
{
    struct rlimit usual, few;

    (void)state;
    put("a", "what was there");
    getrlimit(RLIMIT_FSIZE, &usual);
    few = usual;
    few.rlim_cur = 5;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &few);
    errno = 0;
    assert_int_equal(SEED_ESYSTEM,
        seed__file_write(path_of("a"), "longer than that", 16));
    assert_int_equal(EFBIG, errno);
    setrlimit(RLIMIT_FSIZE, &usual);
    signal(SIGXFSZ, SIG_DFL);
    assert_string_equal("what was there", text_of("a"));

    failing.left = 0;
    assert_int_equal(SEED_ENOMEM, seed__file_write(path_of("a"), "x", 1));
    failing.left = -1;
    assert_string_equal("what was there", text_of("a"));
    unlink(path_of("a"));
    assert_int_equal(SEED_ESYSTEM,
        seed__file_write(path_of("no/a"), "x", 1));
    assert_int_equal(ENOENT, errno);
}

static void writes_through_a_link(void **state)
{
    char link[64];
    struct stat file;

    (void)state;
    strcpy(link, path_of("link"));
    put("a", "longer than what comes");
    assert_int_equal(0, symlink("a", link)); /* from its folder on */
    assert_int_equal(0, seed__file_write(link, "text", 4));
    assert_int_equal(0, lstat(link, &file));
    assert_true(S_ISLNK(file.st_mode));
    assert_string_equal("text", text_of("a"));
    unlink(path_of("a"));
    unlink(link);
}

static void writes_into_what_is_no_file(void **state)
{
    char got[10] = "";
    struct stat file;
    int fd;

    (void)state;
    assert_int_equal(0, mkfifo(path_of("pipe"), 0600));
    fd = open(path_of("pipe"), O_RDONLY | O_NONBLOCK);
    assert_int_equal(0, seed__file_write(path_of("pipe"), "text", 4));
    assert_int_equal(4, read(fd, got, sizeof got));
    assert_string_equal("text", got);
    assert_int_equal(0, lstat(path_of("pipe"), &file));
    assert_true(S_ISFIFO(file.st_mode));
    close(fd);
    unlink(path_of("pipe"));

    assert_int_equal(SEED_ESYSTEM, seed__file_write("/dev/full", "text", 4));
    assert_int_equal(ENOSPC, errno);
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
        cmocka_unit_test(keeps_to_the_umask),
        cmocka_unit_test(writes_in_place_what_is_fixed),
        cmocka_unit_test(leaves_the_old_one_whole),
        cmocka_unit_test(writes_through_a_link),
        cmocka_unit_test(writes_into_what_is_no_file),
    };

    return failing_install() || cmocka_run_group_tests(tests, begin, end);
}
