/* SPDX-License-Identifier: MIT */
#include "flow/format.h"

#include <jansson.h>

#include <string.h>

enum { FIRST_ROOM = 1024 };

/* Text that grows in an arena: mostly where it stands. */
struct text {
    struct arena *arena;
    char *at;
    size_t length, room;
};

static bool grow(struct text *text, size_t needed)
{
    size_t room = text->room;
    char *at;

    while (room < needed)
        room *= 2;
    if (seed__arena_extend(text->arena, text->at, text->room, room)) {
        text->room = room;
        return true;
    }
    at = seed__arena_bytes(text->arena, room);
    if (!at)
        return false;

    memcpy(at, text->at, text->length);
    text->at = at;
    text->room = room;
    return true;
}

static int add(const char *piece, size_t size, void *ctx)
{
    struct text *text = ctx;

    if (text->length + size > text->room
        && !grow(text, text->length + size))
        return -1;

    memcpy(text->at + text->length, piece, size);
    text->length += size;
    return 0;
}

struct str seed__format_json(const struct json_t *value, struct arena *arena)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    struct text text = { arena, seed__arena_bytes(arena, FIRST_ROOM), 0,
        FIRST_ROOM };

    if (!value || !text.at || json_dump_callback(value, add, &text, flags))
        return (struct str){ NULL, 0 };

    return (struct str){ text.at, text.length };
}

void seed__format_release(struct json_t *value)
{
    json_decref(value);
}

int seed__format_use_allocator(void)
{
    json_set_alloc_funcs(seed__alloc, seed__release);
    return 0;
}
