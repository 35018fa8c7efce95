/* SPDX-License-Identifier: MIT */
#include "watch/histogram.h"

#include <string.h>

#define DECADE(n)                                                             \
    1##n, 2##n, 3##n, 4##n, 5##n, 6##n, 7##n, 8##n, 9##n

const uint64_t seed__histogram_bounds[HISTOGRAM_BINS] = {
    DECADE(0u), DECADE(00u), DECADE(000u), DECADE(0000u), DECADE(00000u),
    DECADE(000000u), DECADE(0000000u), DECADE(00000000u),
    DECADE(000000000u), DECADE(0000000000u), UINT64_MAX,
};

/* The first bound that is not below the power of two. */
const unsigned char seed__histogram_starts[64] = {
    0, 0, 0, 0, 1, 3, 6, 10, 11, 14, 19, 20, 22, 26, 28, 30,
    33, 37, 38, 41, 46, 47, 49, 53, 55, 57, 60, 64, 65, 68, 73, 74,
    76, 80, 82, 84, 87, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90,
    90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90,
};

void seed__histogram_sum(uint64_t bins[HISTOGRAM_BINS],
    const struct histogram *histogram)
{
    for (unsigned i = 0; i < HISTOGRAM_BINS; i++)
        bins[i] += counter_get(&histogram->bins[i]);
}

uint64_t seed__histogram_share(const uint64_t bins[HISTOGRAM_BINS],
    double share)
{
    uint64_t all = 0, seen = 0, wanted;

    for (unsigned i = 0; i < HISTOGRAM_BINS; i++)
        all += bins[i];
    if (!all)
        return 0;

    wanted = (uint64_t)((double)all * share);
    for (unsigned i = 0; i < HISTOGRAM_BINS; i++) {
        seen += bins[i];
        if (seen > wanted || seen == all)
            return seed__histogram_bounds[i];
    }
    return 0;
}

void seed__histogram_fold(const uint64_t bins[HISTOGRAM_BINS],
    const double *bounds, size_t count, uint64_t *counts)
{
    size_t to = 0;

    memset(counts, 0, (count + 1) * sizeof *counts);
    for (unsigned bin = 0; bin < HISTOGRAM_BINS; bin++) {
        /* Half a nanosecond: a bound in seconds is not exact. */
        while (to < count && (double)seed__histogram_bounds[bin]
                > bounds[to] * 1e9 + 0.5)
            to++;
        counts[to] += bins[bin];
    }
}
