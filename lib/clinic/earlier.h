/* SPDX-License-Identifier: MIT */
/* The recordings that earlier reports and flame graphs hold, for pages that
 * compare. */
#ifndef CLINIC_EARLIER_H
#define CLINIC_EARLIER_H

#include <seed/types.h>

/* The JSON in a file of the doctor's or in a flame graph, .html or .json, as a
 * page wants it: owned. Or NULL, and `error` is that of seed__file_read();
 * SEED_EINVAL also for a file that is none. */
char *seed__earlier_report(const char *path, int *error);
char *seed__earlier_flame(const char *path, int *error);

/* Whether it can be compared with one of those that are asked for. Returns 0
 * or an error as above. */
int seed__earlier_judge(const char *path, bool report, bool flame);

#endif
