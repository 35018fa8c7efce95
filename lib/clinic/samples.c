/* SPDX-License-Identifier: MIT */
/* Each node with time of its own is a place where samples ended; the way from
 * there to the root tells in whose name, and for what. */
#include "clinic/samples.h"

#include "watch/map.h"

#include <seed/server.h>

#include <stdio.h>
#include <string.h>

enum { MOST_FUNCTIONS = 4096 };

/* Time by function: its own, or that of all it calls. */
struct function {
    const struct frame *frame;
    uint64_t self, outside;
};

struct reader {
    struct facts *facts;
    uint64_t all;                 /* nanoseconds of all samples */
    struct map by_frame;
    struct function *functions;
    size_t count;
};

/* What was met on the way to the root. */
struct way {
    const struct frame *span;     /* the innermost site, NULL: none         */
    const struct frame *outside;  /* the outermost function of the program's
                                   * below the loop, when there is no span  */
    bool openssl, jansson;        /* within the span                        */
    bool allocates;
};

static struct function *function_of(struct reader *reader,
    const struct frame *frame)
{
    struct function *function = map_find(&reader->by_frame, frame);

    if (function || reader->count == MOST_FUNCTIONS)
        return function;
    function = &reader->functions[reader->count];
    if (!seed__map_put(&reader->by_frame, frame, function))
        return NULL;
    reader->count++;
    *function = (struct function){ .frame = frame };
    return function;
}

/* A route's node is called by its method and path, a site's "use: etagger
 * (slow.c:30)". */
static bool is_site(const struct frame *frame)
{
    const char *colon = strchr(frame->name, ':');

    return frame->category == CATEGORY_SPAN && colon && colon[1] == ' ';
}

static bool is_loop(const struct frame *frame)
{
    return frame->category == CATEGORY_LIBEVENT
        || frame->category == CATEGORY_LIBSEED;
}

static struct way look(const struct node *node)
{
    const struct frame *candidate = NULL;
    struct way way = { .span = NULL };

    for (; node && node->frame; node = node->parent) {
        const struct frame *frame = node->frame;

        way.allocates |= frame->allocates;
        if (is_site(frame) && !way.span)
            way.span = frame;
        if (!way.span) {
            way.openssl |= frame->category == CATEGORY_OPENSSL;
            way.jansson |= frame->category == CATEGORY_JANSSON;
        }
        if (frame->category == CATEGORY_APP)
            candidate = frame;
        /* What stands above the loop is main(). */
        if (is_loop(frame) && candidate) {
            way.outside = candidate;
            candidate = NULL;
        }
    }
    return way;
}

static struct span_fact *span_of(struct facts *facts,
    const struct frame *frame)
{
    char name[sizeof facts->spans->kind + NAME_ROOM + 8];

    for (size_t i = 0; i < facts->span_count; i++) {
        struct span_fact *span = &facts->spans[i];
        int length = snprintf(name, sizeof name, "%s: %s (", span->kind,
            span->function);

        if (span->line == frame->line && !strcmp(span->file, frame->file)
            && !strncmp(name, frame->name, (size_t)length))
            return span;
    }
    return NULL;
}

static void add_node(struct reader *reader, const struct node *node)
{
    struct facts *facts = reader->facts;
    struct way way = look(node);
    double share = (double)node->self / (double)reader->all;
    struct span_fact *span = way.span ? span_of(facts, way.span) : NULL;
    struct function *function = function_of(reader, node->frame);

    facts->categories[node->frame->category] += share;
    if (way.allocates)
        facts->allocating += share;
    if (span && way.openssl)
        span->openssl += share;
    if (span && way.jansson && !way.openssl)
        span->jansson += share;
    if (span && way.allocates)
        span->allocating += share;
    if (function)
        function->self += node->self;
    function = way.span || !way.outside ? NULL
                                        : function_of(reader, way.outside);
    if (function)
        function->outside += node->self;
}

/* In the order in which it was written: children, then what comes next. */
static const struct node *following(const struct node *node)
{
    if (node->first)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}

static void fill_top(struct top_fact *top, const struct frame *frame,
    double share)
{
    snprintf(top->name, sizeof top->name, "%s", frame->name);
    snprintf(top->file, sizeof top->file, "%s", frame->file);
    top->line = frame->line;
    top->category = frame->category;
    top->self = share;
}

/* The largest of those that are left, again and again: they are few. */
static void fill_tops(struct reader *reader)
{
    struct facts *facts = reader->facts;

    while (facts->top_count < FACT_TOPS) {
        struct function *best = NULL;

        for (size_t i = 0; i < reader->count; i++)
            if (!best || reader->functions[i].self > best->self)
                best = &reader->functions[i];
        if (!best || !best->self)
            return;
        fill_top(&facts->tops[facts->top_count++], best->frame,
            (double)best->self / (double)reader->all);
        best->self = 0;
    }
}

static void fill_outside(struct reader *reader)
{
    const struct function *best = NULL;

    for (size_t i = 0; i < reader->count; i++)
        if (!best || reader->functions[i].outside > best->outside)
            best = &reader->functions[i];
    if (best && best->outside)
        fill_top(&reader->facts->outside, best->frame,
            (double)best->outside / (double)reader->all);
}

void seed__samples_read(const struct tree *tree, struct facts *facts)
{
    struct reader reader = { .facts = facts, .all = tree->root->total };

    if (!reader.all)
        return;
    reader.functions = seed_resize(NULL,
        MOST_FUNCTIONS * sizeof *reader.functions);
    if (!reader.functions)
        return;

    for (const struct node *node = tree->root; node; node = following(node))
        if (node->frame && node->self)
            add_node(&reader, node);
    fill_tops(&reader);
    fill_outside(&reader);
    seed__map_clear(&reader.by_frame);
    seed_release(reader.functions);
}
