/* SPDX-License-Identifier: MIT */
/* Goals: what a recording must reach. */
#ifndef CLINIC_GOALS_H
#define CLINIC_GOALS_H

#include "clinic/facts.h"

enum { GOALS = 12 };

struct goal {
    char text[48];       /* "p99<=20ms"                                     */
    unsigned metric;     /* place in a table                                */
    bool at_least, more; /* >= or <=; > or <                                */
    double want, got;    /* in the metric's unit                            */
    bool met;
    char shortfall[120]; /* "45 of 4000: 3955 are missing", or ""           */
};

struct goals {
    struct goal list[GOALS];
    size_t count;
};

/* Returns false with a sentence in `why` for what is none. NULL: no goals. */
bool seed__goals_parse(struct goals *goals, const char *text, char *why,
    size_t room);

/* Fills `got`, `met` and `shortfall`. Returns whether all are met. */
bool seed__goals_judge(struct goals *goals, const struct facts *facts);

const char *seed__goal_metric(const struct goal *goal);

#endif
