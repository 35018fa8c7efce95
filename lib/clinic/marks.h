/* SPDX-License-Identifier: MIT */
/* All counters of an exam at one moment; two of them make facts. */
#ifndef CLINIC_MARKS_H
#define CLINIC_MARKS_H

#include "clinic/exam.h"
#include "clinic/facts.h"

enum { MARK_GROWTHS = 64 };

struct marks {
    uint64_t begun, ended, opened, received, sent, shed, not_modified;
    uint64_t statuses[FACT_STATUSES], latency[SPREAD_STEPS];
    uint64_t looked, same_body, has_etag, same_etag, asked;
    uint64_t gross[SPREAD_STEPS], net[SPREAD_STEPS];
    uint64_t long_computed, long_waited;
    struct entry *entries;   /* seed_release() */
    size_t entry_count;
    struct held held[FACT_HELD];
    size_t held_count;
    struct {
        const struct growth *growth;
        uint64_t same;
    } growths[MARK_GROWTHS];
    size_t growth_count;
};

/* Under the monitor's lock, as long as the server lives. Returns 0 or
 * SEED_ENOMEM. */
int seed__marks_take(struct marks *marks, const struct exam *exam);
void seed__marks_clear(struct marks *marks);

/* What was between them: fills all but what steps and samples tell. While the
 * server lives, for spans and growths name its functions. */
void seed__marks_facts(const struct marks *before, const struct marks *after,
    struct facts *facts);

/* The same of turns alone: `idle` nanoseconds went by in none. When the window
 * is known. */
void seed__marks_turns(const struct marks *before, const struct marks *after,
    struct facts *facts);

#endif
