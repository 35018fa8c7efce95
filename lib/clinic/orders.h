/* SPDX-License-Identifier: MIT */
/* What the environment orders, read once and judged before anything runs. */
#ifndef CLINIC_ORDERS_H
#define CLINIC_ORDERS_H

#include <seed/types.h>

struct orders {
    const char *doctor, *flame; /* files, "-", or NULL: not wanted          */
    const char *load;           /* the command of SEED_ON_PORT, or NULL     */
    const char *goal, *before;  /* or NULL                                  */
    unsigned hertz;             /* of the flame graph; 0: the default       */
};

enum { ORDER_PATH = 4096 };

/* Reads SEED_DOCTOR and the rest. Returns 0; or an error, and `why` says in a
 * sentence what is wrong with them. Strings are the environment's. */
int seed__orders_read(struct orders *orders, char *why, size_t room);

/* Whether there is anything to record. */
bool seed__orders_any(const struct orders *orders);

/* The name of the n-th file, from 1 on: the first has the path itself, later
 * ones a number before their ending: "report-2.html". Returns out. */
char *seed__orders_path(const char *path, unsigned number, char *out,
    size_t room);

/* The path with another ending in place of its own: "report.json". */
char *seed__orders_beside(const char *path, const char *ending, char *out,
    size_t room);

#endif
