/* SPDX-License-Identifier: MIT */
/* The ledger as an answer: a page to read, or JSON. */
#include "watch/accept.h"
#include "watch/ledger.h"
#include "watch/text.h"

#include <seed/error.h>
#include <seed/json.h>
#include <seed/res.h>
#include <seed/server.h>

#include <inttypes.h>

static double per_request(const struct seed_ledger_row *row)
{
    return row->requests ? (double)row->calls / (double)row->requests : 0;
}

static void put_row(seed_json *json, const struct seed_ledger_row *row)
{
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        { "calls", row->calls },
        { "requests", row->requests },
        { "wallNs", row->wall },
        { "selfNs", row->self },
        { "cpuNs", row->cpu },
        { "longestNs", row->longest },
        { "p50Ns", row->p50 },
        { "p99Ns", row->p99 },
        { "waits", row->waits },
        { "waitedNs", row->waited },
    };

    seed_json_object(json, NULL);
    seed_json_string(json, "kind", row->kind);
    seed_json_string(json, "function", row->function);
    seed_json_string(json, "file", row->file);
    seed_json_integer(json, "line", row->line);
    if (*row->pattern) {
        seed_json_string(json, "method", row->method);
        seed_json_string(json, "route", row->pattern);
    }
    seed_json_number(json, "callsPerRequest", per_request(row));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        seed_json_integer(json, numbers[i].key, (int64_t)numbers[i].value);
    seed_json_end(json);
}

static seed_step send_json(seed_res *res, const struct entry *entries,
    size_t count)
{
    seed_json json;

    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_array(&json, "rows");
    for (size_t i = 0; i < count; i++)
        put_row(&json, &entries[i].row);
    seed_json_end(&json);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

/* --- the page ------------------------------------------------------------- */

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Ledger</title>\n<style>\n"
    "body{font:15px/1.4 system-ui,sans-serif;margin:2em}\n"
    "table{border-collapse:collapse}\n"
    "th,td{padding:.25em .7em;border-bottom:1px solid #8884;"
    "text-align:right;white-space:nowrap}\n"
    "th{vertical-align:bottom}\n"
    "th:nth-child(-n+3),td:nth-child(-n+3){text-align:left}\n"
    "code{font-family:ui-monospace,monospace}\nsmall{opacity:.7}\n"
    "</style>\n<h1>Ledger</h1>\n"
    "<p>Every handler and hook that was called, the one with the most time of "
    "its own first. Sums are in milliseconds, single calls in microseconds."
    "</p>\n"
    "<table><thead><tr><th>function<th>registered as<th>at<th>calls"
    "<th>calls a<br>request<th>own, ms<th>share<th>CPU, ms<th>mean, us<th>half"
    "<br>within<th>99&nbsp;%<br>within<th>longest<th>waits<th>waited,"
    "<br>mean</tr></thead><tbody>\n";

static const char foot[] =
    "</tbody></table>\n"
    "<p><small>Own time is without other handlers and hooks that ran inside. "
    "More than one call a request: the function is registered more than once. "
    "CPU is an upper bound, shared out by time. Waiting is no part of any "
    "time but its own. The same as JSON: <code>Accept: application/json</code>."
    "</small></p>\n</html>\n";

static void put_ms(struct text *text, uint64_t nsec)
{
    seed__text_printf(text, "<td>%" PRIu64 ".%03" PRIu64, nsec / 1000000,
        nsec / 1000 % 1000);
}

static void put_us(struct text *text, uint64_t nsec)
{
    seed__text_printf(text, "<td>%" PRIu64 ".%02" PRIu64, nsec / 1000,
        nsec / 10 % 100);
}

static void put_name(struct text *text, const struct seed_ledger_row *row)
{
    seed__text_add(text, "<tr><td><code>");
    seed__text_html(text, row->function);
    seed__text_add(text, "</code><td>");
    seed__text_html(text, row->kind);
    if (*row->pattern) {
        seed__text_add(text, " <code>");
        seed__text_html(text, row->method);
        seed__text_add(text, " ");
        seed__text_html(text, row->pattern);
        seed__text_add(text, "</code>");
    }
    seed__text_add(text, "<td><code>");
    seed__text_html(text, row->file);
    seed__text_printf(text, ":%d</code>", row->line);
}

/* A number with one digit behind the point, in any locale. */
static void put_tenths(struct text *text, double number, const char *unit)
{
    uint64_t tenths = (uint64_t)(number * 10 + 0.5);

    seed__text_printf(text, "<td>%" PRIu64 ".%" PRIu64 "%s", tenths / 10,
        tenths % 10, unit);
}

static void put_line(struct text *text, const struct seed_ledger_row *row,
    uint64_t all)
{
    put_name(text, row);
    seed__text_printf(text, "<td>%" PRIu64, row->calls);
    put_tenths(text, per_request(row), "");
    put_ms(text, row->self);
    put_tenths(text, all ? 100 * (double)row->self / (double)all : 0,
        "&nbsp;%");
    put_ms(text, row->cpu);
    put_us(text, row->wall / row->calls);
    put_us(text, row->p50 < row->longest ? row->p50 : row->longest);
    put_us(text, row->p99 < row->longest ? row->p99 : row->longest);
    put_us(text, row->longest);
    seed__text_printf(text, "<td>%" PRIu64, row->waits);
    put_us(text, row->waits ? row->waited / row->waits : 0);
    seed__text_add(text, "</tr>\n");
}

static seed_step send_page(seed_res *res, const struct entry *entries,
    size_t count)
{
    struct text text = { 0 };
    uint64_t all = 0;
    size_t length;
    char *page;

    for (size_t i = 0; i < count; i++)
        all += entries[i].row.self;
    seed__text_add(&text, head);
    for (size_t i = 0; i < count; i++)
        put_line(&text, &entries[i].row, all);
    seed__text_add(&text, foot);

    page = seed__text_take(&text, &length);
    if (!page)
        return seed_fail(res, 503, "out of memory");
    seed_res_set_unchecked(res, "Content-Type", "text/html; charset=utf-8");
    seed_send_bytes(res, 200, page, length);
    seed_release(page);
    return SEED_STOP;
}

seed_step seed_ledger_send(seed_req *req, seed_res *res, void *ctx)
{
    const char *accept = seed_req_header_list(req, "Accept");
    struct entry *entries;
    size_t count;

    if (!ctx)
        return seed_fail(res, 404, "no ledger is kept");
    if (seed__ledger_entries(ctx, &entries, &count))
        return seed_fail(res, 503, "out of memory");

    seed_res_set_unchecked(res, "Cache-Control", "no-store");
    seed_res_set_unchecked(res, "Vary", "Accept");
    if (seed__accept_prefers(accept, "text/html", "application/json"))
        send_page(res, entries, count);
    else
        send_json(res, entries, count);
    seed_release(entries);
    return SEED_STOP;
}
