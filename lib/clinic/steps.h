/* SPDX-License-Identifier: MIT */
/* What was seen at each look, as long as there is room; then two steps become
 * one, again and again, so that a recording of any length has the same size.
 * Nothing is lost by that but the grain: sums stay sums, the worst the worst.
 *
 * Times are nanoseconds, memory is bytes. */
#ifndef CLINIC_STEPS_H
#define CLINIC_STEPS_H

#include "watch/histogram.h"

#include <stddef.h>

enum { STEPS = 1200 };

/* Levels, of which a step has the mean. NAN: not looked at. */
enum level {
    LEVEL_RSS, LEVEL_HEAP, LEVEL_MAPPED, LEVEL_FDS, LEVEL_CONNECTIONS,
    LEVEL_IN_FLIGHT, LEVEL_BACKLOG,
    LEVEL_FILES, /* that are open beside the most connections that there were */
    LEVELS
};

/* Things that happened, of which it has the sum. */
enum sum {
    SUM_BUSY, SUM_LOOP_CPU, SUM_PROCESS_CPU, SUM_STARVED, SUM_BEGUN,
    SUM_ENDED, SUM_SHED, SUM_ERRORS, SUM_OPENED, SUMS
};

struct step {
    double at, length;         /* seconds: since the start, and how long     */
    uint64_t sums[SUMS];
    double levels[LEVELS];
    double seen[LEVELS];       /* how long each level was seen               */
    uint64_t delay;            /* the longest turn in it                     */
    double mean_delay;         /* of the longest turns of its looks          */
    uint32_t latency[HISTOGRAM_BINS];
};

struct steps {
    struct step *list; /* seed_release() */
    size_t count;
    unsigned per;      /* looks that make a step now                         */
    unsigned looks;    /* that the last one has                              */
};

/* Returns 0 or SEED_ENOMEM. */
int seed__steps_init(struct steps *steps);
void seed__steps_clear(struct steps *steps);

/* Adds one look. */
void seed__steps_add(struct steps *steps, const struct step *look);

/* Adds a step that is later to an earlier one. */
void seed__step_join(struct step *to, const struct step *more);

/* A share of the requests that ended in it did not take longer. 0: none did. */
uint64_t seed__step_latency(const struct step *step, double share);

#endif
