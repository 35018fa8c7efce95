/* SPDX-License-Identifier: MIT */
/* Stacks are laid into the tree from their outermost call on. Those of before
 * the first turn of the loop come last: where they share calls with others
 * they use their nodes, and from where they part on they are `init`. */
#include "clinic/tree.h"
#include "clinic/reading.h"

#include <seed/error.h>
#include <seed/server.h>

#include <string.h>

enum { DEEPEST = SAMPLE_FRAMES * 16 + 2 };

struct tree_store {
    struct reading reading;
    struct node **index; /* by parent and frame, open */
    size_t mask;
};

/* A stack's frames, outermost first. */
struct path {
    struct named *frames[DEEPEST];
    size_t count;
};

/* --- nodes ---------------------------------------------------------------- */

static size_t hash(const struct node *parent, const struct frame *frame)
{
    uint64_t mixed = (uint64_t)(uintptr_t)parent * 0x9e3779b97f4a7c15u
        ^ (uint64_t)(uintptr_t)frame * 0xc2b2ae3d27d4eb4fu;

    return (size_t)(mixed >> 24);
}

static struct node **slot(const struct tree *tree, const struct node *parent,
    const struct frame *frame)
{
    const struct tree_store *store = tree->store;
    size_t at = hash(parent, frame) & store->mask;

    while (store->index[at] && (store->index[at]->parent != parent
            || store->index[at]->frame != frame))
        at = (at + 1) & store->mask;
    return &store->index[at];
}

/* At most half full. */
static bool grow(struct tree *tree)
{
    struct tree_store *store = tree->store;
    struct node **old = store->index;
    size_t before = old ? store->mask + 1 : 0;
    size_t room = before ? before * 2 : 1024;

    if (before && (tree->nodes + 1) * 2 <= before)
        return true;
    store->index = seed_resize(NULL, room * sizeof(struct node *));
    if (!store->index) {
        store->index = old;
        return false;
    }
    memset(store->index, 0, room * sizeof(struct node *));
    store->mask = room - 1;
    for (size_t i = 0; i < before; i++)
        if (old[i])
            *slot(tree, old[i]->parent, old[i]->frame) = old[i];
    seed_release(old);
    return true;
}

static struct node *child(struct tree *tree, struct node *parent,
    const struct frame *frame)
{
    struct node **at, *node;

    if (!grow(tree))
        return NULL;
    at = slot(tree, parent, frame);
    node = *at;
    if (node)
        return node;

    node = seed__shelf_take(&tree->store->reading.shelf, sizeof *node);
    if (!node)
        return NULL;
    node->parent = parent;
    node->frame = frame;
    if (parent) {
        node->next = parent->first;
        parent->first = node;
    }
    tree->nodes++;
    *at = node;
    return node;
}

/* --- paths ---------------------------------------------------------------- */

static bool add_span(struct reading *reading, struct path *path,
    const struct sample_span *span)
{
    char name[300];
    struct frame frame = { .name = name, .file = "", .module = "",
        .category = CATEGORY_SPAN };

    if (*span->pattern) {
        seed__reading_route(span, name, sizeof name);
        path->frames[path->count] = seed__reading_frame(reading, &frame);
        if (!path->frames[path->count++])
            return false;
    }
    frame.file = span->file;
    seed__reading_site(span, name, sizeof name);
    path->frames[path->count] = seed__reading_frame(reading, &frame);
    if (!path->frames[path->count])
        return false;
    path->frames[path->count++]->frame.line = span->line;
    return true;
}

/* What the allocator calls in the C library is the allocator too. */
static struct named *settle(struct reading *reading, const struct path *path,
    struct named *named)
{
    struct frame inner = named->frame;

    if (!path->count || inner.allocates || inner.category != CATEGORY_LIBC
        || !path->frames[path->count - 1]->frame.allocates)
        return named;
    inner.allocates = true;
    named = seed__reading_frame(reading, &inner);
    if (named)
        named->frame.line = inner.line;
    return named;
}

static bool add_spot(struct reading *reading, struct path *path,
    const struct spot *spot)
{
    for (size_t i = spot->count; i-- > 0;) {
        struct named *named = settle(reading, path, spot->frames[i]);

        if (!named)
            return false;
        path->frames[path->count++] = named;
    }
    return true;
}

/* The number of its outermost place in a loop, or its count. */
static size_t loop_of(const struct reading *reading,
    const struct stacked *stack)
{
    for (size_t i = stack->count; i-- > 0;)
        if (reading->of[stack->first + i]->loops)
            return i;
    return stack->count;
}

/* The span stands below the loop; without one, below everything. */
static bool lay_out(struct reading *reading, const struct stacked *stack,
    struct path *path)
{
    const struct sample_span *span = stack->span == STACKS_NO_SPAN ? NULL
        : &reading->stacks.spans[stack->span];
    size_t loop = loop_of(reading, stack);

    path->count = 0;
    if (span && loop == stack->count && !add_span(reading, path, span))
        return false;
    for (size_t i = stack->count; i-- > 0;) {
        if (!add_spot(reading, path, reading->of[stack->first + i]))
            return false;
        if (span && i == loop && !add_span(reading, path, span))
            return false;
    }
    return true;
}

/* --- stacks --------------------------------------------------------------- */

/* When the main thread was seen in a loop first. */
static uint64_t first_turn(const struct reading *reading)
{
    uint64_t first = 0;

    for (size_t i = 0; i < reading->stacks.count; i++) {
        const struct stacked *stack = &reading->stacks.all[i];

        if (stack->main && (!first || stack->began < first)
            && loop_of(reading, stack) < stack->count)
            first = stack->began;
    }
    return first;
}

static const struct frame *as_init(struct reading *reading,
    const struct named *named)
{
    struct frame init = named->frame;
    struct named *made;

    init.init = true;
    made = seed__reading_frame(reading, &init);
    if (!made)
        return NULL;
    made->frame.line = init.line;
    return &made->frame;
}

static bool add(struct tree *tree, const struct path *path, uint64_t weight,
    bool init)
{
    struct node *node = tree->root;
    bool parted = false;

    node->total += weight;
    for (size_t i = 0; i < path->count; i++) {
        const struct frame *frame = &path->frames[i]->frame;

        parted = parted || (init && !*slot(tree, node, frame));
        if (parted)
            frame = as_init(&tree->store->reading, path->frames[i]);
        node = frame ? child(tree, node, frame) : NULL;
        if (!node)
            return false;
        node->total += weight;
    }
    node->self += weight;
    return true;
}

static bool add_all(struct tree *tree, uint64_t turned, bool init)
{
    struct reading *reading = &tree->store->reading;
    struct path path;

    for (size_t i = 0; i < reading->stacks.count; i++) {
        const struct stacked *stack = &reading->stacks.all[i];
        bool early = stack->main && stack->ended < turned;

        if (early != init)
            continue;
        if (!lay_out(reading, stack, &path)
            || !add(tree, &path, stack->weight, init))
            return false;
    }
    return true;
}

int seed__tree_make(struct tree *tree, const seed_flame *flame)
{
    struct tree_store *store = seed_resize(NULL, sizeof *store);
    uint64_t turned;
    int error;

    *tree = (struct tree){ .store = store };
    if (!store)
        return SEED_ENOMEM;
    *store = (struct tree_store){ .index = NULL };
    error = seed__reading_make(&store->reading, flame);
    if (error) {
        seed_release(store);
        tree->store = NULL;
        return error;
    }

    turned = first_turn(&store->reading);
    tree->root = child(tree, NULL, NULL);
    if (tree->root && add_all(tree, turned, false)
        && add_all(tree, turned, true))
        return 0;
    seed__tree_clear(tree);
    return SEED_ENOMEM;
}

void seed__tree_clear(struct tree *tree)
{
    if (!tree->store)
        return;
    seed_release(tree->store->index);
    seed__reading_clear(&tree->store->reading);
    seed_release(tree->store);
    *tree = (struct tree){ 0 };
}
