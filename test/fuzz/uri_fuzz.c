/* SPDX-License-Identifier: MIT */
/* Any bytes as a target, a host, percent-encoded text and a list of media
 * types: what is decoded is not longer, what is encoded decodes to itself, and
 * what is split lies within what was given. */
#include "http/target.h"
#include "http/uri.h"
#include "watch/accept.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void decode(struct str text)
{
    char *out = malloc(text.length + !text.length);
    char *coded = malloc(3 * text.length + 1);
    size_t length;

    for (int way = 0; way < 4; way++) {
        long got = seed__percent_decode(out, text, way & 1, way & 2);

        assert(got <= (long)text.length);
        assert(got < 0 || way & 2 || !memchr(out, '\0', (size_t)got)
            || memchr(text.at, '\0', text.length));
    }
    length = seed__percent_encode(coded, text);
    assert(length <= 3 * text.length);
    assert(seed__percent_decode(out, (struct str){ coded, length }, false,
               true) == (long)text.length);
    assert(!text.length || !memcmp(out, text.at, text.length));
    free(coded);
    free(out);
}

/* As head does before it asks. */
static bool is_scanned(struct str text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 127 || text.at[i] == '#')
            return false;
    return text.length > 0;
}

static void split(struct str text)
{
    enum target_form form;
    struct target parts;
    struct arena arena;

    if (!is_scanned(text))
        return;
    form = seed__target_form(text);
    if (form == TARGET_BAD)
        return;
    seed__arena_init(&arena, NULL, 0);
    assert(seed__target_split(&parts, text, &arena));
    assert(parts.path.length + parts.query.length <= text.length + 1);
    assert(form != TARGET_ABSOLUTE || parts.authority.length);
    assert(form != TARGET_ORIGIN || parts.path.at[0] == '/');
    seed__arena_clear(&arena, NULL, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = malloc(size + 1);
    struct str text = { copy, size };

    memcpy(copy, bytes, size);
    copy[size] = '\0';
    decode(text);
    split(text);
    seed__host_valid(text);
    if (strlen(copy) == size)
        assert(!(seed__accept_prefers(copy, "text/html", "application/json")
            && seed__accept_prefers(copy, "application/json", "text/html")));
    free(copy);
    return 0;
}
