/* SPDX-License-Identifier: MIT */
/* Measures one loop. A meter has two sides. The worker adds each turn that
 * ends, on its own thread. The monitor takes what was added since its last
 * visit, and adds the turn that is under way, which may have begun long before
 * that visit: what it had lasted then was counted then, and `visit` keeps it
 * from being counted again when the turn ends. */
#ifndef WATCH_METER_H
#define WATCH_METER_H

#include "watch/pulse.h"
#include "watch/spread.h"

/* Figures that one thread writes and any thread reads, all of one moment. */
enum figure {
    ELAPSED, BUSY, TURNS, CPU,
    P50, P90, P99, LONGEST,
    ALL_ELAPSED, ALL_BUSY, ALL_TURNS, ALL_CPU,
    FIGURES
};

struct figures {
    _Atomic uint64_t version; /* odd while they change */
    _Atomic uint64_t at[FIGURES];
};

void seed__figures_put(struct figures *figures,
    const uint64_t values[FIGURES]);
void seed__figures_get(const struct figures *figures,
    uint64_t values[FIGURES]);

/* Fills P50 to LONGEST from the time in turns; the rest of ELAPSED was idle. */
void seed__figures_spread(uint64_t values[FIGURES],
    const uint64_t weights[SPREAD_STEPS]);

struct meter {
    struct pulse pulse; /* first, so that a pulse is its meter */

    /* The worker's. */
    _Atomic uint64_t version; /* twice the last turn's number; odd meanwhile */
    _Atomic uint64_t busy;
    struct spread spread;

    /* The monitor's. */
    _Atomic uint64_t visit;
    uint64_t begun, last_busy, last_turn, last_cpu;
    uint64_t last[SPREAD_STEPS];
    struct figures figures;
};

/* In SEED_ON_LISTEN. Returns 0 or SEED_ENOMEM. */
int seed__meter_open(struct meter *meter, seed_worker *worker);

/* In SEED_ON_TURN: the turn ends. */
void seed__meter_turn(struct meter *meter);

/* On the monitor: makes the figures of the time since the last visit. `one`
 * receives how that time spreads, and `sum` and `all` get it added. */
void seed__meter_visit(struct meter *meter, uint64_t one[SPREAD_STEPS],
    uint64_t sum[FIGURES], uint64_t all[SPREAD_STEPS]);

#endif
