/* SPDX-License-Identifier: MIT */
/* Paths of members that must not be written, made into a table once.
 *
 * A line is written from the outside in, so that matching goes along: a set of
 * paths (one bit each) whose beginning is where the line is. A key takes some
 * of them one part further, and hits the one that ends there. */
#ifndef WATCH_LOG_REDACT_H
#define WATCH_LOG_REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REDACT_PATHS = 64, REDACT_PARTS = 16 };

struct redact_part {
    const char *text;
    size_t length;
    bool any; /* "*" */
};

struct redact_path {
    struct redact_part parts[REDACT_PARTS];
    unsigned count;
};

struct redact {
    struct redact_path paths[REDACT_PATHS];
    unsigned count;
    bool remove;
    uint64_t all;                   /* where a line begins                  */
    uint64_t letters[REDACT_PARTS]; /* first letters of parts at this depth */
    char *text;                     /* of the parts                         */
    char *censor;                   /* in quotes, as it is written          */
    size_t censor_length;
};

/* Makes the table. Returns 0, or ENOMEM, or EINVAL for a path that is none and
 * for too many of them. NULL in *out when there is no path at all. */
int seed__redact_new(struct redact **out, const char *const *paths,
    const char *censor, bool remove);
void seed__redact_free(struct redact *redact);

/* Where the paths of `from`, at this depth, are behind a key. *hit becomes
 * true when one of them ends with it. */
uint64_t seed__redact_step(const struct redact *redact, uint64_t from,
    unsigned depth, const char *key, size_t length, bool *hit);

#endif
