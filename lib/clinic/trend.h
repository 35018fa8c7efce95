/* SPDX-License-Identifier: MIT */
/* Whether numbers rise, and how fast: by ranks and medians, which no single
 * number can bend. */
#ifndef CLINIC_TREND_H
#define CLINIC_TREND_H

#include <stdbool.h>
#include <stddef.h>

enum { TREND_POINTS = 200 }; /* more are made fewer, by means of neighbours */

struct trend {
    bool rises;   /* Mann-Kendall: by chance they would do so in less than
                   * one case of 100. Of fewer than 8 nobody knows          */
    double slope; /* Theil-Sen: the median of all slopes, by unit of `x`    */
    double late;  /* the same of the second half: what rose at the start
                   * and then stayed has none                               */
    double first, last; /* medians of the first and the last tenth          */
};

/* `y` may hold NANs, which are left out. */
struct trend seed__trend_find(const double *x, const double *y, size_t count);

#endif
