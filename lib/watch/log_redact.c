/* SPDX-License-Identifier: MIT */
/* shape: parameters: a step is a place (paths and depth) and a key. */
#include "watch/log_redact.h"

#include "watch/log_text.h"

#include <seed/server.h>

#include <errno.h>
#include <string.h>

/* A part in brackets may stand in quotes. `*at` is behind the "[". */
static bool read_bracket(const char **at, struct redact_part *part)
{
    char quote = **at == '"' || **at == '\'' || **at == '`' ? **at : '\0';
    const char *end;

    *at += quote != '\0';
    end = strchr(*at, quote ? quote : ']');
    if (!end || (quote && end[1] != ']'))
        return false;

    part->text = *at;
    part->length = (size_t)(end - *at);
    *at = end + (quote ? 2 : 1);
    return quote || part->length;
}

static bool read_part(const char **at, struct redact_part *part, bool first)
{
    if (**at == '[') {
        ++*at;
        return read_bracket(at, part);
    }
    if (!first && *(*at)++ != '.')
        return false;

    part->text = *at;
    part->length = strcspn(*at, ".[");
    *at += part->length;
    return part->length && !memchr(part->text, ']', part->length);
}

static bool read_path(struct redact_path *path, const char *text)
{
    do {
        struct redact_part *part = &path->parts[path->count];

        if (path->count == REDACT_PARTS
            || !read_part(&text, part, !path->count))
            return false;
        part->any = part->length == 1 && *part->text == '*';
        path->count++;
    } while (*text);
    return true;
}

static uint64_t letter_of(const char *key, size_t length)
{
    return (uint64_t)1 << (length ? *key & 63 : 0);
}

/* Copies what a path's parts point to. */
static char *keep_parts(struct redact_path *path, char *to)
{
    for (unsigned i = 0; i < path->count; i++) {
        struct redact_part *part = &path->parts[i];

        memcpy(to, part->text, part->length);
        part->text = to;
        to += part->length;
    }
    return to;
}

static bool keep_text(struct redact *redact, size_t size)
{
    char *to = redact->text = seed_resize(NULL, size + 1);

    for (unsigned i = 0; to && i < redact->count; i++) {
        struct redact_path *path = &redact->paths[i];

        to = keep_parts(path, to);
        redact->all |= (uint64_t)1 << i;
        for (unsigned depth = 0; depth < path->count; depth++) {
            const struct redact_part *part = &path->parts[depth];

            redact->letters[depth] |= part->any
                ? UINT64_MAX
                : letter_of(part->text, part->length);
        }
    }
    return to != NULL;
}

static bool keep_censor(struct redact *redact, const char *censor)
{
    size_t length = strlen(censor);
    struct out out;

    redact->censor = seed_resize(NULL, 6 * length + 2);
    if (!redact->censor)
        return false;

    out = (struct out){ redact->censor, redact->censor + 6 * length + 2,
        false };
    seed__put_quoted(&out, censor, length);
    redact->censor_length = (size_t)(out.at - redact->censor);
    return true;
}

int seed__redact_new(struct redact **out, const char *const *paths,
    const char *censor, bool remove)
{
    struct redact *redact;
    size_t size = 0;
    bool valid = true;

    *out = NULL;
    if (!paths || !*paths)
        return 0;
    redact = seed_resize(NULL, sizeof *redact);
    if (!redact)
        return ENOMEM;

    memset(redact, 0, sizeof *redact);
    redact->remove = remove;
    for (; *paths && valid; paths++) {
        size += strlen(*paths);
        valid = redact->count < REDACT_PATHS
            && read_path(&redact->paths[redact->count++], *paths);
    }
    if (valid && keep_text(redact, size)
        && keep_censor(redact, censor ? censor : "[Redacted]")) {
        *out = redact;
        return 0;
    }
    seed__redact_free(redact);
    return valid ? ENOMEM : EINVAL;
}

void seed__redact_free(struct redact *redact)
{
    if (!redact)
        return;
    seed_release(redact->text);
    seed_release(redact->censor);
    seed_release(redact);
}

static bool part_is(const struct redact_part *part, const char *key,
    size_t length)
{
    return part->any
        || (part->length == length && !memcmp(part->text, key, length));
}

uint64_t seed__redact_step(const struct redact *redact, uint64_t from,
    unsigned depth, const char *key, size_t length, bool *hit)
{
    uint64_t next = 0;

    *hit = false;
    if (depth >= REDACT_PARTS
        || !(redact->letters[depth] & letter_of(key, length)))
        return 0;

    for (unsigned i = 0; from; i++, from >>= 1) {
        const struct redact_path *path = &redact->paths[i];

        if (!(from & 1) || !part_is(&path->parts[depth], key, length))
            continue;
        if (path->count == depth + 1)
            *hit = true;
        else
            next |= (uint64_t)1 << i;
    }
    return next;
}
