/* SPDX-License-Identifier: MIT */
/* A loop's turns, how long they were, and what they were made of: computing,
 * waiting in system calls, and standing ready without a processor. What the
 * machine did to a turn is no fault of the program: `net` is a turn without it.
 *
 * All figures only grow, so that who looks twice knows what was between. */
#ifndef CLINIC_TURNS_H
#define CLINIC_TURNS_H

#include "watch/counter.h"
#include "watch/pulse.h"
#include "watch/spread.h"

struct turns {
    struct pulse pulse; /* first, so that a pulse is its turns */

    counter done;       /* the number of the last turn that was added       */
    counter busy;       /* nanoseconds in turns                             */
    counter starved;    /* of them, without a processor; of turns over 2 ms */
    struct spread gross, net;

    /* Of turns of 10 ms and more, net. */
    counter long_computed, long_waited;

    /* The thread's clocks when it read them last. */
    counter computed, stood;
    uint64_t begun, read_at;
};

/* In SEED_ON_LISTEN. Returns 0 or SEED_ENOMEM. */
int seed__turns_open(struct turns *turns, seed_worker *worker);

/* In SEED_ON_TURN: the turn ends. */
void seed__turns_end(struct turns *turns);

/* In SEED_ON_STOP, under the monitor's lock. */
void seed__turns_close(struct turns *turns);

/* A turn that is made of so much; what it has computed and stood for can be
 * more than that by what was before it. The parts of the whole are made fit. */
struct turn_parts {
    uint64_t whole, computed, stood, waited;
};
struct turn_parts seed__turn_parts(uint64_t whole, uint64_t computed,
    uint64_t stood);

/* Any thread, under the monitor's lock: what there is, and the turn that is
 * under way. */
struct turns_now {
    uint64_t busy;            /* with the turn under way                    */
    uint64_t age;             /* of that turn; 0: there is none             */
    uint64_t computed;        /* of the thread, since it began; 0: it has
                               * stopped                                    */
};
struct turns_now seed__turns_look(const struct turns *turns, uint64_t now);

/* What that turn is made of: costs more. */
struct turn_parts seed__turns_parts(const struct turns *turns,
    const struct turns_now *look);

#endif
