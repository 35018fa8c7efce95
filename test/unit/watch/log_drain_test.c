/* SPDX-License-Identifier: MIT */
/* link: -Wl,--wrap=write */
#include "logged.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct logged logged;

/* What write(2) does to the logger's file: so many bytes, then an error. */
static atomic_int taken = -1; /* below 0: it works */
static atomic_int error;

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);

ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    int left = atomic_load(&taken);
    struct stat about;

    if (left < 0 || fstat(fd, &about) || !S_ISREG(about.st_mode))
        return __real_write(fd, bytes, length);
    if (left == 0) {
        errno = atomic_load(&error);
        return -1;
    }
    length = length < (size_t)left ? length : (size_t)left;
    atomic_store(&taken, left - (int)length);
    return __real_write(fd, bytes, length);
}

static void break_write(int bytes, int number)
{
    atomic_store(&error, number);
    atomic_store(&taken, bytes);
}

static void mend_write(void)
{
    atomic_store(&taken, -1);
}

/* The disk is full for a while: nothing is lost, nothing is written twice. */
static void goes_on_where_it_stopped(void **state)
{
    int length = 0; /* of both lines */

    (void)state;
    for (int bytes = 0; bytes <= length + 7; bytes += 7) {
        logged_open(&logged, NULL);
        seed_log_info(logged.log, "one");
        seed_log_info(logged.log, "two");
        break_write(bytes, ENOSPC);
        if (seed_log_flush(logged.log, 5000)) {
            assert_int_equal(ENOSPC, seed_log_stats(logged.log).error);
            assert_true(seed_log_stats(logged.log).failures > 0);
            assert_true(!length || bytes < length);
        }
        seed_log_info(logged.log, "three");
        mend_write();
        assert_string_equal(",\"msg\":\"one\"", logged_line(&logged, 0));
        assert_string_equal(",\"msg\":\"two\"", logged_line(&logged, 1));
        assert_string_equal(",\"msg\":\"three\"", logged_line(&logged, 2));
        assert_int_equal(3, logged_count(&logged));
        assert_int_equal(0, seed_log_stats(logged.log).error);
        assert_int_equal(strlen(logged.text),
            seed_log_stats(logged.log).bytes);
        length = (int)(strstr(logged.text, "\"two\"}") - logged.text) + 7;
        logged_close(&logged);
    }
}

static unsigned long count_dropped(const char *text)
{
    unsigned long count = 0;

    while ((text = strstr(text, "\"dropped\":"))) {
        text += strlen("\"dropped\":");
        count += strtoul(text, NULL, 10);
        assert_non_null(strstr(text, "\"msg\":\"log lines were dropped\"}\n"));
    }
    return count;
}

/* When it is full for too long, lines are dropped, and a line says so. */
static void counts_what_it_drops(void **state)
{
    unsigned long dropped;
    unsigned lines;

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .buffer = 1024,
        .buffers = 4 });
    seed_log_info(logged.log, "first");
    logged_all(&logged);
    break_write(0, ENOSPC);
    for (int i = 0; i < 1000; i++)
        seed_log_info(logged.log, "0123456789");
    dropped = seed_log_stats(logged.log).dropped;
    assert_true(dropped > 900 && dropped < 1000);

    mend_write();
    logged_all(&logged);
    seed_log_info(logged.log, "last");
    lines = logged_count(&logged);
    assert_int_equal(dropped, count_dropped(logged.text));
    assert_int_equal(1 + (1000 - dropped) + 1 + 1, lines);
    assert_int_equal(40, logged_level(&logged, lines - 2));
    assert_string_equal(",\"msg\":\"last\"", logged_line(&logged, lines - 1));
    logged_close(&logged);
}

static void tries_again_what_was_interrupted(void **state)
{
    (void)state;
    logged_open(&logged, NULL);
    break_write(10, EAGAIN);
    seed_log_info(logged.log, "x");
    assert_int_equal(SEED_ESYSTEM, seed_log_flush(logged.log, 50));
    mend_write();
    assert_string_equal(",\"msg\":\"x\"", logged_line(&logged, 0));
    assert_int_equal(0, seed_log_stats(logged.log).failures);
    logged_close(&logged);
}

/* --- opening anew --------------------------------------------------------- */

static void wait_for(const char *path)
{
    for (int i = 0; i < 1000 && access(path, F_OK); i++)
        usleep(5000);
}

static void opens_anew(void **state)
{
    char moved[64], text[4096];

    (void)state;
    logged_open(&logged, NULL);
    seed_log_info(logged.log, "old");
    logged_all(&logged);
    snprintf(moved, sizeof moved, "%s.1", logged.path);
    assert_int_equal(0, rename(logged.path, moved));
    seed_log_info(logged.log, "still old");
    assert_int_equal(0, seed_log_flush(logged.log, 5000));

    seed_log_reopen(logged.log);
    wait_for(logged.path);
    seed_log_info(logged.log, "new");
    assert_string_equal(",\"msg\":\"new\"", logged_line(&logged, 0));
    read_all(moved, text, sizeof text);
    assert_non_null(strstr(text, "\"old\""));
    assert_non_null(strstr(text, "\"still old\""));
    unlink(moved);
    logged_close(&logged);
}

/* The first half of a line stays in the old file; the new one has it whole. */
static void moves_whole_lines(void **state)
{
    char moved[64], text[4096];

    (void)state;
    logged_open(&logged, NULL);
    seed_log_info(logged.log, "one");
    logged_all(&logged);
    break_write(10, ENOSPC);
    seed_log_info(logged.log, "two");
    assert_int_equal(SEED_ESYSTEM, seed_log_flush(logged.log, 5000));
    snprintf(moved, sizeof moved, "%s.1", logged.path);
    assert_int_equal(0, rename(logged.path, moved));
    mend_write();
    seed_log_reopen(logged.log);
    wait_for(logged.path);

    read_all(moved, text, sizeof text);
    assert_non_null(strstr(text, "\"one\"}\n{\"level\":"));
    if (!strstr(text, "two")) /* the tick may have been faster */
        assert_string_equal(",\"msg\":\"two\"", logged_line(&logged, 0));
    unlink(moved);
    logged_close(&logged);
}

static void keeps_the_file_that_it_has(void **state)
{
    char folder[] = "/tmp/seed_log_test.XXXXXX", path[64], moved[64];
    char text[1024];
    seed_log *log;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(moved, sizeof moved, "%s.moved", folder);
    log = seed_log_new(&(struct seed_log_options){ .path = path });
    assert_non_null(log);
    assert_int_equal(0, rename(folder, moved));
    seed_log_info(log, "before");
    assert_int_equal(0, seed_log_flush(log, 5000));
    seed_log_reopen(log);
    while (!seed_log_stats(log).failures)
        usleep(1000);
    assert_int_equal(ENOENT, seed_log_stats(log).error);
    seed_log_info(log, "after");
    assert_int_equal(0, seed_log_flush(log, 5000));
    seed_log_free(log);

    strcat(moved, "/log");
    read_all(moved, text, sizeof text);
    assert_non_null(strstr(text, "\"after\""));
    unlink(moved);
    *strrchr(moved, '/') = '\0';
    rmdir(moved);
}

static void makes_files_for_owner_and_group(void **state)
{
    mode_t before = umask(0);
    struct stat about;
    char path[] = "/tmp/seed_log_test.XXXXXX";
    seed_log *log;

    (void)state;
    close(mkstemp(path));
    unlink(path);
    log = seed_log_new(&(struct seed_log_options){ .path = path });
    assert_int_equal(0, stat(path, &about));
    assert_int_equal(0640, about.st_mode & 0777);
    seed_log_free(log);
    unlink(path);
    umask(before);
}

/* --- pipes ---------------------------------------------------------------- */

/* A reader that goes away takes nobody with it. */
static void survives_its_reader(void **state)
{
    int ends[2];
    seed_log *log;

    (void)state;
    assert_int_equal(0, pipe(ends));
    log = seed_log_new(&(struct seed_log_options){ .fd = ends[1] });
    close(ends[0]);
    for (int i = 0; i < 3; i++) {
        seed_log_info(log, "x");
        assert_int_equal(SEED_ESYSTEM, seed_log_flush(log, 5000));
    }
    assert_int_equal(EPIPE, seed_log_stats(log).error);
    seed_log_free(log);
    close(ends[1]);
}

/* Empty lines, as many as the pipe takes. */
static void fill_pipe(int fd)
{
    static char block[4096];

    memset(block, '\n', sizeof block);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (write(fd, block, sizeof block) > 0)
        ;
    fcntl(fd, F_SETFL, 0);
}

static size_t read_pipe(int fd, char *text, size_t size)
{
    size_t length = 0;
    ssize_t more;

    while ((more = read(fd, text + length, size - 1 - length)) > 0)
        length += (size_t)more;
    text[length] = '\0';
    return length;
}

/* A reader that sleeps holds nobody up, and later gets whole lines. */
static void waits_for_a_slow_reader(void **state)
{
    enum { LINES = 4000 };
    static char text[LINES * 120 + (1 << 20)];
    unsigned long lines = 0, dropped;
    int ends[2];
    seed_log *log;

    (void)state;
    assert_int_equal(0, pipe(ends));
    fill_pipe(ends[1]);
    log = seed_log_new(&(struct seed_log_options){ .fd = ends[1],
        .buffer = 4096, .buffers = 8 });
    for (int i = 0; i < LINES; i++)
        seed_log_info(log, "0123456789");
    assert_int_equal(SEED_ESYSTEM, seed_log_flush(log, 50));
    dropped = seed_log_stats(log).dropped;
    assert_true(dropped > 0);

    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 100; i++) {
        read_pipe(ends[0], text + strlen(text), sizeof text - strlen(text));
        if (!seed_log_flush(log, 20))
            break;
    }
    read_pipe(ends[0], text + strlen(text), sizeof text - strlen(text));
    for (char *at = text; *at; at = strchr(at, '\n') + 1) {
        if (*at == '\n')
            continue;
        assert_memory_equal("{\"level\":", at, 9);
        lines += strncmp(strchr(at, '\n') - 3, "9\"}", 3) == 0;
    }
    assert_int_equal(dropped, count_dropped(text));
    assert_int_equal(LINES - dropped, lines);
    seed_log_free(log);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_where_it_stopped),
        cmocka_unit_test(counts_what_it_drops),
        cmocka_unit_test(tries_again_what_was_interrupted),
        cmocka_unit_test(opens_anew),
        cmocka_unit_test(moves_whole_lines),
        cmocka_unit_test(keeps_the_file_that_it_has),
        cmocka_unit_test(makes_files_for_owner_and_group),
        cmocka_unit_test(survives_its_reader),
        cmocka_unit_test(waits_for_a_slow_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
