/* SPDX-License-Identifier: MIT */
#ifndef WATCH_METRICS_TEXT_H
#define WATCH_METRICS_TEXT_H

#include "watch/text.h"

#include <seed/metrics.h>

struct seed_metrics_out {
    struct text text;
    bool open;        /* OpenMetrics */
    double created;   /* when counting began, seconds since 1970 */
    const char *name; /* of the family under way */
    enum seed_metrics_type type;
};

/* Ends the text. */
void seed__metrics_end(seed_metrics_out *out);

#endif
