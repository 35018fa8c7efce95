/* SPDX-License-Identifier: MIT */
#include "clinic/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOP_TIME "the loop's time"
#define ALLOCATING "the CPU samples, in malloc() and its kin"

/* What all findings of one kind have in common; of two that matter as much, and
 * explain as much, the earlier one here leads: what grows without an end before
 * what only waits, causes before what follows from them.
 *
 * share_of  what the share is a part of; NULL: it has none
 * explains  that is time of the loop, or samples that were taken in it */
static const struct {
    const char *id, *category, *title;
    const char *share_of;
    bool explains;
    const char *charts[CHARTS];
    const char *next[NEXT];
} kinds[] = {
    { "L1", "event-loop", "Listener leak", LOOP_TIME, true,
        { "delay", "cpu" },
        { "SEED_TRACE_WARNINGS=1 ./app   # a stack for every registration",
            "SEED_FLAME=flame.html ./app   # the flame graph" } },
    { "E1", "event-loop", "Blocked loop", LOOP_TIME, true, { "delay" },
        { "SEED_FLAME=flame.html ./app   # what it computes",
            "SEED_STALL=42 ./app   # a warning with a stack for each" } },
    { "A1", "event-loop", "Amplification", LOOP_TIME, true, { "cpu" },
        { "curl localhost:9000/ledger   # calls a request; SEED_ADMIN=9000" } },
    { "M1", "memory", "Memory leak", ALLOCATING, true, { "memory" },
        /* What a table still points at is the usual leak of a server: it is
         * "reachable", and valgrind alone counts it without a stack. */
        { "valgrind --leak-check=full --show-leak-kinds=all ./app",
            "SEED_FLAME=flame.html ./app   # search: malloc" } },
    { "M2", "memory", "Allocator pressure", ALLOCATING, true,
        { "memory", "cpu" },
        { "SEED_FLAME=flame.html ./app   # search: malloc" } },
    { "H1", "handles", "Handle leak", NULL, false, { "handles" },
        { "ls -l /proc/$(pidof app)/fd   # which files they are" } },
    { "I1", "io", "Waiting on I/O", "the time, in which the loop was idle",
        false, { "latency", "utilisation" },
        { "curl localhost:9000/ledger   # waits; SEED_ADMIN=9000" } },
    { "I2", "io", "Slow clients", NULL, false, { "backlog", "latency" },
        { "ss -tnm   # what waits in the sockets" } },
    { "H2", "handles", "Connection churn", NULL, false, { "handles" },
        { "curl -sv URL URL 2>&1 | grep -i connection" } },
    { "S1", "overload", "Shedding load", "the requests", false,
        { "requests" },
        { "curl localhost:9000/metrics   # seed_shed_...; SEED_ADMIN=9000" } },
    { "E3", "event-loop", "Starved loop",
        "the loop's busy time, in which others had the processor", true,
        { "delay", "cpu" },
        { "nproc; uptime   # and run the load on another machine" } },
    { "C1", "event-loop", "Hot library", "the CPU samples, in the library",
        true, { "cpu" },
        { "SEED_FLAME=flame.html ./app   # who calls it" } },
    { "E2", "event-loop", "Loop full",
        "the time, in which the loop was busy (median)", false,
        { "utilisation" },
        { "SEED_FLAME=flame.html ./app   # where its time goes" } },
    { "U0", "unknown", "Unknown", NULL, false, { "latency" },
        { "SEED_FLAME=flame.html ./app", "SEED_STALL=42 ./app",
            "curl localhost:9000/ledger   # SEED_ADMIN=9000" } },
};

struct finding *seed__finding_new(struct findings *findings, const char *id,
    enum seed_severity severity, double share)
{
    struct finding *finding;
    size_t kind = 0;

    if (findings->count < FINDINGS)
        findings->count++;
    finding = &findings->list[findings->count - 1];
    memset(finding, 0, sizeof *finding);
    while (strcmp(kinds[kind].id, id))
        kind++;
    finding->id = kinds[kind].id;
    finding->category = kinds[kind].category;
    finding->title = kinds[kind].title;
    memcpy(finding->charts, kinds[kind].charts, sizeof finding->charts);
    memcpy(finding->next, kinds[kind].next, sizeof finding->next);
    finding->share_of = kinds[kind].share_of ? kinds[kind].share_of : "";
    finding->kind = kind;
    finding->order = findings->count;
    finding->severity = severity;
    finding->share = share < 1 ? share : 1;
    return finding;
}

/* A part of the requests, or of the time in which the loop slept, explains
 * nothing of the time that it was busy. */
static double explained(const struct finding *finding)
{
    return kinds[finding->kind].explains ? finding->share : 0;
}

static int by_weight(const void *one, const void *other)
{
    const struct finding *a = one, *b = other;

    if (a->severity != b->severity)
        return a->severity < b->severity ? 1 : -1;
    if (explained(a) < explained(b) || explained(a) > explained(b))
        return explained(a) < explained(b) ? 1 : -1;
    if (a->kind != b->kind)
        return a->kind > b->kind ? 1 : -1;
    return (a->order > b->order) - (a->order < b->order);
}

void seed__findings_rank(struct findings *findings)
{
    qsort(findings->list, findings->count, sizeof *findings->list, by_weight);
}

void seed__finding_evidence(struct finding *finding, const char *format, ...)
{
    va_list list;
    unsigned at = 0;

    while (at < EVIDENCE && *finding->evidence[at])
        at++;
    if (at == EVIDENCE)
        return;
    va_start(list, format);
    vsnprintf(finding->evidence[at], sizeof *finding->evidence, format, list);
    va_end(list);
}

void seed__finding_blame(struct finding *finding,
    const struct span_fact *span)
{
    memcpy(finding->function, span->function, sizeof finding->function);
    memcpy(finding->file, span->file, sizeof finding->file);
    finding->line = span->line;
    snprintf(finding->where, sizeof finding->where, "%s", span->kind);
    if (*span->pattern)
        snprintf(finding->route, sizeof finding->route, "%s %s",
            span->method, span->pattern);
}

const struct finding *seed__findings_have(const struct findings *findings,
    const char *id)
{
    for (size_t i = 0; i < findings->count; i++)
        if (!strcmp(findings->list[i].id, id))
            return &findings->list[i];
    return NULL;
}

char *seed__finding_culprit(const struct finding *finding, char *out,
    size_t room)
{
    if (*finding->file && finding->line)
        snprintf(out, room, "%s (%s:%d)", finding->function, finding->file,
            finding->line);
    else
        snprintf(out, room, "%s", finding->function);
    return out;
}
