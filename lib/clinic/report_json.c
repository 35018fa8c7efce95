/* SPDX-License-Identifier: MIT */
/* The report as JSON: what the page reads, and other programs. */
#include "clinic/jot.h"
#include "clinic/report.h"

#include <math.h>
#include <string.h>

static double ms(uint64_t nsec)
{
    return (double)nsec / 1e6;
}

static void put_strings(struct jot *jot, const char *key,
    const char *const *list, size_t most)
{
    seed__jot_open(jot, key, '[');
    for (size_t i = 0; i < most && list[i]; i++)
        seed__jot_string(jot, NULL, list[i]);
    seed__jot_close(jot, ']');
}

static void put_finding(struct jot *jot, const struct finding *finding)
{
    seed__jot_open(jot, NULL, '{');
    seed__jot_string(jot, "id", finding->id);
    seed__jot_string(jot, "category", finding->category);
    seed__jot_string(jot, "severity", seed__severity_name(finding->severity));
    seed__jot_string(jot, "title", finding->title);
    seed__jot_string(jot, "sentence", finding->sentence);
    seed__jot_number(jot, "share", finding->share, 4);
    seed__jot_string(jot, "share_of", finding->share_of);
    seed__jot_string(jot, "function", finding->function);
    seed__jot_string(jot, "file", finding->file);
    seed__jot_number(jot, "line", finding->line, 0);
    seed__jot_string(jot, "where", finding->where);
    seed__jot_string(jot, "route", finding->route);
    seed__jot_open(jot, "evidence", '[');
    for (size_t i = 0; i < EVIDENCE && *finding->evidence[i]; i++)
        seed__jot_string(jot, NULL, finding->evidence[i]);
    seed__jot_close(jot, ']');
    seed__jot_string(jot, "fix", finding->fix);
    put_strings(jot, "next", finding->next, NEXT);
    put_strings(jot, "charts", finding->charts, CHARTS);
    seed__jot_close(jot, '}');
}

static void put_verdict(struct jot *jot, const struct report *report)
{
    const struct verdict *verdict = &report->verdict;

    seed__jot_open(jot, "verdict", '{');
    seed__jot_string(jot, "category", verdict->category);
    seed__jot_string(jot, "id", verdict->id);
    seed__jot_string(jot, "title", verdict->title);
    seed__jot_string(jot, "sentence", verdict->sentence);
    seed__jot_number(jot, "status", report->status, 0);
    seed__jot_close(jot, '}');
    seed__jot_open(jot, "findings", '[');
    for (size_t i = 0; i < report->findings.count; i++)
        put_finding(jot, &report->findings.list[i]);
    seed__jot_close(jot, ']');
}

static void put_goals(struct jot *jot, const struct goals *goals)
{
    seed__jot_open(jot, "goals", '[');
    for (size_t i = 0; i < goals->count; i++) {
        const struct goal *goal = &goals->list[i];

        seed__jot_open(jot, NULL, '{');
        seed__jot_string(jot, "text", goal->text);
        seed__jot_string(jot, "metric", seed__goal_metric(goal));
        seed__jot_number(jot, "want", goal->want, 3);
        seed__jot_number(jot, "got", goal->got, 3);
        seed__jot_bool(jot, "met", goal->met);
        seed__jot_string(jot, "shortfall", goal->shortfall);
        seed__jot_close(jot, '}');
    }
    seed__jot_close(jot, ']');
}

/* --- series --------------------------------------------------------------- */

enum how { LEVEL, RATE, PERCENT, TIME, UTILISATION, LATENCY, HANDLES };

static const struct series {
    const char *key;
    enum how how;
    int which;    /* a level, a sum, or percent of the requests */
    double unit;
    int decimals;
} series[] = {
    { "cpu_percent", PERCENT, SUM_PROCESS_CPU, 1, 1 },
    { "loop_cpu_percent", PERCENT, SUM_LOOP_CPU, 1, 1 },
    { "rss_mb", LEVEL, LEVEL_RSS, 1048576, 2 },
    { "heap_mb", LEVEL, LEVEL_HEAP, 1048576, 2 },
    { "mapped_mb", LEVEL, LEVEL_MAPPED, 1048576, 2 },
    { "delay_ms", TIME, 0, 1e6, 3 },
    { "delay_mean_ms", TIME, 1, 1e6, 3 },
    { "utilisation", UTILISATION, SUM_BUSY, 1, 3 },
    { "handles", HANDLES, 0, 1, 1 },
    { "connections", LEVEL, LEVEL_CONNECTIONS, 1, 1 },
    { "in_flight", LEVEL, LEVEL_IN_FLIGHT, 1, 1 },
    { "fds", LEVEL, LEVEL_FDS, 1, 1 },
    { "rps", RATE, SUM_ENDED, 1, 1 },
    { "p50_ms", LATENCY, 50, 1e6, 3 },
    { "p99_ms", LATENCY, 99, 1e6, 3 },
    { "backlog_kb", LEVEL, LEVEL_BACKLOG, 1024, 1 },
    { "shed", RATE, SUM_SHED, 1, 1 },
    { "errors", RATE, SUM_ERRORS, 1, 1 },
};

static double value_of(const struct series *one, const struct step *step,
    unsigned workers)
{
    uint64_t latency;
    double share;

    if (step->length <= 0)
        return NAN;
    switch (one->how) {
    case LEVEL:
        return step->levels[one->which] / one->unit;
    case HANDLES: /* connections, and what listens for them */
        return step->levels[LEVEL_CONNECTIONS] + workers;
    case RATE:
        return (double)step->sums[one->which] / step->length;
    case PERCENT:
        return (double)step->sums[one->which] / step->length / 1e7;
    case TIME:
        return (one->which ? step->mean_delay : (double)step->delay)
            / one->unit;
    case UTILISATION:
        share = (double)step->sums[one->which] / step->length / 1e9
            / (workers ? workers : 1);
        return share < 1 ? share : 1;
    case LATENCY:
        latency = seed__step_latency(step, one->which / 100.0);
        return latency ? (double)latency / one->unit : NAN;
    }
    return NAN;
}

static void put_series(struct jot *jot, const struct facts *facts)
{
    seed__jot_open(jot, "series", '{');
    seed__jot_open(jot, "t", '[');
    for (size_t i = 0; i < facts->step_count; i++)
        seed__jot_number(jot, NULL, facts->steps[i].at, 3);
    seed__jot_close(jot, ']');
    for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
        seed__jot_open(jot, series[i].key, '[');
        for (size_t j = 0; j < facts->step_count; j++)
            seed__jot_number(jot, NULL, value_of(&series[i],
                &facts->steps[j], facts->workers), series[i].decimals);
        seed__jot_close(jot, ']');
    }
    seed__jot_close(jot, '}');
}

/* --- tables --------------------------------------------------------------- */

static void put_span(struct jot *jot, const struct span_fact *span,
    uint64_t busy)
{
    seed__jot_open(jot, NULL, '{');
    seed__jot_string(jot, "kind", span->kind);
    seed__jot_string(jot, "function", span->function);
    seed__jot_string(jot, "file", span->file);
    seed__jot_number(jot, "line", span->line, 0);
    seed__jot_string(jot, "method", span->method);
    seed__jot_string(jot, "pattern", span->pattern);
    seed__jot_number(jot, "calls", (double)span->calls, 0);
    seed__jot_number(jot, "per_request", span->requests
        ? (double)span->calls / (double)span->requests : 0, 2);
    seed__jot_number(jot, "wall_ms", ms(span->wall), 3);
    seed__jot_number(jot, "self_ms", ms(span->self), 3);
    seed__jot_number(jot, "cpu_ms", ms(span->cpu), 3);
    seed__jot_number(jot, "longest_ms", ms(span->longest), 5);
    seed__jot_number(jot, "p50_ms", ms(span->p50), 5);
    seed__jot_number(jot, "p99_ms", ms(span->p99), 5);
    seed__jot_number(jot, "waits", (double)span->waits, 0);
    seed__jot_number(jot, "waited_ms", ms(span->waited), 3);
    seed__jot_number(jot, "share", facts_share(span->self, busy), 4);
    seed__jot_close(jot, '}');
}

static void put_summary(struct jot *jot, const struct facts *facts)
{
    static const char *const classes[FACT_STATUSES] = { "gone", "s1xx",
        "s2xx", "s3xx", "s4xx", "s5xx" };

    seed__jot_open(jot, "summary", '{');
    seed__jot_number(jot, "requests", (double)facts->ended, 0);
    seed__jot_number(jot, "rps", facts_rps(facts), 1);
    seed__jot_number(jot, "p50_ms", ms(facts->p50), 5);
    seed__jot_number(jot, "p90_ms", ms(facts->p90), 5);
    seed__jot_number(jot, "p99_ms", ms(facts->p99), 5);
    seed__jot_number(jot, "longest_ms", ms(facts->slowest), 5);
    for (size_t i = 0; i < FACT_STATUSES; i++)
        seed__jot_number(jot, classes[i], (double)facts->statuses[i], 0);
    seed__jot_number(jot, "shed", (double)facts->shed, 0);
    seed__jot_number(jot, "received", (double)facts->received, 0);
    seed__jot_number(jot, "sent", (double)facts->sent, 0);
    seed__jot_number(jot, "workers", facts->workers, 0);
    seed__jot_close(jot, '}');
}

static void put_flame(struct jot *jot, const struct facts *facts)
{
    seed__jot_open(jot, "flame", '{');
    seed__jot_number(jot, "samples", (double)facts->samples, 0);
    seed__jot_open(jot, "categories", '{');
    for (int i = 0; facts->samples && i < CATEGORIES; i++)
        seed__jot_number(jot, seed__category_names[i], facts->categories[i],
            4);
    seed__jot_close(jot, '}');
    seed__jot_open(jot, "top", '[');
    for (size_t i = 0; i < facts->top_count; i++) {
        const struct top_fact *top = &facts->tops[i];

        seed__jot_open(jot, NULL, '{');
        seed__jot_string(jot, "name", top->name);
        seed__jot_string(jot, "file", top->file);
        seed__jot_number(jot, "line", top->line, 0);
        seed__jot_string(jot, "category",
            seed__category_names[top->category]);
        seed__jot_number(jot, "self", top->self, 4);
        seed__jot_close(jot, '}');
    }
    seed__jot_close(jot, ']');
    seed__jot_close(jot, '}');
}

static void put_overhead(struct jot *jot, const struct facts *facts)
{
    seed__jot_open(jot, "overhead", '{');
    seed__jot_number(jot, "watchers_cpu_ms", ms(facts->watchers_cpu), 3);
    seed__jot_number(jot, "handlers_ms", ms(facts->handlers), 3);
    seed__jot_number(jot, "process_cpu_ms", ms(facts->whole_cpu), 3);
    seed__jot_number(jot, "share", facts_share(
        facts->watchers_cpu + facts->handlers, facts->whole_cpu), 5);
    seed__jot_close(jot, '}');
}

static void put_head(struct jot *jot, const struct facts *facts)
{
    seed__jot_string(jot, "kind", "seed-doctor");
    seed__jot_number(jot, "version", 1, 0);
    seed__jot_string(jot, "title", facts->title);
    seed__jot_string(jot, "created", facts->created);
    seed__jot_string(jot, "libseed", facts->version);
    seed__jot_number(jot, "pid", facts->pid, 0);
    seed__jot_number(jot, "seconds", facts->seconds, 3);
    seed__jot_number(jot, "interval_ms", facts->interval, 0);
    seed__jot_open(jot, "window", '{');
    seed__jot_number(jot, "from", facts->from, 3);
    seed__jot_number(jot, "to", facts->to, 3);
    seed__jot_close(jot, '}');
}

char *seed__report_json(const struct report *report, size_t *length)
{
    const struct facts *facts = &report->facts;
    struct jot jot = { .comma = false };

    seed__jot_open(&jot, NULL, '{');
    put_head(&jot, facts);
    put_verdict(&jot, report);
    put_goals(&jot, &report->goals);
    put_series(&jot, facts);
    seed__jot_open(&jot, "spans", '[');
    for (size_t i = 0; i < facts->span_count; i++)
        put_span(&jot, &facts->spans[i], facts->busy);
    seed__jot_close(&jot, ']');
    put_summary(&jot, facts);
    put_flame(&jot, facts);
    put_overhead(&jot, facts);
    seed__jot_close(&jot, '}');
    seed__text_add(&jot.text, "\n");
    return seed__text_take(&jot.text, length);
}
