/* SPDX-License-Identifier: MIT */
#include "logged.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void logged_open(struct logged *logged, const struct seed_log_options *options)
{
    struct seed_log_options own = { 0 };
    int fd;

    if (options)
        own = *options;
    strcpy(logged->path, "/tmp/seed_log_test.XXXXXX");
    fd = mkstemp(logged->path);
    assert_true(fd >= 0);
    close(fd);
    own.path = logged->path;
    logged->log = seed_log_new(&own);
    assert_non_null(logged->log);
}

void logged_close(struct logged *logged)
{
    seed_log_free(logged->log);
    unlink(logged->path);
}

char *read_all(const char *path, char *room, size_t size)
{
    int fd = open(path, O_RDONLY);
    size_t length = 0;
    ssize_t more = 1;

    assert_true(fd >= 0);
    while (more > 0 && length < size - 1) {
        more = read(fd, room + length, size - 1 - length);
        assert_true(more >= 0);
        length += (size_t)more;
    }
    close(fd);
    room[length] = '\0';
    return room;
}

const char *logged_all(struct logged *logged)
{
    assert_int_equal(0, seed_log_flush(logged->log, 5000));
    return read_all(logged->path, logged->text, sizeof logged->text);
}

static char *find_line(struct logged *logged, unsigned index)
{
    char *at = (char *)(uintptr_t)logged_all(logged);

    for (; *at && index; index--)
        at = strchr(at, '\n') + 1;
    return *at ? at : NULL;
}

const char *logged_line(struct logged *logged, unsigned index)
{
    static char room[1 << 18];
    char *line = find_line(logged, index), *end;
    int level = 0, pid = 0, begins = 0;
    long long time = 0;

    if (!line)
        return NULL;

    assert_int_equal(3, sscanf(line,
        "{\"level\":%d,\"time\":%13lld,\"pid\":%d,\"hostname\":\"%*[^\"]\"%n",
        &level, &time, &pid, &begins));
    assert_int_equal(getpid(), pid);
    assert_true(begins > 0 && time > 1500000000000);
    end = strchr(line, '\n');
    assert_true(end && end[-1] == '}');
    snprintf(room, sizeof room, "%.*s", (int)(end - 1 - line) - begins,
        line + begins);
    return room;
}

int logged_level(struct logged *logged, unsigned index)
{
    const char *line = find_line(logged, index);

    assert_non_null(line);
    return atoi(line + sizeof "{\"level\":" - 1);
}

unsigned logged_count(struct logged *logged)
{
    unsigned count = 0;

    for (const char *at = logged_all(logged); (at = strchr(at, '\n')); at++)
        count++;
    return count;
}
