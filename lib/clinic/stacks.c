/* SPDX-License-Identifier: MIT */
#include "clinic/stacks.h"

#include <seed/error.h>
#include <seed/server.h>

#include <string.h>
#include <unistd.h>

enum { SPANS_MOST = 4096 };

/* FNV's step, a word at a time, and a last one that mixes the upper half in. */
static uint32_t hash_of(const place *places, size_t count, uint32_t span)
{
    uint64_t hash = 0xcbf29ce484222325u ^ span;

    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ places[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return (uint32_t)(hash ^ hash >> 32);
}

/* The array with room for `wanted`, doubled; NULL: it is as it was. */
static void *grown(void *array, size_t *room, size_t wanted, size_t size)
{
    size_t next = *room ? *room : 64;
    void *made;

    if (wanted <= *room)
        return array;
    while (next < wanted)
        next *= 2;
    made = seed_resize(array, next * size);
    if (made)
        *room = next;
    return made;
}

static bool same_span(const struct sample_span *a, const struct sample_span *b)
{
    return a->line == b->line && !strcmp(a->function, b->function)
        && !strcmp(a->kind, b->kind) && !strcmp(a->file, b->file)
        && !strcmp(a->method, b->method) && !strcmp(a->pattern, b->pattern);
}

/* There are as many as registered functions times routes: few. */
static bool span_of(struct stacks *stacks, const struct sample_span *span,
    uint32_t *number)
{
    struct sample_span *spans;

    *number = STACKS_NO_SPAN;
    if (!*span->kind)
        return true;
    for (size_t i = 0; i < stacks->span_count; i++) {
        if (same_span(&stacks->spans[i], span)) {
            *number = (uint32_t)i;
            return true;
        }
    }
    if (stacks->span_count == SPANS_MOST)
        return false;
    spans = grown(stacks->spans, &stacks->span_room, stacks->span_count + 1,
        sizeof *span);
    if (!spans)
        return false;
    stacks->spans = spans;
    *number = (uint32_t)stacks->span_count;
    stacks->spans[stacks->span_count++] = *span;
    return true;
}

static void put(struct stacks *stacks, uint32_t number)
{
    size_t at = stacks->all[number].hash & stacks->mask;

    while (stacks->index[at])
        at = (at + 1) & stacks->mask;
    stacks->index[at] = number + 1;
}

/* At most half full. */
static bool grow_index(struct stacks *stacks)
{
    size_t room = stacks->index ? (stacks->mask + 1) * 2 : 256;
    uint32_t *index;

    if (stacks->index && (stacks->count + 1) * 2 <= stacks->mask + 1)
        return true;
    index = seed_resize(NULL, room * sizeof *index);
    if (!index)
        return false;
    memset(index, 0, room * sizeof *index);
    seed_release(stacks->index);
    stacks->index = index;
    stacks->mask = room - 1;
    for (uint32_t i = 0; i < stacks->count; i++)
        put(stacks, i);
    return true;
}

static bool is(const struct stacks *stacks, const struct stacked *one,
    const struct stacked *other, const place *places)
{
    return one->hash == other->hash && one->span == other->span
        && one->count == other->count && one->main == other->main
        && (!one->count || !memcmp(stacks->places + one->first, places,
            one->count * sizeof *places));
}

static struct stacked *find(const struct stacks *stacks,
    const struct stacked *wanted, const place *places)
{
    size_t at = wanted->hash & stacks->mask;

    for (; stacks->index[at]; at = (at + 1) & stacks->mask) {
        struct stacked *one = &stacks->all[stacks->index[at] - 1];

        if (is(stacks, one, wanted, places))
            return one;
    }
    return NULL;
}

static struct stacked *add(struct stacks *stacks, const struct stacked *made,
    const place *places)
{
    struct stacked *all;
    place *kept;

    if (stacks->count == STACKS_MOST)
        return NULL;
    all = grown(stacks->all, &stacks->room, stacks->count + 1, sizeof *all);
    if (!all)
        return NULL;
    stacks->all = all;
    kept = grown(stacks->places, &stacks->place_room,
        stacks->place_count + made->count + 1, sizeof *kept);
    if (!kept)
        return NULL;
    stacks->places = kept;

    if (made->count > 0)
        memcpy(stacks->places + stacks->place_count, places,
            made->count * sizeof *places);
    stacks->all[stacks->count] = *made;
    stacks->all[stacks->count].first = stacks->place_count;
    stacks->place_count += made->count;
    put(stacks, (uint32_t)stacks->count);
    return &stacks->all[stacks->count++];
}

bool seed__stacks_add(struct stacks *stacks, const struct sample *sample,
    const place *places, size_t count)
{
    struct stacked made = { .count = (uint32_t)count, .began = sample->when,
        .main = sample->tid == (long)getpid(),
        .truncated = sample->truncated };
    struct stacked *one;

    if (!grow_index(stacks) || !span_of(stacks, &sample->span, &made.span))
        return false;
    made.hash = hash_of(places, count, made.span);
    one = find(stacks, &made, places);
    if (!one)
        one = add(stacks, &made, places);
    if (!one)
        return false;

    one->samples++;
    one->weight += sample->weight;
    one->began = sample->when < one->began ? sample->when : one->began;
    one->ended = sample->when > one->ended ? sample->when : one->ended;
    return true;
}

/* NULL without memory; one byte of nothing is memory all the same. */
static void *copy(const void *from, size_t bytes)
{
    void *made = seed_resize(NULL, bytes + 1);

    if (made && bytes)
        memcpy(made, from, bytes);
    return made;
}

int seed__stacks_copy(struct stacks *to, const struct stacks *from)
{
    *to = (struct stacks){ .count = from->count,
        .place_count = from->place_count, .span_count = from->span_count };
    to->all = copy(from->all, from->count * sizeof *from->all);
    to->places = copy(from->places, from->place_count * sizeof *from->places);
    to->spans = copy(from->spans, from->span_count * sizeof *from->spans);
    if (to->all && to->places && to->spans)
        return 0;

    seed__stacks_clear(to);
    return SEED_ENOMEM;
}

void seed__stacks_clear(struct stacks *stacks)
{
    seed_release(stacks->all);
    seed_release(stacks->places);
    seed_release(stacks->spans);
    seed_release(stacks->index);
    *stacks = (struct stacks){ 0 };
}
