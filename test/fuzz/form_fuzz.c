/* SPDX-License-Identifier: MIT */
/* Any bytes as a form: names and values lie within what was sent, in number
 * and in length, and are terminated. */
#include "http/form.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { LIMIT = 20 };
    char first[256], *copy = malloc(size + !size);
    struct arena arena;
    const seed_pairs *pairs;
    size_t total = 0;

    memcpy(copy, bytes, size);
    seed__arena_init(&arena, first, sizeof first);
    pairs = seed__form_parse(&arena, (struct str){copy, size}, LIMIT);
    for (size_t i = 0; pairs && i < pairs->count; i++) {
        const seed_pair *pair = &pairs->pairs[i];

        assert(!pair->name[pair->name_length]);
        assert(!pair->value[pair->value_length]);
        total += pair->name_length + pair->value_length;
    }
    assert(total <= size && (!pairs || pairs->count <= LIMIT));
    seed__arena_clear(&arena, first, sizeof first);
    free(copy);
    return 0;
}
