/* SPDX-License-Identifier: MIT */
/* What a recording came to, and how it is told. */
#ifndef CLINIC_REPORT_H
#define CLINIC_REPORT_H

#include "clinic/goals.h"
#include "clinic/rules.h"

struct report {
    struct facts facts;
    struct findings findings;
    struct verdict verdict;
    struct goals goals;
    int status; /* 0, 1, or 3: see seed_doctor_status() */
};

/* Rules and goals: fills all but the facts, and the goals' conditions. */
void seed__report_judge(struct report *report);

/* Each returns a string, owned: seed_release(); NULL without memory. `length`
 * may be NULL. */
char *seed__report_json(const struct report *report, size_t *length);
char *seed__report_text(const struct report *report, size_t *length);

/* "event-loop": "issue", "warning", "note". */
const char *seed__severity_name(enum seed_severity severity);

/* The recording's JSON that an earlier report holds, of a page's text or of
 * JSON alone: where it starts, and its length; or NULL. */
const char *seed__report_find(const char *text, size_t *length);

#endif
