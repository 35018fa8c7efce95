/* SPDX-License-Identifier: MIT */
#include "clinic/round.h"

#include <math.h>
#include <string.h>

static struct desk *desk_of(const struct exam *exam, unsigned i)
{
    return atomic_load_explicit(&exam->desks[i], memory_order_acquire);
}

/* --- counters ------------------------------------------------------------- */

static void count_desk(const struct desk *desk, struct counted *counted)
{
    const seed_worker *worker = atomic_load(&desk->worker);
    struct seed_worker_counts counts;

    counted->shed += counter_get(&desk->shed);
    counted->errors += counter_get(&desk->statuses[5]);
    seed__histogram_sum(counted->latency, &desk->latency);
    if (!worker) {
        counted->begun += counter_get(&desk->begun);
        counted->ended += counter_get(&desk->ended);
        counted->opened += counter_get(&desk->opened);
        counted->closed += counter_get(&desk->closed);
        return;
    }
    counts = seed_worker_counts(worker);
    counted->ended += counts.events[SEED_ON_AFTER];
    counted->begun += counts.events[SEED_ON_PRE];
    counted->closed += counts.events[SEED_ON_CLOSE];
    counted->opened += counts.events[SEED_ON_OPEN];
    counted->backlog += counts.backlog;
}

void seed__round_count(const struct exam *exam, struct counted *counted)
{
    memset(counted, 0, sizeof *counted);
    for (unsigned i = 0; i < PULSE_WORKERS; i++) {
        const struct desk *desk = desk_of(exam, i);

        if (desk)
            count_desk(desk, counted);
    }
}

static uint64_t grown(uint64_t to, uint64_t from)
{
    return to > from ? to - from : 0;
}

static uint64_t advance(uint64_t *last, uint64_t now)
{
    uint64_t by = grown(now, *last);

    if (now > *last)
        *last = now;
    return by;
}

static void add_counts(struct round *round, struct step *step)
{
    struct counted now, *last = &round->last;

    seed__round_count(round->exam, &now);
    step->sums[SUM_BEGUN] = grown(now.begun, last->begun);
    step->sums[SUM_ENDED] = grown(now.ended, last->ended);
    step->sums[SUM_SHED] = grown(now.shed, last->shed);
    step->sums[SUM_ERRORS] = grown(now.errors, last->errors);
    step->sums[SUM_OPENED] = grown(now.opened, last->opened);
    step->levels[LEVEL_IN_FLIGHT] = (double)grown(now.begun, now.ended);
    step->levels[LEVEL_CONNECTIONS] = (double)grown(now.opened, now.closed);
    step->levels[LEVEL_BACKLOG] = (double)now.backlog;
    for (unsigned i = 0; i < HISTOGRAM_BINS; i++)
        step->latency[i] = (uint32_t)grown(now.latency[i],
            last->latency[i]);
    *last = now;
}

/* --- turns ---------------------------------------------------------------- */

/* The longest turn that was added since the last look, and is not among those
 * of the time before. */
static uint64_t longest_of(const struct turns *turns, struct bed *bed)
{
    uint64_t longest = 0;

    for (unsigned i = SPREAD_STEPS; i-- > 0;) {
        uint64_t now = atomic_load_explicit(&turns->gross.weights[i],
            memory_order_relaxed);

        if (now == bed->spread[i])
            continue;
        bed->spread[i] = now;
        if (!longest)
            longest = seed__spread_length(i);
    }
    return longest;
}

static struct bed *make_bed(struct round *round, const struct desk *desk,
    unsigned index, uint64_t now)
{
    struct bed *bed = seed_resize(NULL, sizeof *bed);
    struct turns_now look;

    if (!bed)
        return NULL;

    memset(bed, 0, sizeof *bed);
    look = seed__turns_look(&desk->turns, now);
    longest_of(&desk->turns, bed);
    bed->busy = look.busy;
    bed->computed = look.computed;
    bed->starved = counter_get(&desk->turns.starved);
    round->beds[index] = bed;
    round->workers++;
    return bed;
}

static void look_at(struct round *round, unsigned index, uint64_t now,
    struct step *step)
{
    const struct desk *desk = desk_of(round->exam, index);
    struct bed *bed = round->beds[index];
    struct turns_now look;
    uint64_t longest;

    if (!bed && (!desk || !(bed = make_bed(round, desk, index, now))))
        return;

    look = seed__turns_look(&desk->turns, now);
    longest = longest_of(&desk->turns, bed);
    if (look.age > longest)
        longest = look.age;
    if (longest > step->delay)
        step->delay = longest;
    step->sums[SUM_BUSY] += advance(&bed->busy, look.busy);
    step->sums[SUM_LOOP_CPU] += advance(&bed->computed, look.computed);
    step->sums[SUM_STARVED] += advance(&bed->starved,
        counter_get(&desk->turns.starved));
}

/* --- all of it ------------------------------------------------------------ */

static void add_vitals(struct round *round, struct step *step)
{
    const struct vitals *vitals = &round->vitals;

    step->levels[LEVEL_RSS] = vitals->rss;
    step->levels[LEVEL_HEAP] = vitals->heap;
    step->levels[LEVEL_MAPPED] = vitals->mapped;
    step->levels[LEVEL_FDS] = vitals->fds;
    if (step->levels[LEVEL_CONNECTIONS] > round->most_connections)
        round->most_connections = step->levels[LEVEL_CONNECTIONS];
    step->levels[LEVEL_FILES] = vitals->fds - round->most_connections;
    step->sums[SUM_PROCESS_CPU] = grown(vitals->cpu, round->cpu);
    round->cpu = vitals->cpu;
}

void seed__round_begin(struct round *round, const struct exam *exam)
{
    struct step first;

    memset(round, 0, sizeof *round);
    round->exam = exam;
    round->started = round->at = seed_now();
    seed__vitals_open(&round->vitals);
    seed__round_look(round, round->started, &first);
}

void seed__round_look(struct round *round, uint64_t now, struct step *step)
{
    memset(step, 0, sizeof *step);
    step->at = (double)(now - round->started) / 1e9;
    step->length = (double)(now - round->at) / 1e9;
    round->at = now;
    add_counts(round, step);
    for (unsigned i = 0; i < PULSE_WORKERS; i++)
        look_at(round, i, now, step);
    step->mean_delay = (double)step->delay;
    seed__vitals_look(&round->vitals, now);
    add_vitals(round, step);
    for (int i = 0; i < LEVELS; i++)
        step->seen[i] = isnan(step->levels[i]) ? 0 : step->length;
}

void seed__round_end(struct round *round)
{
    seed__vitals_close(&round->vitals);
    for (unsigned i = 0; i < PULSE_WORKERS; i++) {
        seed_release(round->beds[i]);
        round->beds[i] = NULL;
    }
}
