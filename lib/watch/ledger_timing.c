/* SPDX-License-Identifier: MIT */
/* Server-Timing: what ran for a request until its head left, in the order of
 * ending, then what still runs. A hook before the first handler sees whether it
 * is wanted; the send stage writes it. */
#include "watch/ledger.h"

#include <seed/error.h>
#include <seed/hook.h>
#include <seed/res.h>
#include <seed/server.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FIELD_ROOM = 2048 };

struct field {
    char text[FIELD_ROOM];
    size_t length;
};

static void ask_timing(const seed_event *event, void *ctx)
{
    const struct seed_ledger *ledger = ctx;
    struct visit *visit;

    if (!ledger->timing
        && !seed_req_header(event->req, ledger->timing_field))
        return;

    visit = seed__ledger_visit(ledger, event->req, true);
    if (!visit)
        return;
    visit->timing = seed_req_alloc(event->req, sizeof *visit->timing);
    if (visit->timing)
        *visit->timing = (struct timing){ 0 };
}

void seed__timing_add(struct visit *visit, const seed_site *site,
    uint64_t nsec)
{
    struct timing *timing = visit ? visit->timing : NULL;

    if (!timing || timing->count == MOST_PARTS)
        return;
    timing->parts[timing->count++] = (struct part){ site, nsec };
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* What may not stand in a token (RFC 9110 5.6.2), or in a quoted string,
 * becomes "_": a registration may spell a function in any way. */
static void copy_clean(char *out, size_t room, const char *text, bool token)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    size_t i;

    for (i = 0; i + 1 < room && text[i]; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool letter = (byte | 32) >= 'a' && (byte | 32) <= 'z';
        bool digit = byte >= '0' && byte <= '9';
        bool clean = token ? letter || digit || strchr(marks, byte)
                           : byte >= ' ' && byte < 127 && byte != '"'
                               && byte != '\\';

        out[i] = clean ? (char)byte : '_';
    }
    out[i] = '\0';
}

static void put_entry(struct field *field, const char *entry)
{
    size_t length = strlen(entry), comma = field->length ? 2 : 0;

    if (field->length + comma + length >= sizeof field->text)
        return;
    if (comma)
        memcpy(field->text + field->length, ", ", 2);
    memcpy(field->text + field->length + comma, entry, length + 1);
    field->length += comma + length;
}

static void put_part(struct field *field, const seed_site *site,
    uint64_t nsec)
{
    char name[64], file[64], entry[256];

    copy_clean(name, sizeof name, site->function, true);
    copy_clean(file, sizeof file, base_name(site->file), false);
    snprintf(entry, sizeof entry, "%s;desc=\"%s %s:%d\";dur=%" PRIu64
        ".%06" PRIu64, *name ? name : "_", site->kind, file, site->line,
        nsec / 1000000, nsec % 1000000);
    put_entry(field, entry);
}

static void put_sum(struct field *field, const char *name, uint64_t nsec)
{
    char entry[64];

    snprintf(entry, sizeof entry, "%s;dur=%" PRIu64 ".%06" PRIu64, name,
        nsec / 1000000, nsec % 1000000);
    put_entry(field, entry);
}

/* The innermost span is this hook itself. */
static void put_running(struct field *field, const struct book *book,
    uint64_t number, uint64_t now)
{
    for (unsigned i = 0; i + 1 < book->depth && i < MOST_NESTED; i++) {
        const struct span *span = &book->spans[i];

        if (span->row && span->number == number)
            put_part(field, &span->row->site, now - span->start);
    }
}

static void send_timing(const seed_event *event, void *ctx)
{
    struct seed_ledger *ledger = ctx;
    struct visit *visit = seed__ledger_visit(ledger, event->req, false);
    struct timing *timing = visit ? visit->timing : NULL;
    struct book *book = seed__ledger_book(ledger, event->req);
    uint64_t now = seed_now();
    struct field field;
    uint64_t waited;

    if (!timing || !book)
        return;

    field.length = 0;
    for (unsigned i = 0; i < timing->count; i++)
        put_part(&field, timing->parts[i].site, timing->parts[i].nsec);
    put_running(&field, book, seed_req_number(event->req), now);
    /* Who waits may send before he goes on. */
    waited = timing->waited + (visit->since ? now - visit->since : 0);
    if (waited)
        put_sum(&field, "wait", waited);
    put_sum(&field, "total", now - seed_req_begun(event->req));
    seed_res_append(event->res, "Server-Timing", field.text);
}

int seed__timing_start(struct seed_ledger *ledger)
{
    int err = seed_on(ledger->server, SEED_ON_PRE, ask_timing, ledger);

    return err ? err : seed_on(ledger->server, SEED_ON_SEND, send_timing,
        ledger);
}

void seed__timing_stop(struct seed_ledger *ledger)
{
    seed_off(ledger->server, SEED_ON_PRE, ask_timing, ledger);
    seed_off(ledger->server, SEED_ON_SEND, send_timing, ledger);
}
