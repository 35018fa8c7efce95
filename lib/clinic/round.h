/* SPDX-License-Identifier: MIT */
/* The doctor's round: one look at all workers and at the process, and what is
 * different from the look before. On the monitor, under its lock. */
#ifndef CLINIC_ROUND_H
#define CLINIC_ROUND_H

#include "clinic/exam.h"
#include "clinic/steps.h"
#include "clinic/vitals.h"

/* What a worker had at the last look. */
struct bed {
    uint64_t spread[SPREAD_STEPS], busy, starved, computed;
};

/* What all had. */
struct counted {
    uint64_t begun, ended, opened, closed, shed, errors, backlog;
    uint64_t latency[HISTOGRAM_BINS];
};

struct round {
    const struct exam *exam;
    struct bed *beds[PULSE_WORKERS];
    struct counted last;
    struct vitals vitals;
    uint64_t started, at, cpu;
    double most_connections;
    unsigned workers; /* that there are, or were */
};

void seed__round_begin(struct round *round, const struct exam *exam);

/* Fills a step with what was since the last look. */
void seed__round_look(struct round *round, uint64_t now, struct step *step);

void seed__round_end(struct round *round);

/* What the workers have counted so far, those that have stopped included. */
void seed__round_count(const struct exam *exam, struct counted *counted);

#endif
