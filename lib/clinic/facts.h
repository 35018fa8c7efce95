/* SPDX-License-Identifier: MIT */
/* What a recording has seen, as plain numbers and strings: all that the rules
 * look at, and the report says. Times are nanoseconds unless it is said. */
#ifndef CLINIC_FACTS_H
#define CLINIC_FACTS_H

#include "clinic/steps.h"
#include "clinic/trend.h"
#include "clinic/tree.h"

#include <seed/stall.h>

enum {
    FACT_SPANS = 96, FACT_GROWTHS = 16, FACT_HELD = 24, FACT_TOPS = 16,
    FACT_STATUSES = 6, NAME_ROOM = 96, FILE_ROOM = 160, ROUTE_ROOM = 160
};

/* A handler or hook. */
struct span_fact {
    char kind[16], function[NAME_ROOM], file[FILE_ROOM];
    int line;
    char method[24], pattern[128];
    uint64_t calls, requests, wall, self, cpu, longest, p50, p99;
    uint64_t waits, waited;
    uint64_t slow;           /* time in calls of 8 ms and more, about       */
    /* Shares of all samples: in it, and in these; and what allocates. */
    double openssl, jansson, allocating;
};

/* A line of code that added hooks while the server ran. */
struct growth_fact {
    char list[16], function[NAME_ROOM], file[FILE_ROOM];
    int line;
    char by_kind[16], by[NAME_ROOM], by_file[FILE_ROOM]; /* what ran then   */
    int by_line;
    uint64_t members; /* that it has in the lists                           */
    uint64_t grown;   /* of them, since the recording began                 */
};

/* What held a loop up, in one place. */
struct held {
    char kind[16], function[NAME_ROOM], file[FILE_ROOM], route[ROUTE_ROOM];
    char call[96];          /* the system call that it slept in             */
    char frame[NAME_ROOM];  /* the first call that has a name of its own    */
    int line;
    enum seed_stall_cause cause;
    uint64_t count, time;
};

/* A function at the top of the stack. */
struct top_fact {
    char name[NAME_ROOM], file[FILE_ROOM];
    int line;
    enum category category;
    double self;
};

struct facts {
    char title[120], created[32], version[16];
    int pid;
    unsigned interval;      /* milliseconds                                 */
    double seconds;         /* of the recording                             */
    double from, to;        /* the window in which there was load, seconds  */
    unsigned workers;
    bool by_timer;

    /* Requests. */
    uint64_t begun, ended, statuses[FACT_STATUSES], shed, not_modified;
    uint64_t sent, received, opened;
    uint64_t p50, p90, p99, slowest; /* how long they took inside            */

    /* The loops in the window, all together. */
    uint64_t loop_time, busy, loop_cpu, process_cpu, starved;
    double median_utilisation;
    uint64_t longest, longest_net, p50_net, p90_turn;
    uint64_t over_10, over_42, over_100; /* net time in turns of so many ms */
    double times_42, times_100;          /* how many of these there were    */
    uint64_t long_computed, long_waited; /* in those of 10 ms               */
    double in_flight, connections;       /* means                           */

    /* Memory and handles: bytes, by seconds. */
    struct trend heap, backlog, handles, clients;
    double rss_most, heap_last, mapped_last, backlog_most;
    double fds_most;
    uint64_t fds_limit;

    struct span_fact spans[FACT_SPANS]; /* the largest `self` first */
    size_t span_count;
    struct growth_fact growths[FACT_GROWTHS];
    size_t growth_count;
    struct held held[FACT_HELD];
    size_t held_count;

    /* Samples, when there are any: shares of them. */
    uint64_t samples;
    double categories[CATEGORIES], allocating;
    struct top_fact tops[FACT_TOPS]; /* the largest `self` first */
    size_t top_count;
    struct top_fact outside; /* hottest of the program's functions that run
                              * in no handler and no hook, by all it calls  */

    /* Of requests that were looked at closely. */
    uint64_t looked, same_body, has_etag, same_etag, asked;

    /* What the watching took. */
    uint64_t watchers_cpu, handlers, whole_cpu;

    const struct step *steps; /* borrowed */
    size_t step_count;
};

/* Of a rule's use, and a report's. */
static inline double facts_window(const struct facts *facts)
{
    return facts->to > facts->from ? facts->to - facts->from : 0;
}

static inline double facts_rps(const struct facts *facts)
{
    double window = facts_window(facts);

    return window > 0 ? (double)facts->ended / window : 0;
}

static inline double facts_share(uint64_t part, uint64_t whole)
{
    if (!whole)
        return 0;
    return part < whole ? (double)part / (double)whole : 1;
}

/* The window, and what steps alone tell: fills from `steps` on. */
void seed__facts_of_steps(struct facts *facts);

#endif
