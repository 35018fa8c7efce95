/* SPDX-License-Identifier: MIT */
/* How long a request may have waited: controlled delay (CoDel), as Facebook
 * applies it to request queues.
 *
 * A queue that is empty now and then takes bursts and does no harm. One that is
 * never empty only adds delay: when the least wait of an interval was above
 * the target, there is such a queue, and the limit falls to twice the target
 * until an interval has had less. But the first request that a turn of the loop
 * could admit is measured by the whole limit: to send all away and then wait
 * for fresher ones helps nobody. All times are nanoseconds. */
#ifndef PLUGIN_CODEL_H
#define PLUGIN_CODEL_H

#include <seed/shed.h>

struct codel {
    uint64_t limit;    /* of the options                                    */
    uint64_t service;  /* the mean time that a request takes                */
    uint64_t interval; /* when the one under way ends                       */
    uint64_t least;    /* wait in it                                        */
    bool tight;        /* the one before had a standing queue               */
    unsigned admitted; /* in this turn of the loop                          */
};

void seed__codel_init(struct codel *codel, uint64_t limit);

/* A turn of the loop took this long. What that is for each request that it
 * admitted is the least that a target can be. */
void seed__codel_end_turn(struct codel *codel, uint64_t took);

/* Whether a wait of `most` could change what is decided about this request or
 * this interval: if not, the true one, which costs a system call, need not be
 * known. */
bool seed__codel_cares(struct codel *codel, uint64_t now, uint64_t most,
    enum seed_priority priority);

/* Notes a request's wait; true when it was too long. Otherwise the request is
 * admitted. */
bool seed__codel_refuses(struct codel *codel, uint64_t now, uint64_t wait,
    enum seed_priority priority);

#endif
