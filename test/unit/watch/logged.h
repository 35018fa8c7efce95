/* SPDX-License-Identifier: MIT */
/* A logger into a file of its own, and what it wrote. */
#ifndef UNIT_WATCH_LOGGED_H
#define UNIT_WATCH_LOGGED_H

#include <seed.h>

struct logged {
    char path[32];
    seed_log *log;
    char text[1 << 18];
};

/* `options` says all but the path; NULL: the defaults. */
void logged_open(struct logged *logged, const struct seed_log_options *options);

/* Frees the logger and takes the file away. */
void logged_close(struct logged *logged);

/* Everything that was written so far, as the file says it. */
const char *logged_all(struct logged *logged);

/* A line, from 0 on, without its level, time, pid and hostname, and without
 * its last brace: `,"a":1,"msg":"b"`. NULL when there is none. */
const char *logged_line(struct logged *logged, unsigned index);
int logged_level(struct logged *logged, unsigned index);
unsigned logged_count(struct logged *logged);

/* The file of a logger, or of any path. */
char *read_all(const char *path, char *room, size_t size);

#endif
