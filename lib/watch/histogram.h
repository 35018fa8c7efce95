/* SPDX-License-Identifier: MIT */
/* How long things took: bins that are linear within each decade of nanoseconds
 * (10, 20, ... 90, 100, 200, ... up to 90 s), so that buckets with bounds like
 * 0.001, 0.002 and 0.005 are exact sums of them. One thread adds, any thread
 * reads. */
#ifndef WATCH_HISTOGRAM_H
#define WATCH_HISTOGRAM_H

#include "watch/counter.h"

#include <seed/metrics.h>

enum { HISTOGRAM_BINS = 91 }; /* the last one is for what is above all bounds */

struct histogram {
    counter bins[HISTOGRAM_BINS];
};

/* The greatest number that each bin counts. */
extern const uint64_t seed__histogram_bounds[HISTOGRAM_BINS];

/* The first bin that may count numbers of so many bits. */
extern const unsigned char seed__histogram_starts[64];

static inline void histogram_add(struct histogram *histogram, uint64_t nsec)
{
    unsigned bin = seed__histogram_starts[63 - __builtin_clzll(nsec | 1)];

    while (nsec > seed__histogram_bounds[bin])
        bin++;
    counter_add(&histogram->bins[bin], 1);
}

/* Adds what a histogram has to plain numbers. */
void seed__histogram_sum(uint64_t bins[HISTOGRAM_BINS],
    const struct histogram *histogram);

/* The number that a share (0 to 1) of what was added does not exceed: the
 * bound of its bin. 0 when nothing was added. */
uint64_t seed__histogram_share(const uint64_t bins[HISTOGRAM_BINS],
    double share);

/* Folds bins into buckets with these bounds, in seconds, each of them 1 to 9
 * times a power of ten. `counts` has one place more. */
void seed__histogram_fold(const uint64_t bins[HISTOGRAM_BINS],
    const double *bounds, size_t count, uint64_t *counts);

#endif
