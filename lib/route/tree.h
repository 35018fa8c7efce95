/* SPDX-License-Identifier: MIT */
/* The routes of one method: a tree of segments whose fixed text is a radix
 * tree. Filled at setup, then only read. */
#ifndef ROUTE_TREE_H
#define ROUTE_TREE_H

#include "route/pattern.h"

struct place;

/* A radix node inside one segment. */
struct twig {
    struct str label;     /* the bytes that lead here from the twig above  */
    struct twig *above;
    struct place *fixed;  /* where a segment leads that ends here          */
    struct shape *shapes; /* segments whose first parameter begins here    */
    unsigned char *keys;  /* first bytes of the labels below, and in the   */
    struct twig **twigs;  /* same order the twigs                          */
    unsigned count, room;
};

/* Between two segments: what was read leads here by one way only. */
struct place {
    struct place *above;
    struct twig *twig;     /* of the place above: the one that led here    */
    struct shape *shape;   /* likewise; NULL when the segment was fixed    */
    unsigned depth;        /* segments read                                */
    struct twig root;      /* the next segment                             */
    const struct pattern *end;  /* the path may end here                   */
    const struct pattern *wild; /* "*" takes the rest                      */
};

/* A segment with parameters. */
struct shape {
    const struct segment *segment;
    struct shape *next;
    struct place place;
};

struct tree {
    struct place root;
};

/* A path cut at its slashes, each segment decoded once. */
struct walk {
    const char *end;       /* of the decoded path                          */
    unsigned count;        /* of segments; the last one of PATTERN_DEPTH + 1
                            * holds all that is left                       */
    unsigned steps;        /* twigs visited and shapes tried, for tests    */
    struct str segments[PATTERN_DEPTH + 1];
};

/* Cuts and decodes. A path without '%' is borrowed and needs no arena.
 * Returns ROUTER_FOUND, or ROUTER_BAD_PATH, ROUTER_NO_MEMORY, or
 * ROUTER_NO_PATH for what does not begin with '/'. */
enum router_verdict seed__walk_cut(struct walk *walk, struct str path,
    struct arena *arena);

/* Adds a pattern, which the tree then borrows; all memory is the arena's.
 * Returns 0, SEED_ENOMEM, or SEED_EDUP with *there the one in its place. */
int seed__tree_add(struct tree *tree, const struct pattern *pattern,
    struct arena *arena, const struct pattern **there);

/* Finds the pattern for a path, or NULL. Visits no place twice, so that the
 * worst path costs what the tree has, and never more. */
const struct pattern *seed__tree_find(const struct tree *tree,
    struct walk *walk);

/* Reads the parameters' values out of the path that was found. False when
 * memory is exhausted. */
bool seed__tree_bind(const struct pattern *pattern, const struct walk *walk,
    struct arena *arena, struct match *out);

#endif
