/* SPDX-License-Identifier: MIT */
#include "route/pattern.h"

#include "route/piece.h"

#include <seed/error.h>

#include <assert.h>
#include <string.h>

/* What a pattern needs, counted before memory is asked for. */
struct needs {
    unsigned segments, params;
    size_t bytes;
};

static const char *judge(const char *text, struct needs *needs)
{
    struct pieces pieces = { .at = text };
    enum piece piece;

    if (!text || *text != '/')
        return "a pattern starts with '/'";

    while ((piece = seed__piece_next(&pieces)) != PIECE_END) {
        if (piece == PIECE_BAD)
            return pieces.why;
        needs->segments += piece == PIECE_SLASH;
        needs->bytes += piece == PIECE_BYTE;
        if (needs->segments > PATTERN_DEPTH)
            return "it has more than 64 segments";
        if (piece != PIECE_PARAM && piece != PIECE_WILD)
            continue;
        needs->params++;
        needs->bytes += pieces.name.length + 1;
        if (needs->params > PATTERN_PARAMS)
            return "it has more than 64 parameters";
    }
    return NULL;
}

/* A pattern in the making. `open` is the fixed text that grows; its bytes are
 * contiguous because a name, copied between, always opens a new one. */
struct making {
    struct pattern *pattern;
    struct str *open, *after;
    char *text;
};

static struct segment *last_segment(struct making *making)
{
    return &making->pattern->segments[making->pattern->count - 1];
}

static void open_text(struct making *making, struct str *text)
{
    *text = (struct str){ making->text, 0 };
    making->open = text;
}

static void add_segment(struct making *making)
{
    making->pattern->count++;
    *last_segment(making) = (struct segment){ .after = making->after };
    open_text(making, &last_segment(making)->prefix);
}

static void add_name(struct making *making, struct str name)
{
    making->pattern->names[making->pattern->params++] =
        (struct str){ making->text, name.length };
    memcpy(making->text, name.at, name.length);
    making->text[name.length] = '\0';
    making->text += name.length + 1;
}

static void add_piece(struct making *making, enum piece piece,
    const struct pieces *pieces)
{
    switch (piece) {
    case PIECE_SLASH:
        add_segment(making);
        break;
    case PIECE_BYTE:
        assert(making->open); /* a slash came first */
        *making->text++ = pieces->byte;
        making->open->length++;
        break;
    case PIECE_PARAM:
        add_name(making, pieces->name);
        last_segment(making)->params++;
        open_text(making, making->after++);
        break;
    case PIECE_WILD:
        add_name(making, pieces->name);
        last_segment(making)->wild = true;
        break;
    case PIECE_END: /* unreachable: who calls stops there */
    case PIECE_BAD:
        break;
    }
}

static bool has_name_twice(const struct pattern *pattern)
{
    for (unsigned i = 0; i < pattern->params; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (seed__str_same(pattern->names[i], pattern->names[j]))
                return true;
        }
    }
    return false;
}

static bool make_room(struct making *making, const struct needs *needs,
    struct arena *arena)
{
    struct pattern *pattern = seed__arena_alloc(arena, sizeof *pattern);
    struct segment *segments =
        seed__arena_alloc(arena, needs->segments * sizeof *segments);
    struct str *strs =
        seed__arena_alloc(arena, 2 * needs->params * sizeof *strs);

    making->text = seed__arena_bytes(arena, needs->bytes);
    if (!pattern || !segments || !strs || !making->text)
        return false;

    *pattern = (struct pattern){ .segments = segments, .names = strs };
    making->pattern = pattern;
    making->after = strs + needs->params;
    return true;
}

int seed__pattern_parse(struct pattern **out, const char *text,
    struct arena *arena, const char **why)
{
    struct making making = { 0 };
    struct pieces pieces = { .at = text };
    struct needs needs = { 0 };
    enum piece piece;

    *why = judge(text, &needs);
    if (*why)
        return SEED_EPATTERN;
    if (!make_room(&making, &needs, arena))
        return SEED_ENOMEM;

    while ((piece = seed__piece_next(&pieces)) != PIECE_END)
        add_piece(&making, piece, &pieces);
    if (has_name_twice(making.pattern)) {
        *why = "it has the same parameter twice";
        return SEED_EPATTERN;
    }

    *out = making.pattern;
    return 0;
}

static bool ends_with(struct str text, struct str end)
{
    return text.length >= end.length &&
        !memcmp(text.at + text.length - end.length, end.at, end.length);
}

static void set(struct param *params, unsigned i, const char *at,
    const char *end)
{
    if (params)
        params[i].value = (struct str){ at, (size_t)(end - at) };
}

/* Ending each parameter as early as possible leaves the most to those after
 * it, so that no second try is ever needed. */
static bool match_params(const struct segment *segment, const char *at,
    const char *end, struct param *params)
{
    unsigned last = segment->params - 1;

    for (unsigned i = 0; i < last; i++) {
        struct str after = segment->after[i];
        const char *hit = at == end ? NULL :
            memmem(at + 1, (size_t)(end - at - 1), after.at, after.length);

        if (!hit)
            return false;
        set(params, i, at, hit);
        at = hit + after.length;
    }
    set(params, last, at, end);
    return at < end;
}

bool seed__segment_match(const struct segment *segment, struct str text,
    struct param *params)
{
    struct str prefix = segment->prefix, last;

    if (text.length < prefix.length ||
        memcmp(text.at, prefix.at, prefix.length) != 0)
        return false;
    if (!segment->params)
        return text.length == prefix.length;

    text.at += prefix.length;
    text.length -= prefix.length;
    last = segment->after[segment->params - 1];
    if (!ends_with(text, last))
        return false;

    return match_params(segment, text.at, text.at + text.length - last.length,
        params);
}

static size_t fixed_bytes(const struct segment *segment)
{
    size_t total = 0;

    for (unsigned i = 0; i < segment->params; i++)
        total += segment->after[i].length;
    return total;
}

static int compare_text(struct str a, struct str b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.at, b.at, common) : 0;

    return order ? order : (a.length > b.length) - (a.length < b.length);
}

int seed__segment_compare(const struct segment *a, const struct segment *b)
{
    size_t fixed_a = fixed_bytes(a), fixed_b = fixed_bytes(b);

    if (fixed_a != fixed_b)
        return fixed_a > fixed_b ? -1 : 1;
    if (a->params != b->params)
        return a->params > b->params ? -1 : 1;

    for (unsigned i = 0; i < a->params; i++) {
        int order = compare_text(a->after[i], b->after[i]);

        if (order)
            return order;
    }
    return 0;
}
