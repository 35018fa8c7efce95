/* SPDX-License-Identifier: MIT */
/* Rules of the loop: who leaks hooks, what blocks it, and whether it is full,
 * or has no processor. */
#include "clinic/rules.h"

#include <stdio.h>
#include <string.h>

typedef unsigned long long ull;

static double percent(double share)
{
    return 100 * (share < 1 ? share : 1);
}

static double of_busy(const struct facts *facts, uint64_t part)
{
    return facts_share(part, facts->busy);
}

/* --- L1 ------------------------------------------------------------------- */

static const struct span_fact *span_at(const struct facts *facts,
    const char *function, const char *file, int line)
{
    for (size_t i = 0; i < facts->span_count; i++)
        if (facts->spans[i].line == line
            && !strcmp(facts->spans[i].function, function)
            && !strcmp(facts->spans[i].file, file))
            return &facts->spans[i];
    return NULL;
}

static uint64_t calls_of(const struct span_fact *span)
{
    return span ? span->calls : 0;
}

/* Of the requests, or of the calls of what adds them: a leak of one route that
 * few ask for is one. */
static bool grows(const struct facts *facts, const struct growth_fact *growth)
{
    uint64_t calls = calls_of(span_at(facts, growth->by, growth->by_file,
        growth->by_line));
    double others = facts->connections + facts->in_flight;
    double grown = (double)growth->grown;

    if (growth->members < LEAK_LEAST || growth->grown < LEAK_LEAST)
        return false;
    if (facts->begun >= LEAK_REQUESTS
        && grown >= LEAK_GROWTH * (double)facts->begun)
        return true;
    if (calls >= LEAK_REQUESTS && grown >= LEAK_GROWTH * (double)calls)
        return true;
    return grown > 64 + 2 * others && grown * 10 >= (double)facts->begun;
}

static void find_leak(const struct facts *facts, struct findings *findings,
    const struct growth_fact *growth)
{
    const struct span_fact *span = span_at(facts, growth->function,
        growth->file, growth->line);
    double share = of_busy(facts, span ? span->self : 0);
    bool issue = share >= LEAK_ISSUE_SHARE
        || growth->members > LEAK_ISSUE_MEMBERS;
    struct finding *found = seed__finding_new(findings, "L1",
        issue ? SEED_ISSUE : SEED_WARNING, share);

    memcpy(found->function, growth->function, sizeof found->function);
    memcpy(found->file, growth->file, sizeof found->file);
    found->line = growth->line;
    if (*growth->by)
        snprintf(found->where, sizeof found->where, "%s: %.90s",
            growth->by_kind, growth->by);
    snprintf(found->sentence, sizeof found->sentence, "%.60s was added to the "
        "%s hooks %llu times in %llu requests, at %.100s:%d%s%.60s; it takes "
        "%.0f %% of the loop's time.", growth->function, growth->list,
        (ull)growth->grown, (ull)facts->begun, growth->file, growth->line,
        *growth->by ? ", while running " : "", growth->by, percent(share));
    snprintf(found->fix, sizeof found->fix, "Add the hook once: guard line "
        "%d, or register it where the server is set up. A hook for one "
        "request is seed_on_send(), or is taken away by seed_off().",
        growth->line);
    seed__finding_evidence(found, "%llu members by this line, %.2f more a "
        "request", (ull)growth->members,
        (double)growth->grown / (double)(facts->begun ? facts->begun : 1));
    if (span)
        seed__finding_evidence(found, "called %.0f times a request, %.1f us "
            "each", (double)span->calls
                / (double)(span->requests ? span->requests : 1),
            (double)span->wall / 1e3
                / (double)(span->calls ? span->calls : 1));
    if (growth->by_line)
        seed__finding_evidence(found, "added by %s %s (%.90s:%d)",
            growth->by_kind, growth->by, growth->by_file, growth->by_line);
    seed__finding_evidence(found, "longest turn of the loop: %.0f ms",
        (double)facts->longest / 1e6);
}

void seed__rule_leak(const struct facts *facts, struct findings *findings)
{
    for (size_t i = 0; i < facts->growth_count; i++)
        if (grows(facts, &facts->growths[i]))
            find_leak(facts, findings, &facts->growths[i]);
}

/* --- E1 ------------------------------------------------------------------- */

struct blocked {
    bool long_ones, median, often;
};

static struct blocked look(const struct facts *facts)
{
    return (struct blocked){
        .long_ones = facts_share(facts->over_100, facts->loop_time)
                >= BLOCK_LONG_SHARE
            || facts->times_100 >= BLOCK_TIMES
            || (facts->times_42 >= BLOCK_TIMES
                && facts_share(facts->over_42, facts->loop_time)
                    >= BLOCK_LONG_SHARE),
        .median = facts->p50_net >= BLOCK_P50,
        .often = facts_share(facts->over_42, facts->loop_time)
            >= BLOCK_42_SHARE,
    };
}

/* Time in long calls, without what the machine has made long: in the share of
 * a span's time the loop also stood for its share. */
static uint64_t slow_time(const struct facts *facts,
    const struct span_fact *span)
{
    uint64_t stood = (uint64_t)((double)facts->starved
        * facts_share(span->self, facts->busy));

    return span->slow > stood ? span->slow - stood : 0;
}

/* The handler or hook whose single calls are long, when it has a part in the
 * long turns that counts. */
static const struct span_fact *slowest(const struct facts *facts)
{
    const struct span_fact *best = NULL;
    uint64_t most = 0;

    for (size_t i = 0; i < facts->span_count; i++) {
        uint64_t slow = slow_time(facts, &facts->spans[i]);

        if (slow <= most)
            continue;
        most = slow;
        best = &facts->spans[i];
    }
    return most * 5 >= facts->over_10 ? best : NULL;
}

/* What holds the loop up outside of handlers and hooks: timers, tasks, events
 * of the application. */
static const struct held *held_outside(const struct facts *facts)
{
    const struct held *best = NULL;

    for (size_t i = 0; i < facts->held_count; i++) {
        const struct held *held = &facts->held[i];

        if (*held->function || held->cause == SEED_STALL_STARVED)
            continue;
        if (!best || held->time > best->time)
            best = held;
    }
    return best;
}

/* A turn serves all who are ready: as many as there are connections, one
 * request's time each. That is a long turn, and nothing blocks. */
static bool is_a_crowd(const struct facts *facts)
{
    double each = facts->ended
        ? (double)facts->busy / (double)facts->ended : 0;
    double crowd = each * (facts->connections > 1 ? facts->connections : 1);

    return (double)facts->longest_net <= 3 * crowd;
}

static void blame_outside(const struct facts *facts, struct finding *found)
{
    const struct held *held = held_outside(facts);
    const struct top_fact *outside = &facts->outside;

    snprintf(found->where, sizeof found->where,
        "a timer, task or event: no handler");
    if (*outside->name && outside->self >= 0.02) {
        memcpy(found->function, outside->name, sizeof found->function);
        memcpy(found->file, outside->file, sizeof found->file);
        found->line = outside->line;
    } else if (held) {
        memcpy(found->function, held->frame, sizeof found->function);
    }
}

/* The hottest of the program's own functions in it is what the culprit's line
 * is not: where the time goes. */
static void add_hot_function(const struct facts *facts, struct finding *found)
{
    for (size_t i = 0; i < facts->top_count; i++) {
        const struct top_fact *top = &facts->tops[i];

        if (top->self < 0.05 || !strcmp(top->name, found->function))
            continue;
        seed__finding_evidence(found, "hottest: %.80s%s%.50s, %.0f %% of "
            "samples", top->name, *top->file ? " in " : "", top->file,
            percent(top->self));
        return;
    }
}

static void add_calls(const struct facts *facts, struct finding *found)
{
    for (size_t i = 0; i < facts->held_count; i++) {
        const struct held *held = &facts->held[i];

        if (!*held->call || strcmp(held->function, found->function))
            continue;
        seed__finding_evidence(found, "it sleeps in %s", held->call);
        return;
    }
}

static void explain_blocked(const struct facts *facts, struct finding *found,
    const struct span_fact *span)
{
    uint64_t parts = facts->long_computed + facts->long_waited;
    bool computes = facts->long_computed >= facts->long_waited;
    char culprit[300] = "something";

    if (*found->function)
        seed__finding_culprit(found, culprit, sizeof culprit);
    snprintf(found->sentence, sizeof found->sentence, "%.220s holds the loop "
        "up: it %s, and turns take up to %.0f ms, in which nobody else is "
        "served.", culprit, computes ? "computes" : "waits in system calls",
        (double)facts->longest_net / 1e6);
    snprintf(found->fix, sizeof found->fix, "%s", computes
        ? "Do less of it in one go: cache the result, split the work over "
          "turns by seed_next_turn(), or hand it to seed_offload()."
        : "Do not wait on the loop: use a timer or an event and SEED_WAIT, "
          "or hand the call to seed_offload().");
    seed__finding_evidence(found, "%.0f %% of the time in turns of 42 ms and "
        "more, %.0f %% in 100 ms and more",
        percent(facts_share(facts->over_42, facts->loop_time)),
        percent(facts_share(facts->over_100, facts->loop_time)));
    seed__finding_evidence(found, "in long turns: %.0f %% computing, %.0f %% "
        "waiting", percent(facts_share(facts->long_computed, parts)),
        percent(facts_share(facts->long_waited, parts)));
    if (span)
        seed__finding_evidence(found, "%llu calls of %.2f ms, the longest "
            "%.0f ms", (ull)span->calls, (double)span->wall / 1e6
                / (double)(span->calls ? span->calls : 1),
            (double)span->longest / 1e6);
    if (found->share >= 0.5)
        add_hot_function(facts, found);
    if (!computes)
        add_calls(facts, found);
}

void seed__rule_blocked(const struct facts *facts, struct findings *findings)
{
    const struct finding *leak = seed__findings_have(findings, "L1");
    const struct span_fact *span = slowest(facts);
    struct blocked blocked = look(facts);
    bool issue = blocked.long_ones || blocked.median || blocked.often;
    struct finding *found;

    if ((!issue && !facts->over_100) || facts_window(facts) < 1)
        return;
    if (!span && (is_a_crowd(facts) || (leak && leak->share > 0.2)))
        return;
    if (span && leak && !strcmp(leak->function, span->function))
        return;

    found = seed__finding_new(findings, "E1", issue ? SEED_ISSUE
                                                    : SEED_WARNING,
        of_busy(facts, span ? span->slow : facts->over_42));
    if (span)
        seed__finding_blame(found, span);
    else
        blame_outside(facts, found);
    explain_blocked(facts, found, span);
}

/* --- E3, E2, A1 ----------------------------------------------------------- */

/* The machine's fault, and mostly the load generator's on the same machine. */
void seed__rule_starved(const struct facts *facts, struct findings *findings)
{
    double share = of_busy(facts, facts->starved);
    struct finding *found;

    if (share < STARVED_SHARE)
        return;
    found = seed__finding_new(findings, "E3",
        share >= 0.5 ? SEED_WARNING : SEED_NOTE, share);
    snprintf(found->sentence, sizeof found->sentence, "For %.0f %% of its busy "
        "time the loop stood ready, and others had the processor.",
        percent(share));
    snprintf(found->fix, sizeof found->fix, "Measure with the load on another "
        "machine, or on processors of its own (taskset).");
    seed__finding_evidence(found, "longest turn %.0f ms, without the time "
        "that it stood %.0f ms", (double)facts->longest / 1e6,
        (double)facts->longest_net / 1e6);
}

void seed__rule_full(const struct facts *facts, struct findings *findings)
{
    struct finding *found;

    if (facts->median_utilisation < FULL
        || seed__findings_have(findings, "E1"))
        return;
    found = seed__finding_new(findings, "E2", SEED_NOTE,
        facts->median_utilisation);
    snprintf(found->sentence, sizeof found->sentence, "The loop is full: %.0f "
        "requests a second are what %u worker%s can do.", facts_rps(facts),
        facts->workers, facts->workers == 1 ? "" : "s");
    snprintf(found->fix, sizeof found->fix, "Make requests cheaper (the flame "
        "graph shows where time goes), or add workers (options.workers).");
    seed__finding_evidence(found, "median utilisation %.0f %%, half of the "
        "time in turns within %.1f ms", percent(facts->median_utilisation),
        (double)facts->p50_net / 1e6);
    seed__finding_evidence(found, "%.1f us of a processor a request",
        (double)facts->loop_cpu / 1e3
            / (double)(facts->ended ? facts->ended : 1));
}

void seed__rule_amplified(const struct facts *facts,
    struct findings *findings)
{
    const struct finding *leak = seed__findings_have(findings, "L1");

    for (size_t i = 0; i < facts->span_count; i++) {
        const struct span_fact *span = &facts->spans[i];
        double share = of_busy(facts, span->self);
        double times = span->requests
            ? (double)span->calls / (double)span->requests : 0;
        struct finding *found;

        if (times <= AMPLIFIED_CALLS || share < AMPLIFIED_SHARE
            || (leak && !strcmp(leak->function, span->function)))
            continue;
        found = seed__finding_new(findings, "A1", SEED_ISSUE, share);
        seed__finding_blame(found, span);
        snprintf(found->sentence, sizeof found->sentence, "%.60s runs %.1f "
            "times a request, and takes %.0f %% of the loop's time.",
            span->function, times, percent(share));
        snprintf(found->fix, sizeof found->fix, "It is registered more than "
            "once, at %.120s:%d: once is enough.", span->file, span->line);
        seed__finding_evidence(found, "%llu calls for %llu requests",
            (ull)span->calls, (ull)span->requests);
    }
}
