/* SPDX-License-Identifier: MIT */
/* The file format of speedscope: frames, and stacks of their numbers. */
#include "clinic/flame.h"
#include "clinic/quote.h"
#include "clinic/numbers.h"
#include "clinic/walk.h"

#include <seed.h>

#include <inttypes.h>

enum { DEEPEST = 2048 };

static uint64_t usec(uint64_t nsec)
{
    return (nsec + 500) / 1000;
}

static void add_frames(struct text *text, const struct numbers *numbers)
{
    for (size_t i = 0; i < numbers->frame_count; i++) {
        const struct frame *frame = numbers->frames[i];

        seed__text_add(text, i ? ",\n{\"name\":" : "\n{\"name\":");
        seed__quote(text, frame->name);
        if (*frame->file || *frame->module) {
            seed__text_add(text, ",\"file\":");
            seed__quote(text, *frame->file ? frame->file : frame->module);
        }
        if (frame->line)
            seed__text_printf(text, ",\"line\":%d", frame->line);
        seed__text_add(text, "}");
    }
}

static void add_stack(struct text *text, struct numbers *numbers,
    const struct node *node)
{
    const struct node *path[DEEPEST];
    size_t count = 0;

    for (const struct node *at = node; at && at->frame; at = at->parent)
        if (count < DEEPEST)
            path[count++] = at;
    seed__text_add(text, "[");
    while (count-- > 0)
        seed__text_printf(text, count ? "%zu," : "%zu",
            seed__numbers_frame(numbers, path[count]->frame));
    seed__text_add(text, "]");
}

static void add_samples(struct text *text, struct numbers *numbers,
    const struct tree *tree)
{
    const char *comma = "";

    for (const struct node *at = tree->root; at; at = walk_next(at)) {
        if (!at->self || !at->frame)
            continue;
        seed__text_add(text, comma);
        add_stack(text, numbers, at);
        comma = ",\n";
    }
    seed__text_add(text, "],\"weights\":[");
    comma = "";
    for (const struct node *at = tree->root; at; at = walk_next(at)) {
        if (!at->self || !at->frame)
            continue;
        seed__text_printf(text, "%s%" PRIu64, comma, usec(at->self));
        comma = ",";
    }
}

char *seed__flame_speedscope(const seed_flame *flame, size_t *length)
{
    struct numbers numbers;
    struct text text = { 0 };
    struct tree tree;

    if (seed__tree_make(&tree, flame))
        return NULL;
    seed__numbers_make(&numbers, &tree);
    seed__text_add(&text, "{\"$schema\":\"https://www.speedscope.app/"
        "file-format-schema.json\",\"exporter\":\"libseed " SEED_VERSION
        "\",\"name\":");
    seed__quote(&text, flame->title);
    seed__text_add(&text, ",\"activeProfileIndex\":0,\"shared\":{\"frames\":[");
    add_frames(&text, &numbers);
    seed__text_add(&text, "]},\"profiles\":[{\"type\":\"sampled\",\"name\":");
    seed__quote(&text, flame->title);
    seed__text_printf(&text, ",\"unit\":\"microseconds\",\"startValue\":0,"
        "\"endValue\":%" PRIu64 ",\"samples\":[", usec(tree.root->total));
    add_samples(&text, &numbers, &tree);
    seed__text_add(&text, "]}]}\n");
    text.failed = text.failed || numbers.failed;
    seed__numbers_clear(&numbers);
    seed__tree_clear(&tree);
    return seed__text_take(&text, length);
}
