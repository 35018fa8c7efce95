/* SPDX-License-Identifier: MIT */
#include "clinic/steps.h"

#include <seed/error.h>
#include <seed/server.h>

#include <math.h>
#include <string.h>

int seed__steps_init(struct steps *steps)
{
    *steps = (struct steps){ .per = 1 };
    steps->list = seed_resize(NULL, STEPS * sizeof *steps->list);
    return steps->list ? 0 : SEED_ENOMEM;
}

void seed__steps_clear(struct steps *steps)
{
    seed_release(steps->list);
    *steps = (struct steps){ .per = 1 };
}

static void join_level(struct step *to, const struct step *more, int level)
{
    double seen = to->seen[level] + more->seen[level];

    if (isnan(more->levels[level]) || more->seen[level] <= 0)
        return;
    to->levels[level] = isnan(to->levels[level]) || to->seen[level] <= 0
        ? more->levels[level]
        : (to->levels[level] * to->seen[level]
            + more->levels[level] * more->seen[level]) / seen;
    to->seen[level] = seen;
}

void seed__step_join(struct step *to, const struct step *more)
{
    double length = to->length + more->length;

    for (int i = 0; i < LEVELS; i++)
        join_level(to, more, i);
    for (int i = 0; i < SUMS; i++)
        to->sums[i] += more->sums[i];
    for (unsigned i = 0; i < HISTOGRAM_BINS; i++)
        to->latency[i] += more->latency[i];
    if (more->delay > to->delay)
        to->delay = more->delay;
    if (length > 0)
        to->mean_delay = (to->mean_delay * to->length
            + more->mean_delay * more->length) / length;
    to->length = length;
    to->at = more->at;
}

static void fold(struct steps *steps)
{
    size_t half = steps->count / 2;

    for (size_t i = 0; i < half; i++) {
        struct step step = steps->list[2 * i];

        seed__step_join(&step, &steps->list[2 * i + 1]);
        steps->list[i] = step;
    }
    steps->count = half;
    steps->per *= 2;
    steps->looks = steps->per;
}

void seed__steps_add(struct steps *steps, const struct step *look)
{
    if (steps->count == STEPS && steps->looks >= steps->per)
        fold(steps);
    if (steps->count && steps->looks < steps->per) {
        seed__step_join(&steps->list[steps->count - 1], look);
        steps->looks++;
        return;
    }
    steps->list[steps->count++] = *look;
    steps->looks = 1;
}

uint64_t seed__step_latency(const struct step *step, double share)
{
    uint64_t bins[HISTOGRAM_BINS];

    for (unsigned i = 0; i < HISTOGRAM_BINS; i++)
        bins[i] = step->latency[i];
    return seed__histogram_share(bins, share);
}
