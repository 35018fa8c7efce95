/* SPDX-License-Identifier: MIT */
/* The profile of pprof (profile.proto of its repository): a protocol buffer,
 * compressed by gzip. Samples name places, places the lines of functions, the
 * innermost inlined one first, and texts are numbers in a table. */
#include "clinic/flame.h"
#include "clinic/numbers.h"
#include "clinic/proto.h"
#include "clinic/reading.h"

#include <seed.h>

#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* Fields by number; those of messages within are spelled there. */
enum {
    SAMPLE_TYPE = 1, SAMPLE = 2, MAPPING = 3, LOCATION = 4, FUNCTION = 5,
    STRING = 6, TIME = 9, DURATION = 10, PERIOD_TYPE = 11, PERIOD = 12,
    DEFAULT_TYPE = 14
};

struct out {
    struct proto whole, message, inner;
    struct numbers numbers;  /* functions and strings: number + 1 is the id */
    struct reading *reading;
    uint64_t places;
};

/* The table's first string is the empty one, and written first. */
static uint64_t text(struct out *out, const char *string)
{
    return *string ? seed__numbers_string(&out->numbers, string) : 0;
}

/* A text of the moment, kept as long as the reading. */
static uint64_t passing_text(struct out *out, const char *string)
{
    struct frame frame = { .name = string, .file = "", .module = "",
        .category = CATEGORY_SPAN };
    struct named *named = seed__reading_frame(out->reading, &frame);

    out->numbers.failed = out->numbers.failed || !named;
    return named ? text(out, named->frame.name) : 0;
}

static void add_type(struct out *out, unsigned field, const char *type,
    const char *unit)
{
    seed__proto_number(&out->message, 1, text(out, type));
    seed__proto_number(&out->message, 2, text(out, unit));
    seed__proto_message(&out->whole, field, &out->message);
}

static void add_label(struct out *out, const char *key, uint64_t value)
{
    seed__proto_number(&out->inner, 1, text(out, key));
    seed__proto_number(&out->inner, 2, value);
    seed__proto_message(&out->message, 3, &out->inner);
}

static void add_labels(struct out *out, const struct sample_span *span)
{
    char name[300];

    if (*span->pattern)
        add_label(out, "route", passing_text(out,
            seed__reading_route(span, name, sizeof name)));
    add_label(out, "span", passing_text(out,
        seed__reading_site(span, name, sizeof name)));
}

static void add_sample(struct out *out, const struct stacked *stack)
{
    struct reading *reading = out->reading;

    for (size_t i = 0; i < stack->count; i++) {
        struct spot *spot = reading->of[stack->first + i];

        if (!spot->number)
            spot->number = ++out->places;
        seed__proto_varint(&out->inner, spot->number);
    }
    seed__proto_message(&out->message, 1, &out->inner);
    seed__proto_varint(&out->inner, stack->samples);
    seed__proto_varint(&out->inner, stack->weight);
    seed__proto_message(&out->message, 2, &out->inner);
    if (stack->span != STACKS_NO_SPAN)
        add_labels(out, &reading->stacks.spans[stack->span]);
    seed__proto_message(&out->whole, SAMPLE, &out->message);
}

static void add_place(struct out *out, struct spot *spot)
{
    seed__proto_number(&out->message, 1, spot->number);
    seed__proto_number(&out->message, 2, seed__modules_number(spot->at));
    seed__proto_number(&out->message, 3, seed__modules_address(spot->at));
    for (size_t i = 0; i < spot->count; i++) {
        seed__proto_number(&out->inner, 1,
            seed__numbers_frame(&out->numbers, &spot->frames[i]->frame) + 1);
        seed__proto_number(&out->inner, 2, (uint64_t)spot->lines[i]);
        seed__proto_message(&out->message, 4, &out->inner);
    }
    seed__proto_message(&out->whole, LOCATION, &out->message);
}

static void add_places(struct out *out)
{
    for (size_t i = 0; i < out->reading->stacks.place_count; i++) {
        struct spot *spot = out->reading->of[i];

        if (!spot->number)
            continue;
        add_place(out, spot);
        spot->number = 0;
    }
}

static void add_functions(struct out *out)
{
    for (size_t i = 0; i < out->numbers.frame_count; i++) {
        const struct frame *frame = out->numbers.frames[i];

        seed__proto_number(&out->message, 1, i + 1);
        seed__proto_number(&out->message, 2, text(out, frame->name));
        seed__proto_number(&out->message, 3, text(out, frame->name));
        seed__proto_number(&out->message, 4, text(out, frame->file));
        seed__proto_message(&out->whole, FUNCTION, &out->message);
    }
}

static void add_modules(struct out *out)
{
    const struct module *module;
    char id[sizeof module->id * 2 + 1];

    for (unsigned i = 1; (module = seed__modules_get(i)); i++) {
        id[0] = '\0';
        for (size_t k = 0; k < module->id_length; k++)
            snprintf(id + 2 * k, 3, "%02x", module->id[k]);
        seed__proto_number(&out->message, 1, i);
        seed__proto_number(&out->message, 2, module->from);
        seed__proto_number(&out->message, 3, module->to);
        seed__proto_number(&out->message, 4, module->offset);
        seed__proto_number(&out->message, 5, text(out, module->path));
        seed__proto_number(&out->message, 6, passing_text(out, id));
        for (unsigned has = 7; has <= 10; has++)
            seed__proto_number(&out->message, has, 1); /* names are there */
        seed__proto_message(&out->whole, MAPPING, &out->message);
    }
}

static void add_all(struct out *out, const seed_flame *flame)
{
    seed__numbers_string(&out->numbers, "");
    add_type(out, SAMPLE_TYPE, "samples", "count");
    add_type(out, SAMPLE_TYPE, "cpu", "nanoseconds");
    for (size_t i = 0; i < out->reading->stacks.count; i++)
        add_sample(out, &out->reading->stacks.all[i]);
    add_places(out);
    add_functions(out);
    add_modules(out);
    seed__proto_number(&out->whole, TIME,
        (uint64_t)flame->created * 1000000000u);
    seed__proto_number(&out->whole, DURATION, seed__flame_lasted(flame));
    add_type(out, PERIOD_TYPE, "cpu", "nanoseconds");
    seed__proto_number(&out->whole, PERIOD,
        1000000000u / flame->recorded.hertz);
    seed__proto_number(&out->whole, DEFAULT_TYPE, text(out, "cpu"));
    for (size_t i = 0; i < out->numbers.string_count; i++)
        seed__proto_text(&out->whole, STRING, out->numbers.strings[i]);
}

/* --- gzip ----------------------------------------------------------------- */

static void *take_memory(void *ctx, unsigned count, unsigned size)
{
    (void)ctx;
    return seed_resize(NULL, (size_t)count * size);
}

static void give_memory(void *ctx, void *memory)
{
    (void)ctx;
    seed_release(memory);
}

static char *compress_all(const struct proto *proto, size_t *length)
{
    enum { GZIP = 16 + MAX_WBITS, MEMORY = 8 };
    z_stream stream = { .zalloc = take_memory, .zfree = give_memory,
        .next_in = proto->bytes, .avail_in = (unsigned)proto->length };
    char *bytes = NULL;
    size_t room;

    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, MEMORY,
            Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    room = deflateBound(&stream, proto->length);
    bytes = seed_resize(NULL, room + 1);
    stream.next_out = (unsigned char *)bytes;
    stream.avail_out = (unsigned)room;
    if (!bytes || deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        seed_release(bytes);
        bytes = NULL;
    } else {
        bytes[stream.total_out] = '\0';
        if (length)
            *length = stream.total_out;
    }
    deflateEnd(&stream);
    return bytes;
}

char *seed__flame_pprof(const seed_flame *flame, size_t *length)
{
    struct reading reading;
    struct out out = { .reading = &reading };
    char *bytes = NULL;

    if (seed__reading_make(&reading, flame))
        return NULL;
    add_all(&out, flame);
    if (!out.whole.failed && !out.numbers.failed)
        bytes = compress_all(&out.whole, length);
    seed_release(out.whole.bytes);
    seed_release(out.message.bytes);
    seed_release(out.inner.bytes);
    seed__numbers_clear(&out.numbers);
    seed__reading_clear(&reading);
    return bytes;
}
