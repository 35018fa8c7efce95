/* SPDX-License-Identifier: MIT */
/* What the flame graph's page carries, and the .json beside it: tables of
 * strings, frames and nodes that speak of each other by number. */
#include "clinic/flame.h"
#include "clinic/quote.h"
#include "clinic/numbers.h"
#include "clinic/walk.h"

#include <seed.h>

#include <inttypes.h>
#include <string.h>

enum { INLINED = 1, CLONE = 2, INIT = 8 };

static uint64_t usec(uint64_t nsec)
{
    return (nsec + 500) / 1000;
}

static void add_head(struct text *text, const seed_flame *flame,
    const struct seed_flame_counts *counts)
{
    char created[32] = "";
    struct tm when;

    if (gmtime_r(&flame->created, &when))
        strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &when);
    seed__text_add(text, "{\"kind\":\"seed-flame\",\"version\":1,\"title\":");
    seed__quote(text, flame->title);
    seed__text_printf(text, ",\"created\":\"%s\",\"libseed\":\"%s\","
        "\"hertz\":%u,\"seconds\":", created, SEED_VERSION,
        flame->recorded.hertz);
    seed__text_number(text, (double)usec(seed__flame_lasted(flame)) / 1e6);
    seed__text_printf(text, ",\"microseconds\":%" PRIu64 ",\"samples\":%" PRIu64
        ",\"dropped\":%" PRIu64 ",\"truncated\":%" PRIu64 ",\"complete\":%"
        PRIu64 ",\"unwinder\":\"%s\"", usec(counts->nanoseconds),
        counts->samples, counts->dropped, counts->truncated, counts->complete,
        counts->searched ? "search" : "tables");
}

static void add_frames(struct text *text, struct numbers *numbers)
{
    seed__text_add(text, ",\n\"frames\":[");
    for (size_t i = 0; i < numbers->frame_count; i++) {
        const struct frame *frame = numbers->frames[i];
        long file = *frame->file
            ? (long)seed__numbers_string(numbers, frame->file) : -1;

        seed__text_printf(text, "%s[%zu,%ld,%zu,%d,\"%s\",%d]", i ? "," : "",
            seed__numbers_string(numbers, frame->name), file,
            seed__numbers_string(numbers, frame->module), frame->line,
            seed__category_names[frame->category],
            (frame->inlined ? INLINED : 0) | (frame->clone ? CLONE : 0)
                | (frame->init ? INIT : 0));
    }
    seed__text_add(text, "],\n\"strings\":[");
    for (size_t i = 0; i < numbers->string_count; i++) {
        seed__text_add(text, i ? "," : "");
        seed__quote(text, numbers->strings[i]);
    }
    seed__text_add(text, "]");
}

/* Nodes are numbered as they come, parents before their children; where a
 * node's number is kept while its children need it: beside its depth. */
struct numbered {
    size_t *of; /* by depth */
    size_t depth, room;
};

static bool deepen(struct numbered *numbered)
{
    size_t room = numbered->room ? numbered->room * 2 : 64;
    size_t *of = numbered->of;

    if (numbered->depth < numbered->room)
        return true;
    of = seed_resize(of, room * sizeof *of);
    if (!of)
        return false;
    numbered->of = of;
    numbered->room = room;
    return true;
}

static bool add_nodes(struct text *text, struct numbers *numbers,
    const struct tree *tree)
{
    struct numbered numbered = { .of = NULL };
    const struct node *before = NULL;
    size_t number = 0;
    bool fine = true;

    seed__text_add(text, ",\n\"nodes\":[");
    for (const struct node *at = tree->root; at && fine; at = walk_next(at)) {
        /* From the node before up to this one's parent. */
        for (; before && before != at->parent; before = before->parent)
            numbered.depth--;
        fine = deepen(&numbered);
        if (!fine)
            break;
        seed__text_printf(text, "%s[%ld,%ld,%" PRIu64 ",%" PRIu64 "]",
            number ? "," : "",
            at->parent ? (long)numbered.of[numbered.depth - 1] : -1L,
            at->frame ? (long)seed__numbers_frame(numbers, at->frame) : -1L,
            usec(at->self), usec(at->total));
        numbered.of[numbered.depth++] = number++;
        before = at;
    }
    seed__text_add(text, "]}\n");
    seed_release(numbered.of);
    return fine;
}

char *seed__flame_json(const seed_flame *flame, size_t *length)
{
    struct seed_flame_counts counts = seed_flame_counts(flame);
    struct numbers numbers;
    struct text text = { 0 };
    struct tree tree;
    bool fine;

    if (seed__tree_make(&tree, flame))
        return NULL;
    seed__numbers_make(&numbers, &tree);
    add_head(&text, flame, &counts);
    add_frames(&text, &numbers);
    fine = add_nodes(&text, &numbers, &tree) && !numbers.failed;
    seed__numbers_clear(&numbers);
    seed__tree_clear(&tree);
    if (fine)
        return seed__text_take(&text, length);

    text.failed = true;
    return seed__text_take(&text, length);
}

/* --- an earlier one ------------------------------------------------------- */

/* In a page it stands in its script element; a file is it as a whole. */
char *seed__flame_find_json(const char *bytes, size_t length)
{
    static const char id[] = "id=\"seed-flame\"";
    static const char kind[] = "{\"kind\":\"seed-flame\"";
    const char *at = memmem(bytes, length, id, sizeof id - 1);
    const char *end = bytes + length;
    struct text text = { 0 };

    if (at) {
        at = memmem(at, (size_t)(end - at), kind, sizeof kind - 1);
        end = at ? memmem(at, (size_t)(end - at), "</script", 8) : NULL;
    } else {
        at = length >= sizeof kind - 1 && !memcmp(bytes, kind,
            sizeof kind - 1) ? bytes : NULL;
    }
    if (!at || !end)
        return NULL;

    for (const char *part; at < end; at = part + 1) {
        part = memmem(at, (size_t)(end - at), "</", 2);
        if (!part) {
            seed__text_printf(&text, "%.*s", (int)(end - at), at);
            break;
        }
        seed__text_printf(&text, "%.*s<\\", (int)(part - at), at);
    }
    return seed__text_take(&text, NULL);
}
