/* SPDX-License-Identifier: MIT */
#include "clinic/page.h"

#include "watch/text.h"

#include <seed/plugin.h>
#include <seed/server.h>

#include <string.h>

enum { SHA256_HEX = 64 + 1, SHA256_BASE64 = 44 + 1 };

/* The texts of one page, while it is put together. */
struct sheet {
    const struct page *page;
    const char *json, *before;
    struct text *out;
    char *script; /* joined, as its hash is of all of it */
};

/* A SHA-256 in hex, as base64 (RFC 4648, 4), which CSP wants: two digits and a
 * half a letter, and 32 bytes leave four bits and one '='. */
static void add_base64(struct text *out, const char *hex)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char digits[] = "0123456789abcdef";
    char base64[SHA256_BASE64] = "";
    unsigned bits = 0, held = 0;
    size_t at = 0;

    for (; *hex; hex++) {
        bits = bits << 4 | (unsigned)(strchr(digits, *hex) - digits);
        held += 4;
        if (held < 6)
            continue;
        held -= 6;
        base64[at++] = letters[bits >> held & 63];
    }
    base64[at++] = letters[bits << 2 & 63];
    base64[at] = '=';
    seed__text_add(out, base64);
}

/* Only this very script may run, whatever a recording has in its strings. */
static void add_policy(struct sheet *sheet)
{
    char hex[SHA256_HEX];

    seed__text_add(sheet->out, "default-src 'none'; base-uri 'none'; "
                               "form-action 'none'; img-src data:; "
                               "style-src 'unsafe-inline'; script-src ");
    if (seed_digest_hex(SEED_SHA256, sheet->script, strlen(sheet->script), hex,
            sizeof hex)) {
        sheet->out->failed = true;
        return;
    }
    seed__text_add(sheet->out, "'sha256-");
    add_base64(sheet->out, hex);
    seed__text_add(sheet->out, "'");
}

static void add_styles(struct sheet *sheet)
{
    for (const char *const *at = sheet->page->styles; *at; at++)
        seed__text_add(sheet->out, *at);
}

static void add_script(struct sheet *sheet)
{
    seed__text_add(sheet->out, sheet->script);
}

/* In JSON a '<' stands in strings only. Escaped, no string can end the
 * element, nor begin a comment in it that would swallow its end. */
static void add_json(struct text *out, const char *id, const char *json)
{
    size_t length;

    seed__text_printf(out, "<script type=\"application/json\" id=\"%s\">", id);
    for (; *json; json += length) {
        length = strcspn(json, "<");
        seed__text_printf(out, "%.*s", (int)length, json);
        if (!json[length])
            break;
        seed__text_add(out, "\\u003c");
        length++;
    }
    seed__text_add(out, "</script>\n");
}

static void add_data(struct sheet *sheet)
{
    add_json(sheet->out, sheet->page->id, sheet->json);
    if (sheet->before)
        add_json(sheet->out, "seed-before", sheet->before);
}

static const struct {
    const char *hole;
    void (*fill)(struct sheet *sheet);
} holes[] = {
    { "{{policy}}", add_policy },
    { "{{style}}", add_styles },
    { "{{data}}", add_data },
    { "{{script}}", add_script },
};

/* Fills the hole that the template begins with, if it does. Returns its
 * length. */
static size_t fill(struct sheet *sheet, const char *template)
{
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++) {
        size_t length = strlen(holes[i].hole);

        if (strncmp(template, holes[i].hole, length) != 0)
            continue;
        holes[i].fill(sheet);
        return length;
    }
    return 0;
}

static void add_page(struct sheet *sheet)
{
    const char *from = sheet->page->html, *hole;

    while ((hole = strstr(from, "{{"))) {
        seed__text_printf(sheet->out, "%.*s", (int)(hole - from), from);
        from = hole + fill(sheet, hole);
        if (from == hole) { /* no hole of ours */
            seed__text_add(sheet->out, "{{");
            from += 2;
        }
    }
    seed__text_add(sheet->out, from);
}

char *seed__page_make(const struct page *page, const char *json,
    const char *before, size_t *length)
{
    struct text script = { 0 }, out = { 0 };
    struct sheet sheet = { page, json, before, &out, NULL };

    for (const char *const *at = page->scripts; *at; at++)
        seed__text_add(&script, *at);
    sheet.script = seed__text_take(&script, NULL);
    if (!sheet.script)
        return NULL;

    add_page(&sheet);
    seed_release(sheet.script);
    return seed__text_take(&out, length);
}
