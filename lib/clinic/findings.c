/* SPDX-License-Identifier: MIT */
#include "clinic/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What all findings of one kind have in common. */
static const struct {
    const char *id, *category, *title;
    const char *charts[CHARTS];
    const char *next[NEXT];
} kinds[] = {
    { "L1", "event-loop", "Listener leak", { "delay", "cpu" },
        { "SEED_TRACE_WARNINGS=1 ./app   # a stack for every registration",
            "SEED_FLAME=flame.html ./app   # the flame graph" } },
    { "E1", "event-loop", "Blocked loop", { "delay" },
        { "SEED_FLAME=flame.html ./app   # what it computes",
            "SEED_STALL=42 ./app   # a warning with a stack for each" } },
    { "E3", "event-loop", "Starved loop", { "delay", "cpu" },
        { "nproc; uptime   # and run the load on another machine" } },
    { "E2", "event-loop", "Loop full", { "utilisation" },
        { "SEED_FLAME=flame.html ./app   # where its time goes" } },
    { "A1", "event-loop", "Amplification", { "cpu" },
        { "curl localhost:9000/ledger   # calls a request; SEED_ADMIN=9000" } },
    { "M1", "memory", "Memory leak", { "memory" },
        { "valgrind --leak-check=full ./app",
            "SEED_FLAME=flame.html ./app   # search: malloc" } },
    { "M2", "memory", "Allocator pressure", { "memory", "cpu" },
        { "SEED_FLAME=flame.html ./app   # search: malloc" } },
    { "I1", "io", "Waiting on I/O", { "latency", "utilisation" },
        { "curl localhost:9000/ledger   # waits; SEED_ADMIN=9000" } },
    { "I2", "io", "Slow clients", { "backlog", "latency" },
        { "ss -tnm   # what waits in the sockets" } },
    { "H1", "handles", "Handle leak", { "handles" },
        { "ls -l /proc/$(pidof app)/fd   # which files they are" } },
    { "H2", "handles", "Connection churn", { "handles" },
        { "curl -sv URL URL 2>&1 | grep -i connection" } },
    { "C1", "event-loop", "Hot library", { "cpu" },
        { "SEED_FLAME=flame.html ./app   # who calls it" } },
    { "S1", "overload", "Shedding load", { "requests" },
        { "curl localhost:9000/metrics   # seed_shed_...; SEED_ADMIN=9000" } },
    { "U0", "unknown", "Unknown", { "latency" },
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
    finding->order = findings->count;
    finding->severity = severity;
    finding->share = share < 1 ? share : 1;
    return finding;
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
