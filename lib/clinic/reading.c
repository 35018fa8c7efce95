/* SPDX-License-Identifier: MIT */
/* Names come from the debugging information, else from the tables of symbols,
 * else from the loader; where none has one, functions are told apart by where
 * they begin. */
#include "clinic/reading.h"
#include "clinic/category.h"
#include "clinic/flame.h"
#include "clinic/lines.h"

#include "watch/symbol.h"

#include <seed/error.h>

#include <dlfcn.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unwind.h>

enum { BUCKETS = 8192 };

struct kept_text {
    struct kept_text *next;
    char text[];
};

/* --- frames --------------------------------------------------------------- */

static size_t hash_text(const char *text, size_t hash)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

/* The same text is the same pointer. */
static const char *keep(struct reading *reading, const char *text)
{
    size_t at = hash_text(text, 0xcbf29ce4u) % BUCKETS;
    size_t size = strlen(text) + 1;
    struct kept_text *kept = reading->texts[at];

    while (kept && strcmp(kept->text, text) != 0)
        kept = kept->next;
    if (kept)
        return kept->text;

    kept = seed__shelf_take(&reading->shelf, sizeof *kept + size);
    if (!kept)
        return NULL;
    memcpy(kept->text, text, size);
    kept->next = reading->texts[at];
    reading->texts[at] = kept;
    return kept->text;
}

static bool same(const struct frame *a, const struct frame *b)
{
    return a->category == b->category && a->inlined == b->inlined
        && a->clone == b->clone && a->init == b->init
        && a->allocates == b->allocates && !strcmp(a->name, b->name)
        && !strcmp(a->file, b->file) && !strcmp(a->module, b->module);
}

struct named *seed__reading_frame(struct reading *reading,
    const struct frame *frame)
{
    size_t at = hash_text(frame->file, hash_text(frame->name, 0xcbf29ce4u))
        % BUCKETS;
    struct named *named = reading->names[at];

    while (named && !same(&named->frame, frame))
        named = named->next;
    if (named)
        return named;

    named = seed__shelf_take(&reading->shelf, sizeof *named);
    if (!named)
        return NULL;
    named->frame = *frame;
    named->frame.name = keep(reading, frame->name);
    named->frame.file = keep(reading, frame->file);
    named->frame.module = keep(reading, frame->module);
    if (!named->frame.name || !named->frame.file || !named->frame.module)
        return NULL;
    named->next = reading->names[at];
    reading->names[at] = named;
    return named;
}

/* --- names ---------------------------------------------------------------- */

/* A library's inner name of a function, as debugging information has it, is
 * "__libc_sendmsg"; programs call it sendmsg. True of those that the loader
 * finds at the same address. */
static const char *public_name(const char *name, uintptr_t start)
{
    static const char *const inner[] = { "__GI_", "__libc_", "__" };
    const char *bare = name;

    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        if (strncmp(bare, inner[i], strlen(inner[i])) != 0)
            continue;
        bare += strlen(inner[i]);
        if (start && (uintptr_t)dlsym(RTLD_DEFAULT, bare) == start)
            return bare;
    }
    return strncmp(name, inner[0], strlen(inner[0])) ? name
        : name + strlen(inner[0]);
}

/* The compiler's copies go by the function's name. */
static void cut_copy(char *name)
{
    char *dot = *name ? strchr(name + 1, '.') : NULL;

    if (dot)
        *dot = '\0';
}

/* Where there is no name: "libc.so.6+0x98a10", the function's beginning when
 * the tables for unwinding know it. */
static void number_name(const struct module *module, uintptr_t address,
    char *out, size_t room)
{
    uintptr_t start = module && atomic_load(&module->loaded)
        ? (uintptr_t)_Unwind_FindEnclosingFunction((void *)address) : 0;

    start = start ? start : address;
    if (module)
        snprintf(out, room, "%.100s+%#" PRIxPTR, module->name,
            start - module->base);
    else
        snprintf(out, room, "%#" PRIxPTR, address);
}

static void name_function(const struct lines *lines,
    const struct module *module, uintptr_t address, char *out, size_t room)
{
    const char *debug = lines->count
        ? lines->all[lines->count - 1].function : NULL;

    if (lines->symbol && (!debug || !module->program))
        debug = debug && strncmp(debug, "__GI_", 5) ? debug : lines->symbol;
    if (debug) {
        snprintf(out, room, "%s",
            module->program ? debug : public_name(debug, lines->start));
        cut_copy(out);
        return;
    }
    if (module && atomic_load(&module->loaded)) {
        seed__symbol_name((const void *)address, out, room);
        if (!strstr(out, "+0x"))
            return;
    } else if (module && seed__symbol_in(module->path, address - module->base,
                   out, room)) {
        return;
    }
    number_name(module, address, out, room);
}

static enum category category_of(const struct reading *reading,
    const struct spot *spot, const char *function, const char *file)
{
    const struct module *module = seed__modules_of(spot->at);
    uintptr_t at = seed__modules_address(spot->at);

    if (!module)
        return CATEGORY_OTHER;
    if (!module->program)
        return seed__category_of(module->name);
    if (at - module->base >= reading->from && at - module->base < reading->to)
        return CATEGORY_LIBSEED;
    return seed__category_is_seed(function, file, reading->own)
        ? CATEGORY_LIBSEED : CATEGORY_APP;
}

/* --- places --------------------------------------------------------------- */

static bool add_frame(struct reading *reading, struct spot *spot,
    struct frame *frame)
{
    struct named *named = seed__reading_frame(reading, frame);

    spot->lines[spot->count] = frame->line;
    spot->frames[spot->count++] = named;
    if (named && !strcmp(frame->name, "event_base_loop"))
        spot->loops = true;
    return named;
}

static bool name_spot(struct reading *reading, struct spot *spot)
{
    const struct module *module = seed__modules_of(spot->at);
    uintptr_t address = seed__modules_address(spot->at);
    struct lines lines = { .count = 0 };
    char name[512];
    size_t count;

    if (module && atomic_load(&module->loaded))
        seed__lines_find(&lines, address);
    count = lines.count ? lines.count : 1;
    spot->lines = seed__shelf_take(&reading->shelf,
        count * sizeof *spot->lines);
    spot->frames = seed__shelf_take(&reading->shelf,
        count * sizeof *spot->frames);
    if (!spot->lines || !spot->frames)
        return false;

    name_function(&lines, module, address, name, sizeof name);
    for (size_t i = 0; i < count; i++) {
        const struct line *line = &lines.all[i];
        bool inlined = i + 1 < count;
        const char *function = inlined && line->function
            ? line->function : name;

        /* "__libc_send" within "send": one function, twice in the source. */
        if (inlined && module && !module->program
            && !strcmp(public_name(function, lines.start), name))
            continue;
        struct frame frame = { .name = function,
            .file = lines.count && line->file ? line->file : "",
            .module = module ? module->name : "",
            .line = lines.count ? line->number : 0, .inlined = inlined,
            .clone = !inlined && lines.symbol
                && seed__category_is_clone(lines.symbol) };

        frame.category = category_of(reading, spot, name,
            lines.count ? lines.all[count - 1].file : NULL);
        frame.allocates = frame.category == CATEGORY_LIBC
            && seed__category_allocates(function);
        if (!add_frame(reading, spot, &frame))
            return false;
    }
    return true;
}

static struct spot *spot_of(struct reading *reading, place at)
{
    size_t hash = (size_t)((at * 0x9e3779b97f4a7c15u) >> 40) % BUCKETS;
    struct spot *spot = reading->spots[hash];

    while (spot && spot->at != at)
        spot = spot->next;
    if (spot)
        return spot;

    spot = seed__shelf_take(&reading->shelf, sizeof *spot);
    if (!spot)
        return NULL;
    spot->at = at;
    if (!name_spot(reading, spot))
        return NULL;
    spot->next = reading->spots[hash];
    reading->spots[hash] = spot;
    return spot;
}

/* A frame has the line that most time was spent at. */
static void choose_lines(struct spot *spot)
{
    for (size_t i = 0; i < spot->count; i++) {
        struct named *named = spot->frames[i];

        if (spot->weight < named->best)
            continue;
        named->best = spot->weight;
        named->frame.line = spot->lines[i];
    }
}

static bool name_places(struct reading *reading)
{
    for (size_t i = 0; i < reading->stacks.count; i++) {
        const struct stacked *stack = &reading->stacks.all[i];

        for (size_t k = 0; k < stack->count; k++) {
            struct spot *spot = spot_of(reading,
                reading->stacks.places[stack->first + k]);

            if (!spot)
                return false;
            spot->weight += stack->weight;
            reading->of[stack->first + k] = spot;
        }
    }
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct spot *at = reading->spots[i]; at; at = at->next)
            choose_lines(at);
    return true;
}

/* --- whole ---------------------------------------------------------------- */

/* A library's objects lie together in a program that was linked with it: where
 * no debugging information says which file a function is of, it is libseed's
 * when it lies between two that are. */
static void find_own(struct reading *reading)
{
    struct lines lines;

    seed__lines_find(&lines, (uintptr_t)seed__reading_make);
    if (lines.count)
        reading->own = lines.all[lines.count - 1].file;
    if (!reading->own)
        seed__symbol_range("/proc/self/exe", "seed__", &reading->from,
            &reading->to);
}

int seed__reading_make(struct reading *reading, const seed_flame *flame)
{
    int error;

    *reading = (struct reading){ .own = NULL };
    seed__sampler_lock();
    error = seed__stacks_copy(&reading->stacks, &flame->recorded.stacks);
    seed__sampler_unlock();
    if (error)
        return error;

    find_own(reading);
    reading->spots = seed__shelf_take(&reading->shelf,
        BUCKETS * sizeof *reading->spots);
    reading->names = seed__shelf_take(&reading->shelf,
        BUCKETS * sizeof *reading->names);
    reading->texts = seed__shelf_take(&reading->shelf,
        BUCKETS * sizeof *reading->texts);
    reading->of = seed__shelf_take(&reading->shelf,
        (reading->stacks.place_count + 1) * sizeof *reading->of);
    if (reading->spots && reading->names && reading->texts
        && reading->of
        && name_places(reading))
        return 0;

    seed__reading_clear(reading);
    return SEED_ENOMEM;
}

void seed__reading_clear(struct reading *reading)
{
    seed__stacks_clear(&reading->stacks);
    seed__shelf_clear(&reading->shelf);
}

char *seed__reading_route(const struct sample_span *span, char *out,
    size_t room)
{
    snprintf(out, room, "%s%s%s", span->method, *span->method ? " " : "",
        span->pattern);
    return out;
}

char *seed__reading_site(const struct sample_span *span, char *out,
    size_t room)
{
    const char *slash = strrchr(span->file, '/');

    snprintf(out, room, "%s: %s (%s:%d)", span->kind, span->function,
        slash ? slash + 1 : span->file, span->line);
    return out;
}
