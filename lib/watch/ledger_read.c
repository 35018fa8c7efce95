/* SPDX-License-Identifier: MIT */
/* Reading the books: rows of all workers, those of one registration as one. */
#include "watch/ledger.h"

#include <seed/error.h>
#include <seed/route.h>
#include <seed/server.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A thing registered in two ways has two rows: what tells them apart is what a
 * reader of a listing, or a label, can see. */
static bool is_same(const struct seed_ledger_row *row, const seed_site *site)
{
    const char *pattern = site->route ? seed_route_pattern(site->route) : "";
    const char *method = site->route ? seed_route_method(site->route) : "";

    return row->line == site->line && !strcmp(row->kind, site->kind)
        && !strcmp(row->function, site->function)
        && !strcmp(row->file, site->file) && !strcmp(row->pattern, pattern)
        && !strcmp(row->method, method);
}

static struct entry *find_entry(struct entry *entries, size_t *count,
    const seed_site *site)
{
    struct entry *entry;

    for (entry = entries; entry < entries + *count; entry++)
        if (is_same(&entry->row, site))
            return entry;

    memset(entry, 0, sizeof *entry);
    entry->row = (struct seed_ledger_row){
        .kind = site->kind,
        .function = site->function,
        .file = site->file,
        .line = site->line,
        .method = site->route ? seed_route_method(site->route) : "",
        .pattern = site->route ? seed_route_pattern(site->route) : "",
        .address = site->address,
    };
    (*count)++;
    return entry;
}

static void add(struct entry *entry, const struct row *row)
{
    uint64_t longest = counter_get(&row->longest);

    entry->row.calls += counter_get(&row->calls);
    entry->row.requests += counter_get(&row->requests);
    entry->row.wall += counter_get(&row->wall);
    entry->row.self += counter_get(&row->self);
    entry->row.cpu += counter_get(&row->cpu);
    entry->row.waits += counter_get(&row->waits);
    entry->row.waited += counter_get(&row->waited);
    if (longest > entry->row.longest)
        entry->row.longest = longest;
    seed__histogram_sum(entry->bins, &row->latency);
}

static int by_self(const void *one, const void *other)
{
    const struct entry *a = one, *b = other;

    return (a->row.self < b->row.self) - (a->row.self > b->row.self);
}

static struct row *first_row(const struct seed_ledger *ledger, unsigned i)
{
    struct book *book = atomic_load_explicit(&ledger->books[i],
        memory_order_acquire);

    return book ? atomic_load_explicit(&book->rows, memory_order_acquire)
                : NULL;
}

/* Rows that are added after they were counted come in front of those that
 * `firsts` has. */
static size_t look(const struct seed_ledger *ledger,
    struct row *firsts[MOST_WORKERS])
{
    size_t count = 0;

    for (unsigned i = 0; i < MOST_WORKERS; i++) {
        firsts[i] = first_row(ledger, i);
        for (struct row *row = firsts[i]; row; row = row->next)
            count++;
    }
    return count;
}

int seed__ledger_entries(const struct seed_ledger *ledger,
    struct entry **entries, size_t *count)
{
    struct row *firsts[MOST_WORKERS];
    size_t room = look(ledger, firsts);

    *count = 0;
    *entries = seed_resize(NULL, (room + 1) * sizeof **entries);
    if (!*entries)
        return SEED_ENOMEM;

    for (unsigned i = 0; i < MOST_WORKERS; i++)
        for (struct row *row = firsts[i]; row; row = row->next)
            if (counter_get(&row->calls))
                add(find_entry(*entries, count, &row->site), row);
    for (size_t i = 0; i < *count; i++) {
        struct entry *entry = &(*entries)[i];

        entry->row.p50 = seed__histogram_share(entry->bins, 0.5);
        entry->row.p99 = seed__histogram_share(entry->bins, 0.99);
    }
    qsort(*entries, *count, sizeof **entries, by_self);
    return 0;
}

int seed_ledger_each(const seed_ledger *ledger,
    void (*each)(const struct seed_ledger_row *row, void *ctx), void *ctx)
{
    struct entry *entries;
    size_t count;
    int err = ledger ? seed__ledger_entries(ledger, &entries, &count) : 0;

    if (!ledger || err)
        return err;

    for (size_t i = 0; i < count; i++)
        each(&entries[i].row, ctx);
    seed_release(entries);
    return 0;
}

/* --- metrics -------------------------------------------------------------- */

static void write_labels(char *out, size_t room,
    const struct seed_ledger_row *row)
{
    char place[256];

    snprintf(place, sizeof place, "%s:%d", row->file, row->line);
    *out = '\0';
    seed_metrics_label(out, room, "kind", row->kind);
    seed_metrics_label(out, room, "function", row->function);
    seed_metrics_label(out, room, "place", place);
    if (!*row->pattern)
        return;
    seed_metrics_label(out, room, "method", row->method);
    seed_metrics_label(out, room, "route", row->pattern);
}

static void render_latency(seed_metrics_out *out, const struct entry *entry,
    const char *labels)
{
    static const double bounds[] = { 0.000001, 0.000005, 0.00001, 0.00005,
        0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10 };
    enum { COUNT = sizeof bounds / sizeof *bounds };
    uint64_t counts[COUNT + 1];
    struct seed_buckets buckets = { bounds, counts, COUNT,
        (double)entry->row.wall / 1e9 };

    seed__histogram_fold(entry->bins, bounds, COUNT, counts);
    seed_metrics_buckets(out, labels, &buckets);
}

static void render_time(seed_metrics_out *out, const struct entry *entry,
    const char *labels, size_t field)
{
    const char *row = (const char *)&entry->row;
    uint64_t nsec;

    memcpy(&nsec, row + field, sizeof nsec);
    if (nsec)
        seed_metrics_value(out, labels, (double)nsec / 1e9);
}

static void render_each(seed_metrics_out *out, const struct entry *entries,
    size_t count, size_t field)
{
    char labels[1024];

    for (size_t i = 0; i < count; i++) {
        write_labels(labels, sizeof labels, &entries[i].row);
        if (field)
            render_time(out, &entries[i], labels, field);
        else
            render_latency(out, &entries[i], labels);
    }
}

static void render(seed_metrics_out *out, void *ctx)
{
    static const struct {
        const char *name, *help;
        enum seed_metrics_type type;
        size_t field;
    } families[] = {
        { "seed_handler_duration_seconds",
            "Calls of handlers and hooks, and how long they took.",
            SEED_HISTOGRAM, 0 },
        { "seed_handler_self_seconds",
            "Time in handlers and hooks, without others that ran inside.",
            SEED_COUNTER, offsetof(struct seed_ledger_row, self) },
        { "seed_handler_cpu_seconds",
            "CPU time of handlers and hooks, without others that ran inside.",
            SEED_COUNTER, offsetof(struct seed_ledger_row, cpu) },
        { "seed_handler_waiting_seconds",
            "Time that requests waited for handlers that answer later.",
            SEED_COUNTER, offsetof(struct seed_ledger_row, waited) },
    };
    struct entry *entries;
    size_t count;

    if (seed__ledger_entries(ctx, &entries, &count))
        return;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        seed_metrics_family(out, families[i].name, families[i].type,
            families[i].help);
        render_each(out, entries, count, families[i].field);
    }
    seed_release(entries);
}

int seed_ledger_metrics(seed_ledger *ledger, seed_metrics *metrics)
{
    return ledger ? seed_metrics_source(metrics, render, ledger) : 0;
}
