/* SPDX-License-Identifier: MIT */
/* A recording, and what writes it. */
#ifndef CLINIC_FLAME_H
#define CLINIC_FLAME_H

#include "clinic/sampler.h"
#include "clinic/tree.h"

#include <time.h>

struct seed_flame {
    struct recorded recorded;
    char *title;
    char *before;      /* the JSON of an earlier recording, or NULL */
    time_t created;
};

/* With names and a tree: each returns bytes, owned, or NULL. */
char *seed__flame_json(const seed_flame *flame, size_t *length);
char *seed__flame_folded(const seed_flame *flame, size_t *length);
char *seed__flame_speedscope(const seed_flame *flame, size_t *length);
char *seed__flame_pprof(const seed_flame *flame, size_t *length);

/* The JSON in a page or a file of an earlier recording, as the page wants it:
 * with "</" escaped. NULL when there is none, or without memory. */
char *seed__flame_find_json(const char *bytes, size_t length);

/* How long it is or was, in nanoseconds. */
uint64_t seed__flame_lasted(const seed_flame *flame);

#endif
