/* SPDX-License-Identifier: MIT */
/* A recording's insides. */
#ifndef CLINIC_DOCTOR_H
#define CLINIC_DOCTOR_H

#include "clinic/exam.h"
#include "clinic/marks.h"
#include "clinic/report.h"
#include "clinic/round.h"
#include "watch/monitor.h"

struct seed_doctor {
    struct exam *exam;         /* NULL: it has ended                        */
    struct seed_doctor *next;
    struct monitored monitored;
    char *before_path;         /* owned, or NULL                            */
    struct seed_flame *flame;  /* owned, or NULL                            */

    /* The monitor's. */
    struct round round;
    struct steps steps;
    uint64_t watcher;             /* CPU time of the monitor, at the start;
                                     when it has ended, since then          */

    struct marks before, after;
    struct report report;      /* judged when it has ended                  */
    bool failed;               /* memory was exhausted                      */
};

#endif
