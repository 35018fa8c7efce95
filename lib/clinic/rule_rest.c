/* SPDX-License-Identifier: MIT */
/* Rules of what is beside the loop: memory, waiting, clients, handles. */
#include "clinic/rules.h"

#include <stdio.h>
#include <string.h>

typedef unsigned long long ull;

static double mb(double bytes)
{
    return bytes / 1048576;
}

/* What rises is rising still. */
static bool goes_on(const struct trend *trend)
{
    return trend->rises && trend->slope > 0
        && trend->late >= trend->slope / 4;
}

/* --- M1, M2 --------------------------------------------------------------- */

/* Who allocates most is the first to look at; where that is not known, the
 * handler of a route that has most of the time. */
static const struct span_fact *allocator(const struct facts *facts)
{
    const struct span_fact *best = NULL, *route = NULL;

    for (size_t i = 0; i < facts->span_count; i++) {
        const struct span_fact *span = &facts->spans[i];

        if (span->allocating > (best ? best->allocating : 0))
            best = span;
        if (!route && *span->pattern)
            route = span;
    }
    return best ? best : route;
}

static void tell_who_allocates(struct finding *found,
    const struct span_fact *span)
{
    if (!span)
        return;
    seed__finding_blame(found, span);
    if (span->allocating > 0)
        seed__finding_evidence(found, "%.60s allocates most: %.0f %% of all "
            "samples", span->function, 100 * span->allocating);
    else
        seed__finding_evidence(found, "%.60s is the busiest route's handler; "
            "who allocates is not known", span->function);
}

void seed__rule_memory(const struct facts *facts, struct findings *findings)
{
    const struct trend *heap = &facts->heap;
    double grown = heap->last - heap->first, rps = facts_rps(facts);
    double each = rps > 0 ? heap->slope / rps : 0;
    double minute = heap->first > 0 ? heap->slope * 60 / heap->first : 0;
    struct finding *found;

    /* Clients that come take memory, 64 KB each by the widest guess. */
    if (!goes_on(heap) || grown < HEAP_LEAST
        || grown < (facts->clients.last - facts->clients.first) * 65536
        || (each < HEAP_PER_REQUEST && minute < HEAP_PER_MINUTE))
        return;

    found = seed__finding_new(findings, "M1", SEED_ISSUE,
        facts->allocating);
    snprintf(found->sentence, sizeof found->sentence, "The heap grows by "
        "%.1f KB a request, %.1f MB a second, and does not stop.",
        each / 1024, mb(heap->slope));
    snprintf(found->fix, sizeof found->fix, "Find what is kept for each "
        "request and never released, or bound what is kept (a cache with a "
        "limit). What lives as long as its request: seed_req_alloc().");
    seed__finding_evidence(found, "in use: %.1f MB, then %.1f MB",
        mb(heap->first), mb(heap->last));
    seed__finding_evidence(found, "%.1f MB a second in the second half; by "
        "chance in less than 1 of 100 cases", mb(heap->late));
    tell_who_allocates(found, allocator(facts));
}

void seed__rule_allocator(const struct facts *facts,
    struct findings *findings)
{
    bool spread = facts->mapped_last >= MAPPED_LEAST
        && facts->mapped_last >= MAPPED_RATIO * facts->heap_last;
    bool hot = facts->allocating >= ALLOC_WARN;
    struct finding *found;

    if (!spread && !hot)
        return;
    found = seed__finding_new(findings, "M2",
        facts->allocating >= ALLOC_ISSUE ? SEED_ISSUE : SEED_WARNING,
        facts->allocating);
    if (hot)
        snprintf(found->sentence, sizeof found->sentence, "%.0f %% of the "
            "processor's time goes to malloc() and its kin.",
            100 * facts->allocating);
    else
        snprintf(found->sentence, sizeof found->sentence, "Of %.0f MB that "
            "the heap takes only %.0f MB are in use.", mb(facts->mapped_last),
            mb(facts->heap_last));
    snprintf(found->fix, sizeof found->fix, "Allocate less often: memory of "
        "the request (seed_req_alloc()), buffers that are kept, JSON written "
        "by seed_json instead of built as a tree.");
    seed__finding_evidence(found, "heap %.1f MB in use, %.1f MB taken",
        mb(facts->heap_last), mb(facts->mapped_last));
    if (hot)
        tell_who_allocates(found, allocator(facts));
}

/* --- I1, I2 --------------------------------------------------------------- */

static const struct span_fact *longest_wait(const struct facts *facts)
{
    const struct span_fact *best = NULL;

    for (size_t i = 0; i < facts->span_count; i++)
        if (facts->spans[i].waits
            && (!best || facts->spans[i].waited > best->waited))
            best = &facts->spans[i];
    return best;
}

/* A wait for the next turn is a turn long, and no I/O. */
void seed__rule_io(const struct facts *facts, struct findings *findings)
{
    const struct span_fact *span = longest_wait(facts);
    double each = facts->ended
        ? (double)facts->loop_cpu / (double)facts->ended : 0;
    double wait = span ? (double)span->waited / (double)span->waits : 0;
    struct finding *found;

    if (!span || facts_share(facts->busy, facts->loop_time) >= IO_UTILISATION
        || facts->in_flight < IO_IN_FLIGHT
        || (double)facts->p50 < IO_TIMES_CPU * each
        || wait < IO_TIMES_CPU * each || wait < 5e6
        || wait < 3 * (double)facts->p90_turn)
        return;

    found = seed__finding_new(findings, "I1", SEED_ISSUE,
        1 - facts_share(facts->busy, facts->loop_time));
    seed__finding_blame(found, span);
    snprintf(found->sentence, sizeof found->sentence, "Requests of %.100s "
        "wait %.0f ms for something else, while the loop is %.0f %% full.",
        *found->route ? found->route : span->function, wait / 1e6,
        100 * facts_share(facts->busy, facts->loop_time));
    snprintf(found->fix, sizeof found->fix, "What %.80s waits for is too slow, "
        "or is asked one after the other: ask at the same time, cache, or "
        "look at the other side. This process is not what limits.",
        span->function);
    seed__finding_evidence(found, "%.1f requests in flight, half of them "
        "within %.0f ms", facts->in_flight, (double)facts->p50 / 1e6);
    seed__finding_evidence(found, "%.0f us of a processor a request, %.1f ms "
        "of waiting", each / 1e3, wait / 1e6);
}

void seed__rule_slow_clients(const struct facts *facts,
    struct findings *findings)
{
    struct finding *found;

    if (facts->backlog_most < BACKLOG_LEAST || !goes_on(&facts->backlog))
        return;
    found = seed__finding_new(findings, "I2", SEED_WARNING, 0);
    snprintf(found->sentence, sizeof found->sentence, "Up to %.1f MB of "
        "answers wait for clients that read slowly, and it becomes more.",
        mb(facts->backlog_most));
    snprintf(found->fix, sizeof found->fix, "Stop writing when "
        "seed_stream_write() returns 1, and go on in seed_on_drain(); lower "
        "options.max_output.");
    seed__finding_evidence(found, "waiting: %.1f MB, then %.1f MB",
        mb(facts->backlog.first), mb(facts->backlog.last));
}

/* --- H1, H2, S1 ----------------------------------------------------------- */

void seed__rule_handles(const struct facts *facts, struct findings *findings)
{
    double grown = facts->handles.last - facts->handles.first;
    bool leaks = goes_on(&facts->handles) && grown >= FDS_GROWN;
    bool full = facts->fds_limit && facts->fds_most
            >= FDS_OF_LIMIT * (double)facts->fds_limit;
    struct finding *found;

    if (!leaks && !full)
        return;
    found = seed__finding_new(findings, "H1",
        leaks ? SEED_ISSUE : SEED_WARNING, 0);
    if (leaks)
        snprintf(found->sentence, sizeof found->sentence, "%.0f files were "
            "opened and not closed, beside connections: %.1f a second.",
            grown, facts->handles.slope);
    else
        snprintf(found->sentence, sizeof found->sentence, "%.0f files are "
            "open, of the %llu that may be.", facts->fds_most,
            (ull)facts->fds_limit);
    snprintf(found->fix, sizeof found->fix, leaks
        ? "Close what each request opens, on every way out of the handler."
        : "Raise the limit (ulimit -n), or bound the connections.");
    seed__finding_evidence(found, "at most %.0f files, limit %llu",
        facts->fds_most, (ull)facts->fds_limit);
}

void seed__rule_churn(const struct facts *facts, struct findings *findings)
{
    double each = facts->ended
        ? (double)facts->opened / (double)facts->ended : 0;
    struct finding *found;

    if (each < CHURN || facts_rps(facts) < CHURN_RPS)
        return;
    found = seed__finding_new(findings, "H2", SEED_WARNING, 0);
    snprintf(found->sentence, sizeof found->sentence, "Each request comes on "
        "a connection of its own: %.0f new ones a second.",
        each * facts_rps(facts));
    snprintf(found->fix, sizeof found->fix, "Let clients keep connections "
        "alive; see that no answer and no proxy says Connection: close.");
    seed__finding_evidence(found, "%llu connections for %llu requests",
        (ull)facts->opened, (ull)facts->ended);
}

void seed__rule_shed(const struct facts *facts, struct findings *findings)
{
    double share = facts_share(facts->shed, facts->ended);
    struct finding *found;

    if (share <= SHED_WARN)
        return;
    found = seed__finding_new(findings, "S1",
        share > SHED_ISSUE ? SEED_ISSUE : SEED_WARNING, share);
    snprintf(found->sentence, sizeof found->sentence, "%.1f %% of the requests "
        "were refused with 503 and Retry-After.", 100 * share);
    snprintf(found->fix, sizeof found->fix, "There is more load than the "
        "server can take: make requests cheaper, add workers or machines. "
        "What was answered was answered in time.");
    seed__finding_evidence(found, "%llu of %llu requests",
        (ull)facts->shed, (ull)facts->ended);
}
