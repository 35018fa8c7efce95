/* SPDX-License-Identifier: MIT */
#include "clinic/goals.h"

#include <seed/doctor.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what can be measured ------------------------------------------------- */

static double rps(const struct facts *facts)
{
    return facts_rps(facts);
}

static double p50(const struct facts *facts)
{
    return (double)facts->p50 / 1e6;
}

static double p90(const struct facts *facts)
{
    return (double)facts->p90 / 1e6;
}

static double p99(const struct facts *facts)
{
    return (double)facts->p99 / 1e6;
}

static double slowest(const struct facts *facts)
{
    return (double)facts->slowest / 1e6;
}

static double delay(const struct facts *facts)
{
    return (double)facts->longest / 1e6;
}

static double errors(const struct facts *facts)
{
    return (double)facts->statuses[5];
}

static double cpu(const struct facts *facts)
{
    double window = facts_window(facts);

    return window > 0 ? (double)facts->process_cpu / window / 1e7 : 0;
}

static double rss(const struct facts *facts)
{
    return facts->rss_most / 1048576;
}

enum kind { RATE, TIME, COUNT, PERCENT, BYTES };

static const struct {
    const char *name;
    enum kind kind;
    const char *unit;
    double (*get)(const struct facts *facts);
    bool of_answers; /* says nothing as long as no request has ended */
} metrics[] = {
    { "rps", RATE, "", rps, false }, { "p50", TIME, " ms", p50, true },
    { "p90", TIME, " ms", p90, true }, { "p99", TIME, " ms", p99, true },
    { "max", TIME, " ms", slowest, true },
    { "delay", TIME, " ms", delay, false },
    { "errors", COUNT, "", errors, true },
    { "cpu", PERCENT, " %", cpu, false }, { "rss", BYTES, " MB", rss, false },
};

static const struct {
    const char *name;
    enum kind kind;
    double times; /* the metric's own unit */
} units[] = {
    { "", RATE, 1 }, { "/s", RATE, 1 }, { "rps", RATE, 1 },
    { "", TIME, 1 }, { "ms", TIME, 1 }, { "us", TIME, 0.001 },
    { "s", TIME, 1000 }, { "", COUNT, 1 }, { "", PERCENT, 1 },
    { "%", PERCENT, 1 }, { "", BYTES, 1 }, { "MB", BYTES, 1 },
    { "KB", BYTES, 1.0 / 1024 }, { "GB", BYTES, 1024 },
};

enum { METRICS = sizeof metrics / sizeof *metrics,
    UNITS = sizeof units / sizeof *units };

const char *seed__goal_metric(const struct goal *goal)
{
    return metrics[goal->metric].name;
}

/* --- reading -------------------------------------------------------------- */

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t");
}

static bool read_metric(const char **at, struct goal *goal)
{
    size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789");

    for (unsigned i = 0; i < METRICS; i++) {
        if (strlen(metrics[i].name) != length
            || memcmp(metrics[i].name, *at, length))
            continue;
        goal->metric = i;
        *at += length;
        return true;
    }
    return false;
}

static bool read_relation(const char **at, struct goal *goal)
{
    if (**at != '<' && **at != '>')
        return false;
    goal->at_least = *(*at)++ == '>';
    goal->more = **at != '=';
    *at += !goal->more;
    return true;
}

/* Digits with a point whatever the locale says. */
static bool read_number(const char **at, double *out)
{
    double value = 0, unit = 1;
    const char *from = *at;

    for (; isdigit((unsigned char)**at); ++*at)
        value = value * 10 + (**at - '0');
    if (*at == from)
        return false;
    if (**at == '.')
        for (++*at; isdigit((unsigned char)**at); ++*at)
            value += (unit /= 10) * (**at - '0');
    *out = value;
    return true;
}

static bool read_unit(const char **at, struct goal *goal)
{
    size_t length = strcspn(*at, ", \t");

    for (unsigned i = 0; i < UNITS; i++) {
        if (units[i].kind != metrics[goal->metric].kind
            || strlen(units[i].name) != length
            || memcmp(units[i].name, *at, length))
            continue;
        goal->want *= units[i].times;
        *at += length;
        return true;
    }
    return false;
}

static const char *read_goal(const char **at, struct goal *goal)
{
    skip_blanks(at);
    if (!read_metric(at, goal))
        return "say rps, p50, p90, p99, max, errors, cpu, rss or delay";
    skip_blanks(at);
    if (!read_relation(at, goal))
        return "say >=, <=, > or < behind the metric";
    skip_blanks(at);
    if (!read_number(at, &goal->want))
        return "a number must follow";
    skip_blanks(at);
    if (!read_unit(at, goal))
        return "the unit does not fit the metric";
    skip_blanks(at);
    return **at && **at != ',' ? "put commas between conditions" : NULL;
}

static void keep_text(struct goal *goal, const char *from, const char *to)
{
    from += strspn(from, " \t");
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    snprintf(goal->text, sizeof goal->text, "%.*s", (int)(to - from), from);
}

bool seed__goals_parse(struct goals *goals, const char *text, char *why,
    size_t room)
{
    const char *at = text, *from = text, *wrong = NULL;

    memset(goals, 0, sizeof *goals);
    if (!text)
        return true;
    do {
        struct goal *goal = &goals->list[goals->count];

        if (goals->count == GOALS) {
            wrong = "there are too many conditions";
            break;
        }
        from = at;
        wrong = read_goal(&at, goal);
        keep_text(goal, from, at);
        goals->count++;
    } while (!wrong && *at++ == ',');
    if (!wrong)
        return true;

    goals->count = 0;
    if (why)
        snprintf(why, room, "The goal \"%.100s\" is none: at \"%.40s\" %s.",
            text, from, wrong);
    return false;
}

bool seed_doctor_check_goal(const char *goal, char *why, size_t room)
{
    struct goals goals;

    return seed__goals_parse(&goals, goal ? goal : "", why, room);
}

/* --- judging -------------------------------------------------------------- */

static bool is_met(const struct goal *goal)
{
    if (goal->at_least)
        return goal->more ? goal->got > goal->want : goal->got >= goal->want;
    return goal->more ? goal->got < goal->want : goal->got <= goal->want;
}

static void say_shortfall(struct goal *goal)
{
    const char *unit = metrics[goal->metric].unit;
    double by = goal->at_least ? goal->want - goal->got
                               : goal->got - goal->want;

    snprintf(goal->shortfall, sizeof goal->shortfall, "%s is %.4g%s: "
        "%.4g%s too %s", metrics[goal->metric].name, goal->got, unit,
        by, unit, goal->at_least ? "little" : "much");
}

static void judge(struct goal *goal, const struct facts *facts)
{
    *goal->shortfall = '\0';
    goal->got = metrics[goal->metric].get(facts);
    goal->met = is_met(goal);
    /* A server that answers nobody answers nobody late. */
    if (metrics[goal->metric].of_answers && !facts->ended) {
        goal->met = false;
        snprintf(goal->shortfall, sizeof goal->shortfall, "%s is not known: no "
            "request ended", metrics[goal->metric].name);
    } else if (!goal->met) {
        say_shortfall(goal);
    }
}

bool seed__goals_judge(struct goals *goals, const struct facts *facts)
{
    bool all = true;

    for (size_t i = 0; i < goals->count; i++) {
        judge(&goals->list[i], facts);
        all &= goals->list[i].met;
    }
    return all;
}
