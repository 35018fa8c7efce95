/* SPDX-License-Identifier: MIT */
/* What the process takes of the machine, looked at again and again: what is
 * cheap at each look, the rest as often as it may cost. */
#ifndef CLINIC_VITALS_H
#define CLINIC_VITALS_H

#include <stdint.h>

struct vitals {
    uint64_t cpu;              /* nanoseconds of the process                 */
    double rss, heap, mapped;  /* bytes, when last looked at; NAN: not known */
    double fds;

    /* Its own. */
    int statm;                 /* a file, or -1                              */
    uint64_t rss_due, heap_due, fds_due;
};

void seed__vitals_open(struct vitals *vitals);
void seed__vitals_look(struct vitals *vitals, uint64_t now);
void seed__vitals_close(struct vitals *vitals);

/* How many files the process may have open; 0: not known. */
uint64_t seed__vitals_most_fds(void);

#endif
