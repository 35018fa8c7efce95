/* SPDX-License-Identifier: MIT */
/* A flame graph as a tree of named calls, the root being "all stacks". Made
 * from a recording when somebody asks, by who may take locks and read files. */
#ifndef CLINIC_TREE_H
#define CLINIC_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct seed_flame seed_flame;

enum category {
    CATEGORY_APP,      /* the program itself, but for libseed in it         */
    CATEGORY_LIBSEED,
    CATEGORY_LIBEVENT,
    CATEGORY_OPENSSL,
    CATEGORY_JANSSON,
    CATEGORY_LIBC,     /* with the loader, libm, the vdso                   */
    CATEGORY_KERNEL,
    CATEGORY_OTHER,    /* any other library                                 */
    CATEGORY_SPAN,     /* a route, handler or hook: put in, not called      */
    CATEGORIES
};

/* "app", "libseed", ... "span": as the page and the JSON spell them. */
extern const char *const seed__category_names[CATEGORIES];

struct frame {
    const char *name;    /* never NULL, nor is the next                     */
    const char *file;    /* "" when it is not known                         */
    const char *module;  /* "libcrypto.so.3"; "" for spans                  */
    int line;            /* the one that had the most time; 0: not known    */
    enum category category;
    bool inlined;        /* DWARF says that it was put into its caller      */
    bool clone;          /* "name.part.0", ".cold", ".isra.0": a piece      */
    bool init;           /* before the first turn of a loop                 */
    bool allocates;      /* of the malloc family                            */
};

struct node {
    struct node *parent, *first, *next; /* children: first, then their next */
    const struct frame *frame;          /* NULL for the root                */
    uint64_t self, total;               /* nanoseconds of CPU time          */
};

struct tree {
    struct node *root;
    size_t nodes;
    /* The rest is tree.c's own. */
    struct tree_store *store;
};

/* Builds the tree of what was recorded so far. Returns 0 or SEED_ENOMEM. */
int seed__tree_make(struct tree *tree, const seed_flame *flame);
void seed__tree_clear(struct tree *tree);

#endif
