/* SPDX-License-Identifier: MIT */
/* "main;loop;hook 1234": the calls from the outermost on, and microseconds of
 * CPU time. */
#include "clinic/flame.h"
#include "clinic/walk.h"

#include "watch/text.h"

#include <string.h>

enum { DEEPEST = 2048 };

/* What separates is not for names: ";" becomes ":", and a line ends none. */
static void add_name(struct text *text, const char *name)
{
    for (; *name; name++) {
        char letter[2] = { *name, '\0' };

        if (*letter == ';')
            *letter = ':';
        if (*letter == '\n' || *letter == '\r')
            *letter = ' ';
        seed__text_add(text, letter);
    }
}

static void add_line(struct text *text, const struct node *node)
{
    const struct node *path[DEEPEST];
    size_t count = 0;

    for (const struct node *at = node; at && at->frame; at = at->parent)
        if (count < DEEPEST)
            path[count++] = at;
    while (count-- > 0) {
        add_name(text, path[count]->frame->name);
        if (count)
            seed__text_add(text, ";");
    }
    seed__text_printf(text, " %llu\n",
        (unsigned long long)((node->self + 500) / 1000));
}

char *seed__flame_folded(const seed_flame *flame, size_t *length)
{
    struct text text = { 0 };
    struct tree tree;

    if (seed__tree_make(&tree, flame))
        return NULL;
    for (const struct node *at = tree.root; at; at = walk_next(at))
        if (at->self && at->frame)
            add_line(&text, at);
    seed__tree_clear(&tree);
    return seed__text_take(&text, length);
}
