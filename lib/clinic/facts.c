/* SPDX-License-Identifier: MIT */
/* From steps to facts: when there was load, and what went on in that time. */
#include "clinic/facts.h"

#include <seed/server.h>

#include <math.h>
#include <stdlib.h>

/* Steps with requests, from the first to the last of them. */
struct range {
    size_t first, end;
};

static struct range find_load(const struct facts *facts)
{
    struct range range = { 0, facts->step_count };

    while (range.first < range.end
        && !facts->steps[range.first].sums[SUM_BEGUN])
        range.first++;
    while (range.end > range.first
        && !facts->steps[range.end - 1].sums[SUM_ENDED])
        range.end--;
    return range;
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;

    return (a > b) - (a < b);
}

static double larger(double one, double other)
{
    return other > one ? other : one; /* of a NAN and a number the number */
}

static double utilisation(const struct step *step, unsigned workers)
{
    double time = step->length * 1e9 * workers;

    return time > 0 ? (double)step->sums[SUM_BUSY] / time : 0;
}

static void add_sums(struct facts *facts, struct range range)
{
    double in_flight = 0, connections = 0, length = 0;

    for (size_t i = range.first; i < range.end; i++) {
        const struct step *step = &facts->steps[i];

        facts->busy += step->sums[SUM_BUSY];
        facts->loop_cpu += step->sums[SUM_LOOP_CPU];
        facts->process_cpu += step->sums[SUM_PROCESS_CPU];
        facts->starved += step->sums[SUM_STARVED];
        in_flight += step->levels[LEVEL_IN_FLIGHT] * step->length;
        connections += step->levels[LEVEL_CONNECTIONS] * step->length;
        length += step->length;
    }
    facts->loop_time = (uint64_t)(length * 1e9 * facts->workers);
    facts->in_flight = length > 0 ? in_flight / length : 0;
    facts->connections = length > 0 ? connections / length : 0;
}

static double largest(const struct facts *facts, struct range range,
    enum level level)
{
    double most = 0;

    for (size_t i = range.first; i < range.end; i++)
        most = larger(most, facts->steps[i].levels[level]);
    return most;
}

static double last_of(const struct facts *facts, struct range range,
    enum level level)
{
    for (size_t i = range.end; i > range.first; i--)
        if (!isnan(facts->steps[i - 1].levels[level]))
            return facts->steps[i - 1].levels[level];
    return 0;
}

/* What comes with the first requests is no trend: a fifth of the window, and
 * at least half a second, is left out. */
static struct range settled(const struct facts *facts, struct range range)
{
    double wanted = facts->from + larger(0.5, facts_window(facts) / 5);

    while (range.first < range.end
        && facts->steps[range.first].at < wanted)
        range.first++;
    return range;
}

static void find_trends(struct facts *facts, struct range range,
    double *scratch)
{
    double *x = scratch, *y = scratch + STEPS;
    const struct {
        struct trend *to;
        enum level level;
    } trends[] = {
        { &facts->heap, LEVEL_HEAP },
        { &facts->backlog, LEVEL_BACKLOG },
        { &facts->handles, LEVEL_FILES },
        { &facts->clients, LEVEL_CONNECTIONS },
    };

    for (size_t i = 0; i < sizeof trends / sizeof *trends; i++) {
        size_t count = 0;

        for (size_t j = range.first; j < range.end; j++) {
            const struct step *step = &facts->steps[j];

            x[count] = step->at;
            y[count++] = step->levels[trends[i].level];
        }
        *trends[i].to = seed__trend_find(x, y, count);
    }
}

static double median_utilisation(const struct facts *facts,
    struct range range, double *scratch)
{
    size_t count = 0;

    for (size_t i = range.first; i < range.end; i++)
        scratch[count++] = utilisation(&facts->steps[i], facts->workers);
    if (!count)
        return 0;
    qsort(scratch, count, sizeof *scratch, compare);
    return scratch[count / 2];
}

void seed__facts_of_steps(struct facts *facts)
{
    struct range range = find_load(facts);
    double *scratch = seed_resize(NULL, 2 * STEPS * sizeof *scratch);

    if (range.first < range.end) {
        const struct step *first = &facts->steps[range.first];

        facts->from = first->at - first->length;
        facts->to = facts->steps[range.end - 1].at;
    }
    add_sums(facts, range);
    facts->rss_most = largest(facts, range, LEVEL_RSS);
    facts->fds_most = largest(facts, range, LEVEL_FDS);
    facts->backlog_most = largest(facts, range, LEVEL_BACKLOG);
    facts->heap_last = last_of(facts, range, LEVEL_HEAP);
    facts->mapped_last = last_of(facts, range, LEVEL_MAPPED);
    if (!scratch)
        return;
    facts->median_utilisation = median_utilisation(facts, range, scratch);
    find_trends(facts, settled(facts, range), scratch);
    seed_release(scratch);
}
