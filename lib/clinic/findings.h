/* SPDX-License-Identifier: MIT */
/* What rules find, and how that is said. */
#ifndef CLINIC_FINDINGS_H
#define CLINIC_FINDINGS_H

#include "clinic/facts.h"

#include <seed/doctor.h>

enum { FINDINGS = 20, EVIDENCE = 8, NEXT = 3, CHARTS = 4 };

struct finding {
    const char *id, *category, *title;
    size_t kind;            /* its place among the kinds                    */
    size_t order;           /* in which it was found                        */
    enum seed_severity severity;
    double share;           /* 0: not known                                 */
    const char *share_of;   /* "the loop's time", ""                        */
    char sentence[400], fix[500];
    char function[NAME_ROOM], file[FILE_ROOM];
    int line;
    char where[128], route[ROUTE_ROOM];
    char evidence[EVIDENCE][160];
    const char *next[NEXT];
    const char *charts[CHARTS];
};

struct findings {
    struct finding list[FINDINGS];
    size_t count;
};

/* A new finding, zeroed but for these; the last place is used again when they
 * are too many. */
struct finding *seed__finding_new(struct findings *findings, const char *id,
    enum seed_severity severity, double share);

/* One more line of evidence. */
void seed__finding_evidence(struct finding *finding, const char *format, ...)
    SEED_PRINTF(2, 3);

/* A span is to blame. */
void seed__finding_blame(struct finding *finding,
    const struct span_fact *span);

/* The worst first: by severity, then by the part of the loop's busy time that
 * they explain, then by kind. */
void seed__findings_rank(struct findings *findings);

const struct finding *seed__findings_have(const struct findings *findings,
    const char *id);

/* "store_etag (slow.c:22)" or "" when there is no culprit. Returns out. */
char *seed__finding_culprit(const struct finding *finding, char *out,
    size_t room);

#endif
