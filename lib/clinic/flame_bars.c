/* SPDX-License-Identifier: MIT */
#include "clinic/flame_bars.h"
#include "clinic/plain.h"
#include "clinic/tree.h"

#include "watch/map.h"
#include "watch/text.h"

#include <seed/server.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BAR = 24, STEPS = 16, HOTTEST = 6, MOST = 4096 };

struct hot {
    const struct frame *frame;
    uint64_t self;
};

/* --- the widest way ------------------------------------------------------- */

static const struct node *widest(const struct node *node)
{
    const struct node *best = node->first;

    for (const struct node *child = best; child; child = child->next)
        if (child->total > best->total)
            best = child;
    return best;
}

static void put_bar(struct text *text, double share)
{
    int length = (int)(share * BAR + 0.5);

    for (int i = 0; i < BAR; i++)
        seed__text_add(text, i < length ? "#" : ".");
    seed__text_printf(text, " %5.1f %%  ", 100 * share);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void put_name(struct text *text, const struct frame *frame,
    unsigned indent)
{
    int most = 44 - (int)indent;

    seed__text_printf(text, "%*s%.*s", (int)indent, "", most, frame->name);
    if (*frame->file && frame->line && frame->category != CATEGORY_SPAN)
        seed__text_printf(text, " (%.40s:%d)", base_name(frame->file),
            frame->line);
    seed__text_add(text, "\n");
}

/* What main, the loop and libevent put on every stack says nothing: the way
 * begins at the first span, or at the root when most work is for none. */
static const struct node *first_span(const struct node *root)
{
    for (const struct node *node = root; node; node = widest(node))
        if (node->frame && node->frame->category == CATEGORY_SPAN)
            return node;
    return widest(root);
}

/* What carries requests to functions is under each of them. */
static bool is_plumbing(const struct node *node)
{
    return node->first && (node->frame->category == CATEGORY_LIBSEED
                              || node->frame->category == CATEGORY_LIBEVENT);
}

static void put_way(struct text *text, const struct tree *tree)
{
    const struct node *node = first_span(tree->root);
    unsigned step = 0;

    seed__text_add(text, "The widest way through the stacks:\n");
    for (; node && step < STEPS; node = widest(node)) {
        if (node->total * 50 < tree->root->total)
            break;
        if (is_plumbing(node))
            continue;
        put_bar(text, (double)node->total / (double)tree->root->total);
        put_name(text, node->frame, step++);
    }
}

/* --- the hottest ---------------------------------------------------------- */

static void count(struct map *map, struct hot *all, size_t *used,
    const struct node *node)
{
    struct hot *hot = map_find(map, node->frame);

    if (!hot && *used < MOST) {
        hot = &all[*used];
        if (!seed__map_put(map, node->frame, hot))
            return;
        ++*used;
        *hot = (struct hot){ node->frame, 0 };
    }
    if (hot)
        hot->self += node->self;
}

/* Every node, without recursion: down, then along, then up. */
static const struct node *next_node(const struct node *node)
{
    if (node->first)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}

static int hotter(const void *left, const void *right)
{
    const struct hot *a = left, *b = right;

    return (a->self < b->self) - (a->self > b->self);
}

static void put_hottest(struct text *text, const struct tree *tree)
{
    struct hot *all = seed_resize(NULL, MOST * sizeof *all);
    struct map map = { 0 };
    size_t used = 0;

    if (!all) {
        text->failed = true;
        return;
    }
    for (const struct node *node = tree->root->first; node;
         node = next_node(node))
        if (node->self)
            count(&map, all, &used, node);
    qsort(all, used, sizeof *all, hotter);
    seed__text_add(text, "The hottest functions, by time of their own:\n");
    for (size_t i = 0; i < used && i < HOTTEST; i++) {
        put_bar(text, (double)all[i].self / (double)tree->root->total);
        put_name(text, all[i].frame, 0);
    }
    seed__map_clear(&map);
    seed_release(all);
}

char *seed__flame_bars(seed_flame *flame)
{
    struct seed_flame_counts counts = seed_flame_counts(flame);
    struct text text = { 0 };
    struct tree tree;
    locale_t before;

    if (seed__tree_make(&tree, flame))
        return NULL;
    before = seed__plain_begin();
    seed__text_printf(&text, "Flame graph: %" PRIu64 " samples, %.2f s of CPU"
        " time\n", counts.samples, (double)counts.nanoseconds / 1e9);
    if (tree.root->total) {
        put_way(&text, &tree);
        put_hottest(&text, &tree);
    }
    seed__plain_end(before);
    seed__tree_clear(&tree);
    return seed__text_take(&text, NULL);
}
