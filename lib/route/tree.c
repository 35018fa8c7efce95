/* SPDX-License-Identifier: MIT */
/* "/seed/v1", "/seed/v2/:a-:b", "/:page" and a "*" below "/files" make this
 * tree. Round things are places between segments, what is between them are
 * twigs:
 *
 *     ( ) -- seed ------- ( ) -- v -- 1 -- (end)
 *      |                          `-- 2 -- ( ) -- :a-:b -- (end)
 *      |--- files ------- (wild)
 *      `--- :page ------- (end)
 *
 * A place is reached by one way only, and always after the same number of
 * segments. So a search needs no stack (the way back is written in the tree),
 * and as it tries each place at most once, no path makes it explode.
 */
#include "route/tree.h"

#include <seed/error.h>

#include <string.h>

/* Setting up. */

static void init_place(struct place *place, struct place *above,
    struct twig *twig, struct shape *shape)
{
    *place = (struct place){ .above = above, .twig = twig, .shape = shape,
        .depth = above->depth + 1 };
}

/* Most twigs have a few keys: a loop is over before memchr() has begun. */
static struct twig *find_twig(const struct twig *twig, struct str text)
{
    unsigned char byte = (unsigned char)*text.at;
    unsigned i = 0;

    while (i < twig->count && twig->keys[i] != byte)
        i++;
    return i < twig->count ? twig->twigs[i] : NULL;
}

static bool grow(struct twig *twig, struct arena *arena)
{
    unsigned room = twig->room ? 2 * twig->room : 2;
    unsigned char *keys = seed__arena_alloc(arena, room);
    struct twig **twigs = seed__arena_alloc(arena, room * sizeof *twigs);

    if (!keys || !twigs)
        return false;
    if (twig->count) {
        memcpy(keys, twig->keys, twig->count);
        memcpy(twigs, twig->twigs, twig->count * sizeof *twigs);
    }

    twig->keys = keys;
    twig->twigs = twigs;
    twig->room = room;
    return true;
}

static bool attach(struct twig *above, struct twig *twig, struct arena *arena)
{
    if (above->count == above->room && !grow(above, arena))
        return false;

    above->keys[above->count] = (unsigned char)*twig->label.at;
    above->twigs[above->count++] = twig;
    twig->above = above;
    return true;
}

static struct twig *new_twig(struct str label, struct arena *arena)
{
    struct twig *twig = seed__arena_alloc(arena, sizeof *twig);

    if (twig)
        *twig = (struct twig){ .label = label };
    return twig;
}

static size_t common_length(struct str a, struct str b)
{
    size_t i = 0;

    while (i < a.length && i < b.length && a.at[i] == b.at[i])
        i++;
    return i;
}

/* Puts a new twig above one, with the first bytes of its label. The lower one
 * stays the same object: places point to it. */
static struct twig *split(struct twig *lower, size_t at, struct arena *arena)
{
    struct twig *above = lower->above;
    struct twig *upper =
        new_twig((struct str){ lower->label.at, at }, arena);
    unsigned i = 0;

    if (!upper || !grow(upper, arena))
        return NULL;
    while (above->twigs[i] != lower)
        i++;

    above->twigs[i] = upper;
    upper->above = above;
    lower->label.at += at;
    lower->label.length -= at;
    upper->keys[0] = (unsigned char)*lower->label.at;
    upper->twigs[0] = lower;
    upper->count = 1;
    lower->above = upper;
    return upper;
}

/* The twig at which this text ends, made where it is missing. */
static struct twig *grow_twig(struct twig *twig, struct str text,
    struct arena *arena)
{
    while (text.length) {
        struct twig *next = find_twig(twig, text);
        size_t common;

        if (!next) {
            next = new_twig(text, arena);
            return next && attach(twig, next, arena) ? next : NULL;
        }
        common = common_length(next->label, text);
        if (common < next->label.length)
            next = split(next, common, arena);
        if (!next)
            return NULL;
        twig = next;
        text.at += common;
        text.length -= common;
    }
    return twig;
}

static struct place *grow_fixed(struct place *above, struct twig *twig,
    struct arena *arena)
{
    if (twig->fixed)
        return twig->fixed;

    twig->fixed = seed__arena_alloc(arena, sizeof *twig->fixed);
    if (twig->fixed)
        init_place(twig->fixed, above, twig, NULL);
    return twig->fixed;
}

static struct place *grow_shape(struct place *above, struct twig *twig,
    const struct segment *segment, struct arena *arena)
{
    struct shape **at = &twig->shapes, *shape;

    while (*at && seed__segment_compare((*at)->segment, segment) < 0)
        at = &(*at)->next;
    if (*at && !seed__segment_compare((*at)->segment, segment))
        return &(*at)->place;

    shape = seed__arena_alloc(arena, sizeof *shape);
    if (!shape)
        return NULL;
    *shape = (struct shape){ .segment = segment, .next = *at };
    init_place(&shape->place, above, twig, shape);
    *at = shape;
    return &shape->place;
}

static struct place *grow_place(struct place *place,
    const struct segment *segment, struct arena *arena)
{
    struct twig *twig = grow_twig(&place->root, segment->prefix, arena);

    if (!twig)
        return NULL;

    return segment->params ? grow_shape(place, twig, segment, arena) :
                             grow_fixed(place, twig, arena);
}

int seed__tree_add(struct tree *tree, const struct pattern *pattern,
    struct arena *arena, const struct pattern **there)
{
    const struct segment *segment = pattern->segments;
    const struct segment *end = segment + pattern->count;
    struct place *place = &tree->root;
    const struct pattern **leaf;

    for (; segment < end && !segment->wild; segment++) {
        place = grow_place(place, segment, arena);
        if (!place)
            return SEED_ENOMEM;
    }

    leaf = segment < end ? &place->wild : &place->end;
    if (*leaf) {
        *there = *leaf;
        return SEED_EDUP;
    }
    *leaf = pattern;
    return 0;
}

/* Finding. */

/* Labels are short, and their first byte is known to be the same. */
static bool starts_with(struct str text, struct str start)
{
    size_t i = 1;

    if (text.length < start.length)
        return false;
    while (i < start.length && text.at[i] == start.at[i])
        i++;
    return i == start.length;
}

/* The first place that a segment leads to by these parameters, or by those of
 * the twigs above. */
static struct place *try_shapes(const struct twig *twig, struct shape *shape,
    struct str text, struct walk *walk)
{
    for (;;) {
        for (; shape; shape = shape->next) {
            walk->steps++;
            if (seed__segment_match(shape->segment, text, NULL))
                return &shape->place;
        }
        twig = twig->above;
        if (!twig)
            return NULL;
        shape = twig->shapes;
    }
}

/* The best place that the next segment leads to. */
static struct place *go_down(const struct place *place, struct walk *walk)
{
    const struct twig *twig = &place->root;
    struct str text, rest;

    if (place->depth >= walk->count)
        return NULL;
    text = rest = walk->segments[place->depth];

    while (rest.length) {
        const struct twig *next = find_twig(twig, rest);

        walk->steps++;
        if (!next || !starts_with(rest, next->label))
            return try_shapes(twig, twig->shapes, text, walk);
        rest.at += next->label.length;
        rest.length -= next->label.length;
        twig = next;
    }
    if (twig->fixed)
        return twig->fixed;

    return try_shapes(twig, twig->shapes, text, walk);
}

/* The next best place that the same segment leads to. */
static struct place *go_beside(const struct place *place, struct walk *walk)
{
    struct str text = walk->segments[place->above->depth];
    struct shape *next =
        place->shape ? place->shape->next : place->twig->shapes;

    return try_shapes(place->twig, next, text, walk);
}

const struct pattern *seed__tree_find(const struct tree *tree,
    struct walk *walk)
{
    const struct place *place = &tree->root;

    for (;;) {
        const struct place *next = go_down(place, walk);

        if (place->end && place->depth == walk->count)
            return place->end;

        /* Nothing below: the rest of the path, or back and beside. */
        while (!next) {
            if (place->wild && place->depth < walk->count)
                return place->wild;
            if (!place->above)
                return NULL;
            next = go_beside(place, walk);
            place = place->above;
        }
        place = next;
    }
}

static bool bind_value(struct param *param, struct arena *arena)
{
    param->value.at = seed__arena_copy(arena, param->value.at,
        param->value.length);
    return param->value.at != NULL;
}

static void read_values(const struct pattern *pattern,
    const struct walk *walk, struct param *params)
{
    for (unsigned i = 0; i < pattern->count; i++) {
        const struct segment *segment = &pattern->segments[i];
        struct str text = walk->segments[i];

        if (segment->wild) {
            params->value =
                (struct str){ text.at, (size_t)(walk->end - text.at) };
        } else if (segment->params) {
            seed__segment_match(segment, text, params);
            params += segment->params;
        }
    }
}

bool seed__tree_bind(const struct pattern *pattern, const struct walk *walk,
    struct arena *arena, struct match *out)
{
    struct param *params = NULL;

    if (pattern->params) {
        params = seed__arena_alloc(arena, pattern->params * sizeof *params);
        if (!params)
            return false;
        read_values(pattern, walk, params);
    }
    for (unsigned i = 0; i < pattern->params; i++) {
        params[i].name = pattern->names[i];
        if (!bind_value(&params[i], arena))
            return false;
    }

    *out = (struct match){ pattern->value, params, pattern->params };
    return true;
}
