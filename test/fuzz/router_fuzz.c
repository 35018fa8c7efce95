/* SPDX-License-Identifier: MIT */
/* The input is lines, each "+pattern" (added) or a path (looked up among the
 * routes so far). What must hold:
 *
 * - a path found has all parameters of its pattern, none of them empty but "*",
 *   each with a NUL behind it;
 * - a pattern with "x" for each parameter builds a path that the router finds;
 * - Allow names the method exactly when the path is found. */
#include "route/router.h"

#include <seed/error.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static struct str one_letter(struct str name, void *ctx)
{
    (void)name;
    (void)ctx;
    return STR("x");
}

static void look_up(const struct router *router, struct str path)
{
    struct arena arena;
    struct match match = { 0 };
    enum router_verdict verdict;
    struct str allow;

    seed__arena_init(&arena, NULL, 0);
    verdict = seed__router_find(router, STR("GET"), path, &arena, &match);
    must(verdict != ROUTER_NO_MEMORY && verdict != ROUTER_NO_METHOD);
    for (unsigned i = 0; i < match.count; i++) {
        struct str value = match.params[i].value;

        must(value.at[value.length] == '\0');
        must(strlen(value.at) == value.length);
        must(value.length || *match.params[i].name.at == '*');
    }

    allow = seed__router_allow(router, path, false, false, &arena);
    must(allow.at != NULL);
    must((verdict == ROUTER_FOUND) == (allow.length == 3));
    seed__arena_clear(&arena, NULL, 0);
}

static void add(struct router *router, char *pattern)
{
    const char *why = NULL;
    void *there = NULL;
    struct str missing;
    char path[512];
    int err = seed__router_add(router, STR("GET"), pattern, pattern, &why,
        &there);

    must(err == 0 || (why && (err == SEED_EPATTERN || err == SEED_EDUP)));
    must((err == SEED_EDUP) == (there != NULL));
    if (err == SEED_EPATTERN)
        return;

    err = seed__pattern_build(pattern, path, sizeof path, one_letter, NULL,
        &missing);
    must(err >= 0 || err == SEED_EFULL);
    if (err >= 0) {
        struct match match;
        struct arena arena;

        seed__arena_init(&arena, NULL, 0);
        must(seed__router_find(router, STR("GET"),
                 (struct str){ path, (size_t)err }, &arena, &match) ==
            ROUTER_FOUND);
        seed__arena_clear(&arena, NULL, 0);
    }
}

/* Each path is looked up where it ends with its memory. */
static void look_up_copy(const struct router *router, const char *line,
    size_t length)
{
    char *copy = malloc(length ? length : 1);

    must(copy != NULL);
    memcpy(copy, line, length);
    look_up(router, (struct str){ copy, length });
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct router *router = seed__router_new();
    char *text = malloc(size + 1), *line = text;

    must(router && text);
    memcpy(text, data, size);
    text[size] = '\0';
    while (line < text + size) {
        char *end = memchr(line, '\n', (size_t)(text + size - line));
        size_t length = (size_t)((end ? end : text + size) - line);

        line[length] = '\0';
        if (*line == '+')
            add(router, line + 1);
        else if (strlen(line) == length) /* http/head lets no NUL through */
            look_up_copy(router, line, length);
        line += length + 1;
    }
    seed__router_free(router);
    free(text);
    return 0;
}
