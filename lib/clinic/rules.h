/* SPDX-License-Identifier: MIT */
/* The rules: pure functions from facts to findings. Each is judged, whatever
 * the others say, but for those that explain the same by a better name. */
#ifndef CLINIC_RULES_H
#define CLINIC_RULES_H

#include "clinic/findings.h"

/* Where the limits are, and why there. Times are nanoseconds. */
#define RULE_MS UINT64_C(1000000)

#define ENOUGH_SECONDS 2.0   /* shorter, and start-up is most of what is seen */
#define ENOUGH_REQUESTS 50   /* fewer, and a percentile is one request       */

#define LEAK_LEAST 11        /* node's warning, and libseed's                */
#define LEAK_GROWTH 0.9      /* a request: so many hooks more                */
#define LEAK_REQUESTS 20     /* over so many at least                        */
#define LEAK_ISSUE_SHARE 0.05
#define LEAK_ISSUE_MEMBERS 100

#define BLOCK_TURN (100 * RULE_MS)  /* a turn that a person would notice     */
#define BLOCK_P50 (10 * RULE_MS)    /* Clinic's limit for the median         */
#define BLOCK_42 (42 * RULE_MS)     /* the article's limit of a loop's delay */
#define BLOCK_42_SHARE 0.05
#define BLOCK_LONG_SHARE 0.01 /* one long turn in a long time is a warning   */
#define BLOCK_TIMES 3.0
#define FULL 0.95            /* the queue grows from here on                 */
#define STARVED_SHARE 0.20   /* of the time in turns                         */
#define AMPLIFIED_CALLS 2.0
#define AMPLIFIED_SHARE 0.10

#define HEAP_LEAST 1048576.0 /* bytes: less is noise of the allocator        */
#define HEAP_PER_REQUEST 1024.0
#define HEAP_PER_MINUTE 0.10
#define ALLOC_WARN 0.15      /* of samples                                   */
#define ALLOC_ISSUE 0.30
#define MAPPED_RATIO 2.0
#define MAPPED_LEAST 67108864.0

#define IO_UTILISATION 0.5   /* the loop is not what they wait for           */
#define IO_IN_FLIGHT 2.0
#define IO_TIMES_CPU 10.0
#define BACKLOG_LEAST 1048576.0
#define FDS_GROWN 10.0       /* fewer are files that stay open by design     */
#define FDS_OF_LIMIT 0.8
#define CHURN 0.9            /* connections a request                        */
#define CHURN_RPS 50.0
#define HOT_SHARE 0.25
#define SHED_WARN 0.01
#define SHED_ISSUE 0.05
#define UNKNOWN_P99 (250 * RULE_MS)
#define UNKNOWN_TIMES 10.0
#define UNKNOWN_LEAST (100 * RULE_MS)

typedef void rule(const struct facts *facts, struct findings *findings);

/* rule_loop.c */
rule seed__rule_leak, seed__rule_blocked, seed__rule_starved, seed__rule_full,
    seed__rule_amplified;
/* rule_rest.c */
rule seed__rule_memory, seed__rule_allocator, seed__rule_io,
    seed__rule_slow_clients, seed__rule_handles, seed__rule_churn,
    seed__rule_shed;
/* rule_hot.c */
rule seed__rule_hot;

struct verdict {
    const char *category, *id, *title;
    char sentence[400];
    int status; /* without goals */
};

/* All rules; findings come ranked. */
void seed__rules_judge(const struct facts *facts, struct findings *findings,
    struct verdict *verdict);

#endif
