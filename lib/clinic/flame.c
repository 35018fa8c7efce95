/* SPDX-License-Identifier: MIT */
#include "clinic/earlier.h"
#include "clinic/file.h"
#include "clinic/flame.h"
#include "clinic/page.h"

#include "watch/text.h"

#include <seed.h>

#include <errno.h>
#include <string.h>

enum { USUAL = 99, MOST = 1000 };

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = seed_resize(NULL, size);

    return copy ? memcpy(copy, text, size) : NULL;
}

seed_flame *seed_flame_start_sized(const struct seed_flame_options *options,
    size_t size)
{
    struct seed_flame_options known = { 0 };
    seed_flame *flame;
    int error = ENOMEM;

    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);
    if (known.hertz > MOST) {
        errno = EINVAL;
        return NULL;
    }
    flame = seed_resize(NULL, sizeof *flame);
    if (flame) {
        *flame = (seed_flame){ .created = time(NULL) };
        flame->recorded.hertz = known.hertz ? known.hertz : USUAL;
        flame->title = copy_text(known.title ? known.title
            : program_invocation_short_name);
        error = flame->title ? seed__sampler_start(&flame->recorded) : ENOMEM;
    }
    if (!error)
        return flame;

    seed_flame_free(flame);
    errno = error;
    return NULL;
}

int seed_flame_stop(seed_flame *flame)
{
    if (!flame)
        return SEED_EINVAL;
    seed__sampler_stop(&flame->recorded);
    return 0;
}

void seed_flame_free(seed_flame *flame)
{
    if (!flame)
        return;
    seed__sampler_forget(&flame->recorded);
    seed__stacks_clear(&flame->recorded.stacks);
    seed_release(flame->title);
    seed_release(flame->before);
    seed_release(flame);
}

struct seed_flame_counts seed_flame_counts(const seed_flame *flame)
{
    struct seed_flame_counts counts = { 0 };

    if (!flame)
        return counts;
    seed__sampler_lock();
    counts = seed__sampler_counts(&flame->recorded);
    seed__sampler_unlock();
    return counts;
}

uint64_t seed__flame_lasted(const seed_flame *flame)
{
    const struct recorded *recorded = &flame->recorded;
    uint64_t end = recorded->running ? seed_now() : recorded->ended;

    return end - recorded->began;
}

/* --- formats -------------------------------------------------------------- */

static char *render_html(const seed_flame *flame, size_t *length)
{
    char *json = seed__flame_json(flame, NULL);
    char *page = json ? seed__page_flame(json, flame->before, length) : NULL;

    seed_release(json);
    return page;
}

static const struct {
    const char *ending;
    char *(*render)(const seed_flame *flame, size_t *length);
} formats[SEED_FLAME_FORMATS] = {
    [SEED_FLAME_HTML] = { ".html", render_html },
    [SEED_FLAME_JSON] = { ".json", seed__flame_json },
    [SEED_FLAME_FOLDED] = { ".folded", seed__flame_folded },
    [SEED_FLAME_PPROF] = { ".pb.gz", seed__flame_pprof },
    [SEED_FLAME_SPEEDSCOPE] = { ".speedscope.json", seed__flame_speedscope },
};

/* The longest ending that fits: ".speedscope.json" is a ".json" too. */
enum seed_flame_format seed_flame_format_of(const char *path)
{
    enum seed_flame_format found = SEED_FLAME_FORMATS;
    size_t length = path ? strlen(path) : 0, best = 0;

    for (int i = 0; i < SEED_FLAME_FORMATS; i++) {
        size_t ending = strlen(formats[i].ending);

        if (ending <= best || ending > length
            || strcmp(path + length - ending, formats[i].ending) != 0)
            continue;
        found = (enum seed_flame_format)i;
        best = ending;
    }
    return found;
}

char *seed_flame_render(seed_flame *flame, enum seed_flame_format format,
    size_t *length)
{
    size_t ignored;

    if (!flame || (unsigned)format >= SEED_FLAME_FORMATS)
        return NULL;
    return formats[format].render(flame, length ? length : &ignored);
}

/* --- files ---------------------------------------------------------------- */

int seed_flame_write(seed_flame *flame, const char *path)
{
    enum seed_flame_format format = seed_flame_format_of(path);
    size_t length;
    char *bytes;
    int error;

    if (!flame || format == SEED_FLAME_FORMATS)
        return SEED_EINVAL;
    bytes = seed_flame_render(flame, format, &length);
    if (!bytes)
        return SEED_ENOMEM;
    error = seed__file_write(path, bytes, length);
    seed_release(bytes);
    return error;
}

int seed_flame_before(seed_flame *flame, const char *path)
{
    char *json;
    int error;

    if (!flame || !path)
        return SEED_EINVAL;
    json = seed__earlier_flame(path, &error);
    if (!json)
        return error;
    seed_release(flame->before);
    flame->before = json;
    return 0;
}
