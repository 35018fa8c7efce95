/* SPDX-License-Identifier: MIT */
/* Facts of servers with one illness each: for the tests of rules and reports.
 * Ten seconds of load, a worker; times are nanoseconds. */
#ifndef UNIT_CLINIC_SICK_H
#define UNIT_CLINIC_SICK_H

#include "clinic/rules.h"

#define MS RULE_MS
#define SECOND (1000 * MS)

static inline struct facts well(void)
{
    return (struct facts){
        .title = "app", .created = "2026-11-28T02:00:00Z", .version = "0.1.0",
        .pid = 7, .interval = 10, .seconds = 12, .from = 1, .to = 11,
        .workers = 1, .begun = 100000, .ended = 100000,
        .statuses = { [2] = 100000 }, .opened = 100, .p50 = MS / 2,
        .p90 = MS, .p99 = 2 * MS, .slowest = 9 * MS,
        .loop_time = 10 * SECOND, .busy = 6 * SECOND,
        .loop_cpu = 6 * SECOND, .process_cpu = 7 * SECOND,
        .whole_cpu = 8 * SECOND, .watchers_cpu = 40 * MS,
        .median_utilisation = 0.6, .longest = 5 * MS, .longest_net = 4 * MS,
        .p50_net = MS, .p90_turn = MS, .in_flight = 1, .connections = 100,
        .rss_most = 1e7, .heap_last = 1e6, .mapped_last = 2e6,
        .fds_most = 120, .fds_limit = 1024,
        .spans = { { .kind = "route", .function = "hello",
            .file = "app.c", .line = 8, .method = "GET", .pattern = "/",
            .calls = 100000, .requests = 100000, .wall = SECOND,
            .self = SECOND, .longest = MS, .p50 = 10000, .p99 = 20000 } },
        .span_count = 1,
    };
}

static inline struct facts leaking(void)
{
    struct facts facts = well();

    facts.begun = facts.ended = 400;
    facts.busy = facts.loop_cpu = 10 * SECOND;
    facts.median_utilisation = 1;
    facts.longest = facts.longest_net = 2600 * MS;
    facts.p50_net = 1300 * MS;
    facts.over_10 = facts.over_42 = facts.over_100 = 10 * SECOND;
    facts.times_100 = 6;
    facts.long_computed = 9 * SECOND;
    facts.spans[0] = (struct span_fact){ .kind = "after",
        .function = "store_etag", .file = "slow.c", .line = 28,
        .calls = 80000, .requests = 400, .wall = 9700 * MS,
        .self = 9700 * MS, .longest = 2 * MS };
    facts.spans[1] = (struct span_fact){ .kind = "use",
        .function = "etagger", .file = "slow.c", .line = 68, .calls = 400,
        .requests = 400, .wall = MS, .self = MS };
    facts.span_count = 2;
    facts.growths[0] = (struct growth_fact){ .list = "after",
        .function = "store_etag", .file = "slow.c", .line = 28,
        .by_kind = "use", .by = "etagger", .by_file = "slow.c",
        .by_line = 68, .members = 400, .grown = 400 };
    facts.growth_count = 1;
    return facts;
}

/* 30 ms in each request. */
static inline struct facts blocking(void)
{
    struct facts facts = well();

    facts.begun = facts.ended = 330;
    facts.busy = 10 * SECOND;
    facts.loop_cpu = facts.long_computed = 9900 * MS;
    facts.long_waited = 10 * MS;
    facts.longest = facts.longest_net = 3000 * MS;
    facts.p50_net = 3000 * MS;
    facts.over_10 = facts.over_42 = facts.over_100 = 10 * SECOND;
    facts.times_100 = 3.3;
    facts.median_utilisation = 1;
    facts.spans[0].calls = facts.spans[0].requests = 330;
    facts.spans[0].wall = facts.spans[0].self = 9900 * MS;
    facts.spans[0].slow = 9900 * MS;
    facts.spans[0].longest = 31 * MS;
    return facts;
}

#endif
