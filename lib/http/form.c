/* SPDX-License-Identifier: MIT */
#include "http/form.h"

#include "http/uri.h"

#include <string.h>

/* Takes the part up to the next '&' off the text. */
static struct str next_part(struct str *text)
{
    const char *mark = memchr(text->at, '&', text->length);
    size_t length = mark ? (size_t)(mark - text->at) : text->length;
    struct str part = { text->at, length };

    text->at += length + (mark != NULL);
    text->length -= length + (mark != NULL);
    return part;
}

static size_t count_parts(struct str text)
{
    size_t count = 0;

    while (text.length)
        count += next_part(&text).length > 0;
    return count;
}

/* Decodes to *out, puts a NUL behind it and moves *out on. */
static const char *decode(char **out, struct str text, size_t *length)
{
    char *start = *out;
    long count = seed__percent_decode(start, text, true, true);

    if (count < 0)
        return NULL;

    *length = (size_t)count;
    start[count] = '\0';
    *out = start + count + 1;
    return start;
}

static bool decode_pair(seed_pair *pair, struct str part, char **out)
{
    const char *mark = memchr(part.at, '=', part.length);
    struct str name = part, value = { part.at + part.length, 0 };

    if (mark) {
        name.length = (size_t)(mark - part.at);
        value.at = mark + 1;
        value.length = part.length - name.length - 1;
    }
    pair->name = decode(out, name, &pair->name_length);
    pair->value = pair->name ? decode(out, value, &pair->value_length) : NULL;
    return pair->value != NULL;
}

const seed_pairs *seed__form_parse(struct arena *arena, struct str text,
    size_t limit)
{
    size_t count = text.length ? count_parts(text) : 0;
    seed_pairs *result;
    seed_pair *list;
    char *out;

    if (count > limit)
        return NULL;

    result = seed__arena_alloc(arena,
        sizeof *result + count * sizeof *list);
    out = seed__arena_bytes(arena, text.length + 2 * count);
    if (!result || !out)
        return NULL;

    list = (seed_pair *)(void *)(result + 1);
    result->pairs = list;
    result->count = count;
    while (text.length) {
        struct str part = next_part(&text);

        if (part.length && !decode_pair(list++, part, &out))
            return NULL;
    }
    return result;
}
