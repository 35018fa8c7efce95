/* SPDX-License-Identifier: MIT */
/* Two ways to write the same: Prometheus text 0.0.4 and OpenMetrics 1.0. They
 * differ in the name of a counter's family ("_total" or not), in UNIT, in
 * "_created" and in "# EOF". */
#include "watch/metrics_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {
    [SEED_COUNTER] = "counter",
    [SEED_GAUGE] = "gauge",
    [SEED_HISTOGRAM] = "histogram",
};

static void put_escaped(struct text *text, const char *string, bool quotes)
{
    for (; *string; string++) {
        if (*string == '\n')
            seed__text_add(text, "\\n");
        else if (*string == '\\' || (quotes && *string == '"'))
            seed__text_printf(text, "\\%c", *string);
        else
            seed__text_printf(text, "%c", *string);
    }
}

/* "# TYPE name", with what a counter's family is called. */
static void put_comment(seed_metrics_out *out, const char *word)
{
    seed__text_printf(&out->text, "# %s %s%s ", word, out->name,
        out->type == SEED_COUNTER && !out->open ? "_total" : "");
}

static void put_unit(seed_metrics_out *out)
{
    static const char *const units[] = { "seconds", "bytes", "ratio" };
    const char *last = strrchr(out->name, '_');

    for (size_t i = 0; last && i < sizeof units / sizeof *units; i++) {
        if (strcmp(last + 1, units[i]))
            continue;
        put_comment(out, "UNIT");
        seed__text_printf(&out->text, "%s\n", units[i]);
    }
}

void seed_metrics_family(seed_metrics_out *out, const char *name,
    enum seed_metrics_type type, const char *help)
{
    out->name = name;
    out->type = type;
    put_comment(out, "HELP");
    put_escaped(&out->text, help, out->open);
    seed__text_add(&out->text, "\n");
    put_comment(out, "TYPE");
    seed__text_printf(&out->text, "%s\n", type_names[type]);
    if (out->open)
        put_unit(out);
}

static void put_sample(seed_metrics_out *out, const char *suffix,
    const char *labels, double value)
{
    bool some = labels && *labels;

    seed__text_printf(&out->text, "%s%s%s%s%s ", out->name, suffix,
        some ? "{" : "", some ? labels : "", some ? "}" : "");
    seed__text_number(&out->text, value);
    seed__text_add(&out->text, "\n");
}

static void put_created(seed_metrics_out *out, const char *labels)
{
    if (out->open && out->created > 0)
        put_sample(out, "_created", labels, out->created);
}

void seed_metrics_value(seed_metrics_out *out, const char *labels,
    double value)
{
    if (out->type == SEED_GAUGE) {
        put_sample(out, "", labels, value);
        return;
    }
    put_sample(out, "_total", labels, value);
    put_created(out, labels);
}

/* le="1.0": OpenMetrics wants floats to look like floats. */
static void put_bucket(seed_metrics_out *out, const char *labels,
    double bound, uint64_t count)
{
    bool some = labels && *labels;

    seed__text_printf(&out->text, "%s_bucket{%s%sle=\"", out->name,
        some ? labels : "", some ? "," : "");
    seed__text_number(&out->text, bound);
    if (bound < 1e15 && bound == (double)(int64_t)bound)
        seed__text_add(&out->text, ".0");
    seed__text_printf(&out->text, "\"} %" PRIu64 "\n", count);
}

void seed_metrics_buckets(seed_metrics_out *out, const char *labels,
    const struct seed_buckets *buckets)
{
    uint64_t seen = 0;

    for (size_t i = 0; i < buckets->count; i++) {
        seen += buckets->counts[i];
        put_bucket(out, labels, buckets->bounds[i], seen);
    }
    seen += buckets->counts[buckets->count];
    put_bucket(out, labels, 1.0 / 0.0, seen);
    put_sample(out, "_sum", labels, buckets->sum);
    put_sample(out, "_count", labels, (double)seen);
    put_created(out, labels);
}

void seed__metrics_end(seed_metrics_out *out)
{
    if (out->open)
        seed__text_add(&out->text, "# EOF\n");
}

/* --- labels --------------------------------------------------------------- */

/* Escapes a value; returns its length, or `room` when it does not fit. */
static size_t escape(char *out, size_t room, const char *value)
{
    size_t length = 0;

    for (; *value; value++) {
        bool special = *value == '\\' || *value == '"' || *value == '\n';

        if (length + special + 1 > room)
            return room;
        if (special)
            out[length++] = '\\';
        out[length++] = *value == '\n' ? 'n' : *value;
    }
    return length;
}

char *seed_metrics_label(char *out, size_t room, const char *name,
    const char *value)
{
    size_t start = strlen(out), at = start, left, length;

    if (at + (at > 0) + strlen(name) + sizeof "=\"\"" > room)
        return out;

    at += (size_t)snprintf(out + at, room - at, "%s%s=\"", at ? "," : "",
        name);
    left = room - at - 2;
    length = escape(out + at, left + 1, value);
    if (length > left) {
        out[start] = '\0';
        return out;
    }
    memcpy(out + at + length, "\"", 2);
    return out;
}
