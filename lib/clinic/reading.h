/* SPDX-License-Identifier: MIT */
/* A recording as it is now, with names: what all formats are made from. */
#ifndef CLINIC_READING_H
#define CLINIC_READING_H

#include "clinic/shelf.h"
#include "clinic/stacks.h"
#include "clinic/tree.h"

/* A frame; those that are the same are one. */
struct named {
    struct frame frame;
    struct named *next;  /* of those that share a place in the table */
    uint64_t best;       /* time of the line that the frame has      */
};

/* What is at a place: the innermost inlined function first. */
struct spot {
    place at;
    size_t count;
    struct named **frames;
    int *lines;
    uint64_t weight;  /* of all stacks that it is in                   */
    uint64_t number;  /* for formats that count places            */
    bool loops;       /* event_base_loop is among the frames           */
    struct spot *next;
};

struct reading {
    struct stacks stacks;
    struct shelf shelf;
    struct spot **spots;     /* by hash */
    struct named **names;    /* by hash */
    struct kept_text **texts; /* by hash: each text of a frame once */
    struct spot **of;        /* of each of stacks.places */
    const char *own;         /* see seed__category_is_seed()          */
    uintptr_t from, to;      /* without it: where libseed is, more or
                              * less, in the program                  */
};

/* Returns 0 or SEED_ENOMEM. */
int seed__reading_make(struct reading *reading, const seed_flame *flame);
void seed__reading_clear(struct reading *reading);

/* The frame like that one, whatever its line. NULL without memory. Texts are
 * copied. */
struct named *seed__reading_frame(struct reading *reading,
    const struct frame *frame);

/* "GET /users/:id" of a span, or "" . Returns out. */
char *seed__reading_route(const struct sample_span *span, char *out,
    size_t room);

/* "use: etagger (slow.c:30)". Returns out. */
char *seed__reading_site(const struct sample_span *span, char *out,
    size_t room);

#endif
