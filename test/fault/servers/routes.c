/* SPDX-License-Identifier: MIT */
/* Ten thousand routes, and how long a path takes among them: the nanoseconds
 * within which 99 of 100 are found, and are found to be nowhere. Some of the
 * routes differ only in which segments are parameters, so that a path that
 * fits none of them is followed down each. */
#include "route/router.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUTES = 10000, DEPTH = 6, LOOKUPS = 100000 };

static const char *const forms[] = { "/r%d/items", "/r%d/:id", "/r%d/:id/%d",
    "/:a/r%d/:b/x", "/files/r%d/*" };
static const char *const paths[] = { "/r%d/items", "/r%d/some", "/r%d/7/%d",
    "/any/r%d/thing/x", "/files/r%d/a/b/c", "/r%d/7/8/9", "/nowhere/%d",
    "/s/s/s/s/s/s/none" };

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct str text_of(const char *text)
{
    return (struct str){ text, strlen(text) };
}

static void add(struct router *router, const char *pattern)
{
    static int value;
    const char *why = "";
    void *there;

    if (seed__router_add(router, text_of("GET"), pattern, &value, &why,
            &there)) {
        fprintf(stderr, "%s: %s\n", pattern, why);
        exit(1);
    }
}

/* Each segment is fixed or a parameter: 2 to the DEPTH routes. */
static int add_alternatives(struct router *router)
{
    for (int bits = 0; bits < 1 << DEPTH; bits++) {
        char pattern[80] = "";

        for (int i = 0; i < DEPTH; i++)
            strcat(pattern, bits >> i & 1 ? "/:p" : "/s");
        for (int i = 0, p = 0; pattern[i]; i++) /* names must differ */
            if (pattern[i] == 'p')
                pattern[i] = (char)('a' + p++);
        add(router, strcat(pattern, "/end"));
    }
    return 1 << DEPTH;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int main(void)
{
    static uint64_t took[LOOKUPS];
    struct router *router = seed__router_new();
    char text[80];
    int count = add_alternatives(router);

    for (int i = 0; count < ROUTES; i++, count++) {
        snprintf(text, sizeof text, forms[i % 5], i / 5, i / 5);
        add(router, text);
    }
    for (int i = 0; i < LOOKUPS; i++) {
        char block[4096];
        struct arena arena;
        struct match match;
        int which = rand() % (ROUTES / 5);
        uint64_t begun;

        snprintf(text, sizeof text, paths[i % 8], which, which);
        seed__arena_init(&arena, block, sizeof block);
        begun = now();
        seed__router_find(router, text_of("GET"), text_of(text), &arena,
            &match);
        took[i] = now() - begun;
        seed__arena_clear(&arena, block, sizeof block);
    }
    qsort(took, LOOKUPS, sizeof *took, compare);
    printf("routes %d p50 %lu p99 %lu\n", count,
        (unsigned long)took[LOOKUPS / 2],
        (unsigned long)took[LOOKUPS * 99 / 100]);
    seed__router_free(router);
    return 0;
}
