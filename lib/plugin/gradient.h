/* SPDX-License-Identifier: MIT */
/* How many requests may be under way at once: a limit that adapts, after
 * Netflix's Gradient2.
 *
 * Ten times a second it moves, down faster than up, towards its product with
 * the gradient: the time that a request usually takes, half of it more as
 * tolerance, by the time that requests take now. A fifth is added, for without
 * a short queue nothing is ever learned: Gradient2 adds 4 requests, which are
 * much where one of them takes 50 ms of the loop. Gradient2 guesses the usual
 * time from a long mean, and rises with it under lasting overload; a server
 * knows which part of a request's time was waiting, so that only the rest goes
 * into the mean here. Times are nanoseconds. */
#ifndef PLUGIN_GRADIENT_H
#define PLUGIN_GRADIENT_H

#include <seed/shed.h>

struct gradient {
    double limit, least, most;
    double usual; /* long mean of what a request takes without waiting */

    /* The window under way. */
    uint64_t end;
    double waits, times;
    unsigned count;
    uint64_t peak; /* most requests under way */
};

void seed__gradient_init(struct gradient *gradient, unsigned least,
    unsigned most);

/* True when one more may begin while so many are under way. */
bool seed__gradient_admits(const struct gradient *gradient,
    uint64_t in_flight, enum seed_priority priority);

/* A request is over: it has waited, and then it took some time. */
void seed__gradient_note(struct gradient *gradient, uint64_t now,
    uint64_t wait, uint64_t time);

/* So many are under way now. */
void seed__gradient_peak(struct gradient *gradient, uint64_t in_flight);

#endif
