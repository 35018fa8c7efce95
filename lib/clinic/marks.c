/* SPDX-License-Identifier: MIT */
#include "clinic/marks.h"

#include <stdio.h>
#include <string.h>

/* --- taking --------------------------------------------------------------- */

static void add_counts(struct marks *marks, const struct desk *desk)
{
    const seed_worker *worker = atomic_load(&desk->worker);
    struct seed_worker_counts counts = { .events = { 0 } };
    uint64_t scratch[SPREAD_STEPS] = { 0 };

    if (worker)
        counts = seed_worker_counts(worker);
    marks->ended += worker ? counts.events[SEED_ON_AFTER]
                           : counter_get(&desk->ended);
    marks->begun += worker ? counts.events[SEED_ON_PRE]
                           : counter_get(&desk->begun);
    marks->opened += worker ? counts.events[SEED_ON_OPEN]
                            : counter_get(&desk->opened);
    marks->received += worker ? counts.received
                              : counter_get(&desk->received);
    marks->sent += counter_get(&desk->sent);
    marks->shed += counter_get(&desk->shed);
    marks->not_modified += counter_get(&desk->not_modified);
    for (unsigned i = 0; i < FACT_STATUSES; i++)
        marks->statuses[i] += counter_get(&desk->statuses[i]);
    seed__spread_take(&desk->precise, scratch, marks->latency);
}

static void add_closely(struct marks *marks, const struct closely *closely)
{
    marks->looked += counter_get(&closely->looked);
    marks->same_body += counter_get(&closely->same_body);
    marks->has_etag += counter_get(&closely->has_etag);
    marks->same_etag += counter_get(&closely->same_etag);
    marks->asked += counter_get(&closely->asked);
}

/* The turn that is under way is one as long as it is. */
static void add_turns(struct marks *marks, const struct turns *turns)
{
    struct turns_now look = seed__turns_look(turns, seed_now());
    struct turn_parts now = seed__turns_parts(turns, &look);
    uint64_t net = now.whole - now.stood, scratch[SPREAD_STEPS] = { 0 };

    seed__spread_take(&turns->gross, scratch, marks->gross);
    memset(scratch, 0, sizeof scratch);
    seed__spread_take(&turns->net, scratch, marks->net);
    marks->long_computed += counter_get(&turns->long_computed);
    marks->long_waited += counter_get(&turns->long_waited);
    if (net < 10000000)
        return;
    marks->gross[seed__spread_place(now.whole)] += now.whole;
    marks->net[seed__spread_place(net)] += net;
    marks->long_computed += now.computed;
    marks->long_waited += now.waited;
}

static void add_growths(struct marks *marks, const struct desk *desk)
{
    const struct growth *growth = atomic_load_explicit(&desk->growths,
        memory_order_acquire);

    for (; growth && marks->growth_count < MARK_GROWTHS;
         growth = growth->next) {
        marks->growths[marks->growth_count].growth = growth;
        marks->growths[marks->growth_count++].same =
            counter_get(&growth->same);
    }
}

int seed__marks_take(struct marks *marks, const struct exam *exam)
{
    memset(marks, 0, sizeof *marks);
    for (unsigned i = 0; i < PULSE_WORKERS; i++) {
        const struct desk *desk = atomic_load_explicit(&exam->desks[i],
            memory_order_acquire);

        if (!desk)
            continue;
        add_counts(marks, desk);
        add_closely(marks, &desk->closely);
        add_turns(marks, &desk->turns);
        add_growths(marks, desk);
    }
    memcpy(marks->held, exam->held, sizeof marks->held);
    marks->held_count = exam->held_count;
    return seed__ledger_entries(exam->ledger, &marks->entries,
        &marks->entry_count);
}

void seed__marks_clear(struct marks *marks)
{
    seed_release(marks->entries);
    marks->entries = NULL;
}

/* --- spans ---------------------------------------------------------------- */

static const struct entry *entry_before(const struct marks *before,
    const struct seed_ledger_row *row)
{
    for (size_t i = 0; i < before->entry_count; i++) {
        const struct seed_ledger_row *was = &before->entries[i].row;

        if (was->line == row->line && !strcmp(was->kind, row->kind)
            && !strcmp(was->function, row->function)
            && !strcmp(was->file, row->file)
            && !strcmp(was->pattern, row->pattern)
            && !strcmp(was->method, row->method))
            return &before->entries[i];
    }
    return NULL;
}

static void name_span(struct span_fact *span,
    const struct seed_ledger_row *row)
{
    snprintf(span->kind, sizeof span->kind, "%s", row->kind);
    snprintf(span->function, sizeof span->function, "%s", row->function);
    snprintf(span->file, sizeof span->file, "%s", row->file);
    snprintf(span->method, sizeof span->method, "%s", row->method);
    snprintf(span->pattern, sizeof span->pattern, "%s", row->pattern);
    span->line = row->line;
}

/* Calls of 8 ms and more: their bins' bounds, and a bin is wide. */
static uint64_t slow_time(const uint64_t bins[HISTOGRAM_BINS])
{
    uint64_t time = 0;

    for (unsigned i = 0; i + 1 < HISTOGRAM_BINS; i++)
        if (seed__histogram_bounds[i] > 8000000)
            time += bins[i] * (seed__histogram_bounds[i] / 20 * 19);
    return time;
}

static void fill_span(struct span_fact *span, const struct entry *entry,
    const struct entry *was)
{
    static const struct entry none;
    const struct seed_ledger_row *now = &entry->row, *old;
    uint64_t bins[HISTOGRAM_BINS];

    was = was ? was : &none;
    old = &was->row;
    name_span(span, now);
    span->calls = now->calls - old->calls;
    span->requests = now->requests - old->requests;
    span->wall = now->wall - old->wall;
    span->self = now->self - old->self;
    span->cpu = now->cpu - old->cpu;
    span->waits = now->waits - old->waits;
    span->waited = now->waited - old->waited;
    for (unsigned i = 0; i < HISTOGRAM_BINS; i++)
        bins[i] = entry->bins[i] - was->bins[i];
    span->p50 = seed__histogram_share(bins, 0.5);
    span->p99 = seed__histogram_share(bins, 0.99);
    span->longest = seed__histogram_share(bins, 1);
    if (now->longest < span->longest || !old->calls)
        span->longest = now->longest;
    span->slow = slow_time(bins);
    if (span->slow > span->wall)
        span->slow = span->wall;
}

/* The slot for one more: of the list, which is kept by `self`, the last one
 * makes room when it is full. */
static void put_span(struct facts *facts, const struct span_fact *span)
{
    size_t at = facts->span_count;

    while (at && facts->spans[at - 1].self < span->self)
        at--;
    if (at == FACT_SPANS)
        return;
    if (facts->span_count < FACT_SPANS)
        facts->span_count++;
    memmove(&facts->spans[at + 1], &facts->spans[at],
        (facts->span_count - at - 1) * sizeof *span);
    facts->spans[at] = *span;
}

/* A hook of libseed's own that serves no request tells nobody anything. */
static bool is_watcher(const struct seed_ledger_row *row)
{
    static const char folder[] = "lib/watch/";

    return !row->requests && !strncmp(row->file, folder, sizeof folder - 1);
}

static void fill_spans(const struct marks *before, const struct marks *after,
    struct facts *facts)
{
    for (size_t i = 0; i < after->entry_count; i++) {
        const struct entry *entry = &after->entries[i];
        struct span_fact span = { .kind = "" };

        if (seed__exam_owns(entry->row.address) || is_watcher(&entry->row))
            continue;
        fill_span(&span, entry, entry_before(before, &entry->row));
        if (span.calls)
            put_span(facts, &span);
    }
}

/* --- hooks that were added, places that held up --------------------------- */

static struct growth_fact *growth_of(struct facts *facts,
    const struct growth *growth)
{
    const seed_site *site = &growth->site, *by = &growth->running;
    struct growth_fact *fact = facts->growths;

    for (size_t i = 0; i < facts->growth_count; i++, fact++)
        if (fact->line == site->line && !strcmp(fact->list, site->kind)
            && !strcmp(fact->function, site->function)
            && !strcmp(fact->file, site->file))
            return fact;
    if (facts->growth_count == FACT_GROWTHS)
        return NULL;

    facts->growth_count++;
    memset(fact, 0, sizeof *fact);
    snprintf(fact->list, sizeof fact->list, "%s", site->kind);
    snprintf(fact->function, sizeof fact->function, "%s", site->function);
    snprintf(fact->file, sizeof fact->file, "%s", site->file);
    fact->line = site->line;
    if (by->function) {
        snprintf(fact->by_kind, sizeof fact->by_kind, "%s", by->kind);
        snprintf(fact->by, sizeof fact->by, "%s", by->function);
        snprintf(fact->by_file, sizeof fact->by_file, "%s", by->file);
        fact->by_line = by->line;
    }
    return fact;
}

static uint64_t same_before(const struct marks *before,
    const struct growth *growth)
{
    for (size_t i = 0; i < before->growth_count; i++)
        if (before->growths[i].growth == growth)
            return before->growths[i].same;
    return 0;
}

static void fill_growths(const struct marks *before,
    const struct marks *after, struct facts *facts)
{
    for (size_t i = 0; i < after->growth_count; i++) {
        const struct growth *growth = after->growths[i].growth;
        uint64_t same = after->growths[i].same;
        uint64_t was = same_before(before, growth);
        struct growth_fact *fact = growth_of(facts, growth);

        if (!fact)
            continue;
        fact->members += same;
        fact->grown += same > was ? same - was : 0;
    }
}

/* Places keep theirs: what is new is at the end. */
static void fill_held(const struct marks *before, const struct marks *after,
    struct facts *facts)
{
    for (size_t i = 0; i < after->held_count; i++) {
        struct held held = after->held[i];

        if (i < before->held_count) {
            held.count -= before->held[i].count;
            held.time -= before->held[i].time;
        }
        if (held.count || held.time)
            facts->held[facts->held_count++] = held;
    }
}

/* --- the rest ------------------------------------------------------------- */

static void subtract(uint64_t out[SPREAD_STEPS],
    const uint64_t after[SPREAD_STEPS], const uint64_t before[SPREAD_STEPS])
{
    for (unsigned i = 0; i < SPREAD_STEPS; i++)
        out[i] = after[i] > before[i] ? after[i] - before[i] : 0;
}

static void fill_requests(const struct marks *before,
    const struct marks *after, struct facts *facts)
{
    uint64_t latency[SPREAD_STEPS];

    facts->begun = after->begun - before->begun;
    facts->ended = after->ended - before->ended;
    facts->opened = after->opened - before->opened;
    facts->received = after->received - before->received;
    facts->sent = after->sent - before->sent;
    facts->shed = after->shed - before->shed;
    facts->not_modified = after->not_modified - before->not_modified;
    for (unsigned i = 0; i < FACT_STATUSES; i++)
        facts->statuses[i] = after->statuses[i] - before->statuses[i];
    subtract(latency, after->latency, before->latency);
    facts->p50 = seed__spread_within(latency, 0, 0.5);
    facts->p90 = seed__spread_within(latency, 0, 0.9);
    facts->p99 = seed__spread_within(latency, 0, 0.99);
    facts->slowest = seed__spread_longest(latency);
    facts->looked = after->looked - before->looked;
    facts->same_body = after->same_body - before->same_body;
    facts->has_etag = after->has_etag - before->has_etag;
    facts->same_etag = after->same_etag - before->same_etag;
    facts->asked = after->asked - before->asked;
}

void seed__marks_facts(const struct marks *before, const struct marks *after,
    struct facts *facts)
{
    fill_requests(before, after, facts);
    fill_spans(before, after, facts);
    fill_growths(before, after, facts);
    fill_held(before, after, facts);
}

static uint64_t time_over(const uint64_t weights[SPREAD_STEPS],
    uint64_t length, double *times)
{
    uint64_t time = 0;

    *times = 0;
    for (unsigned i = 0; i < SPREAD_STEPS; i++) {
        if (seed__spread_length(i) < length)
            continue;
        time += weights[i];
        *times += (double)weights[i] / (double)seed__spread_length(i);
    }
    return time;
}

void seed__marks_turns(const struct marks *before, const struct marks *after,
    struct facts *facts)
{
    uint64_t gross[SPREAD_STEPS], net[SPREAD_STEPS], busy, idle;
    double times;

    subtract(gross, after->gross, before->gross);
    subtract(net, after->net, before->net);
    busy = time_over(gross, 0, &times);
    idle = facts->loop_time > busy ? facts->loop_time - busy : 0;
    facts->longest = seed__spread_longest(gross);
    facts->longest_net = seed__spread_longest(net);
    facts->p90_turn = seed__spread_within(gross, idle, 0.9);
    facts->p50_net = seed__spread_within(net, idle, 0.5);
    facts->over_10 = time_over(net, 10000000, &times);
    facts->over_42 = time_over(net, 42000000, &facts->times_42);
    facts->over_100 = time_over(net, 100000000, &facts->times_100);
    facts->long_computed = after->long_computed - before->long_computed;
    facts->long_waited = after->long_waited - before->long_waited;
}
