/* SPDX-License-Identifier: MIT */
/* The only door to malloc. Everything else asks here, so that a host can bring
 * an allocator of its own and tests can make the n-th allocation fail.
 *
 * An arena hands out bytes from the front of its newest block:
 *
 *     blocks -> | next | used ... | at      end |
 *               | next | used up  ...           |
 *               ...
 *     and first, the owner's, which is in no list.
 */
#include "base/mem.h"

#include <seed/error.h>

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SIZE = 8192,
    LARGE_PIECE = BLOCK_SIZE / 4,
    STORE_MOST = 1 << 20 /* bytes of each size that are kept */
};

struct arena_block {
    struct arena_block *next;
    size_t room;
    max_align_t bytes[];
};

static struct {
    void *(*allocate)(size_t size);
    void *(*resize)(void *memory, size_t size);
    void (*release)(void *memory);
} door = { malloc, realloc, free };

/* Memory of one allocator must not meet the release of another. */
static atomic_bool in_use;

static void note_use(void)
{
    if (!atomic_load_explicit(&in_use, memory_order_relaxed))
        atomic_store_explicit(&in_use, true, memory_order_relaxed);
}

int seed__mem_replace(void *(*allocate)(size_t size),
    void *(*resize)(void *memory, size_t size), void (*release)(void *memory))
{
    if (!allocate || !resize || !release)
        return SEED_EINVAL;
    if (atomic_load_explicit(&in_use, memory_order_relaxed))
        return SEED_ESTATE;

    door.allocate = allocate;
    door.resize = resize;
    door.release = release;
    return 0;
}

void *seed__alloc(size_t size)
{
    note_use();
    return door.allocate(size ? size : 1);
}

void *seed__alloc_zeroed(size_t size)
{
    void *memory = seed__alloc(size);

    return memory ? memset(memory, 0, size) : NULL;
}

void *seed__resize(void *memory, size_t size)
{
    note_use();
    return door.resize(memory, size ? size : 1);
}

void seed__release(void *memory)
{
    if (memory)
        door.release(memory);
}

void seed__release_foreign(void *memory)
{
    free(memory);
}

char *seed__copy_string(const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = seed__alloc(size);

    return copy ? memcpy(copy, string, size) : NULL;
}

void seed__arena_init(struct arena *arena, void *first, size_t size)
{
    arena->at = first;
    arena->end = first ? arena->at + size : arena->at;
    arena->blocks = NULL;
    arena->store = NULL;
}

/* The store's sizes double; STORE_SIZES for what it does not keep. */
static unsigned size_index(size_t room)
{
    unsigned index = 0;

    while (index < STORE_SIZES && (size_t)BLOCK_SIZE << index < room)
        index++;
    return index;
}

static struct arena_block *take_block(struct arena_store *store, size_t room)
{
    unsigned index = store ? size_index(room) : STORE_SIZES;
    struct arena_block *block;

    if (index < STORE_SIZES) {
        room = (size_t)BLOCK_SIZE << index;
        block = store->spare[index];
        if (block) {
            store->spare[index] = block->next;
            store->count[index]--;
            return block;
        }
    }
    if (room > SIZE_MAX - sizeof *block)
        return NULL;
    block = seed__alloc(sizeof *block + room);
    if (block)
        block->room = room;
    return block;
}

static void give_block(struct arena_store *store, struct arena_block *block)
{
    unsigned index = store ? size_index(block->room) : STORE_SIZES;

    if (index == STORE_SIZES
        || store->count[index] >= STORE_MOST / block->room) {
        seed__release(block);
        return;
    }
    block->next = store->spare[index];
    store->spare[index] = block;
    store->count[index]++;
}

void seed__store_clear(struct arena_store *store)
{
    for (unsigned i = 0; i < STORE_SIZES; i++) {
        while (store->spare[i]) {
            struct arena_block *block = store->spare[i];

            store->spare[i] = block->next;
            seed__release(block);
        }
        store->count[i] = 0;
    }
}

/* What is left of a new block is used next, unless the newest one has more. */
void *seed__arena_more(struct arena *arena, size_t size)
{
    struct arena_block *block = take_block(arena->store,
        size > LARGE_PIECE ? size : BLOCK_SIZE);
    char *bytes;

    if (!block)
        return NULL;

    block->next = arena->blocks;
    arena->blocks = block;
    bytes = (char *)block->bytes;
    if (!arena->at || block->room - size > (size_t)(arena->end - arena->at)) {
        arena->at = bytes + size;
        arena->end = bytes + block->room;
    }
    return bytes;
}

char *seed__arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *copy;

    if (length == SIZE_MAX)
        return NULL;
    copy = seed__arena_bytes(arena, length + 1);
    if (!copy)
        return NULL;

    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

/* Formatted where it will stand, so that it is done once when it fits there. */
char *seed__arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    size_t room = (size_t)(arena->end - arena->at);
    va_list again;
    char *text;
    int length;

    va_copy(again, args);
    length = vsnprintf(room ? arena->at : NULL, room, format, again);
    va_end(again);
    if (length < 0)
        return NULL;

    text = seed__arena_bytes(arena, (size_t)length + 1);
    if (text && (size_t)length >= room)
        vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

bool seed__arena_extend(struct arena *arena, const void *piece, size_t size,
    size_t wanted)
{
    if ((const char *)piece + size != arena->at || wanted < size)
        return false;
    if (wanted - size > (size_t)(arena->end - arena->at))
        return false;

    arena->at += wanted - size;
    return true;
}

void seed__arena_clear(struct arena *arena, void *first, size_t size)
{
    struct arena_store *store = arena->store;

    while (arena->blocks) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->next;
        give_block(store, block);
    }
    seed__arena_init(arena, first, size);
    arena->store = store;
}
