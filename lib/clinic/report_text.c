/* SPDX-License-Identifier: MIT */
/* The report in a dozen lines of 80 columns, for a terminal. */
#include "clinic/report.h"
#include "clinic/plain.h"
#include "watch/text.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 78, MOST_SHOWN = 3 };

/* Words, so many in a line; lines but the first are indented. */
static void put_wrapped(struct text *text, const char *words, unsigned indent)
{
    size_t column = indent;

    while (*words) {
        size_t length = strcspn(words, " ");
        bool first = column == indent;

        if (!first && column + 1 + length > COLUMNS) {
            seed__text_printf(text, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            seed__text_add(text, " ");
            column++;
        }
        seed__text_printf(text, "%.*s", (int)length, words);
        column += length;
        words += length;
        words += strspn(words, " ");
    }
    seed__text_add(text, "\n");
}

static void put_line(struct text *text, const char *name, const char *words)
{
    seed__text_printf(text, "  %-9s ", name);
    put_wrapped(text, words, 12);
}

static void put_finding(struct text *text, const struct finding *finding)
{
    char culprit[300], line[500];

    if (*finding->function) {
        seed__finding_culprit(finding, culprit, sizeof culprit);
        snprintf(line, sizeof line, "%s%s%s", culprit,
            *finding->route ? ", " : "", finding->route);
        put_line(text, "culprit:", line);
    }
    if (finding->share > 0) {
        snprintf(line, sizeof line, "%.0f %% of %s", 100 * finding->share,
            finding->share_of);
        put_line(text, "share:", line);
    }
    put_line(text, "fix:", finding->fix);
    if (finding->next[0])
        put_line(text, "next:", finding->next[0]);
}

static void put_others(struct text *text, const struct findings *findings)
{
    char line[600];

    for (size_t i = 1; i < findings->count && i <= MOST_SHOWN; i++) {
        const struct finding *finding = &findings->list[i];

        snprintf(line, sizeof line, "%s", finding->sentence);
        put_line(text, finding->severity == SEED_ISSUE ? "also:"
                : finding->severity == SEED_WARNING ? "mind:" : "note:",
            line);
    }
}

static void put_goals(struct text *text, const struct goals *goals)
{
    char line[300];

    for (size_t i = 0; i < goals->count; i++) {
        const struct goal *goal = &goals->list[i];

        snprintf(line, sizeof line, "%s %s%s%s", goal->text,
            goal->met ? "met" : "MISSED", goal->met ? "" : ", ",
            goal->shortfall);
        put_line(text, "goal:", line);
    }
}

/* "0.3 ms", "25 ms", "1.3 s". Returns out. */
static const char *time_of(uint64_t nsec, char out[32])
{
    double msec = (double)nsec / 1e6;

    if (msec < 10)
        snprintf(out, 32, "%.1f ms", msec);
    else if (msec < 1000)
        snprintf(out, 32, "%.0f ms", msec);
    else
        snprintf(out, 32, "%.1f s", msec / 1000);
    return out;
}

static void put_numbers(struct text *text, const struct facts *facts)
{
    char half[32], most[32], longest[32];
    double cpu = facts_window(facts) > 0
        ? (double)facts->process_cpu / facts_window(facts) / 1e7 : 0;

    seed__text_printf(text, "  %llu requests, %.0f a second, half within "
        "%s, 99 %% within %s\n"
        "  cpu %.0f %%, rss %.0f MB, loop %.0f %% full, longest turn "
        "%s\n", (unsigned long long)facts->ended, facts_rps(facts),
        time_of(facts->p50, half), time_of(facts->p99, most), cpu,
        facts->rss_most / 1048576,
        100 * facts_share(facts->busy, facts->loop_time),
        time_of(facts->longest, longest));
}

char *seed__report_text(const struct report *report, size_t *length)
{
    const struct verdict *verdict = &report->verdict;
    const struct finding *first = report->findings.count
        ? report->findings.list : NULL;
    struct text text = { 0 };
    bool leads = first && !strcmp(first->id, verdict->id);
    locale_t before = seed__plain_begin();

    seed__text_printf(&text, "seed doctor: %s (%s)\n  ", verdict->title,
        verdict->category);
    put_wrapped(&text, verdict->sentence, 2);
    if (leads)
        put_finding(&text, first);
    put_others(&text, &report->findings);
    put_goals(&text, &report->goals);
    put_numbers(&text, &report->facts);
    seed__plain_end(before);
    return seed__text_take(&text, length);
}
