/* SPDX-License-Identifier: MIT */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The only caller of malloc. Replaceable once, before the first allocation. */
void *seed__alloc(size_t size);
void *seed__alloc_zeroed(size_t size);
void *seed__resize(void *memory, size_t size);
void seed__release(void *memory);
char *seed__copy_string(const char *string);

/* For what libc allocated by itself, as backtrace_symbols() does: no other
 * allocator may have it. */
void seed__release_foreign(void *memory);

/* Returns 0, SEED_EINVAL for a NULL, or SEED_ESTATE when memory is in use. */
int seed__mem_replace(void *(*allocate)(size_t size),
    void *(*resize)(void *memory, size_t size), void (*release)(void *memory));

/* An arena hands out memory that is given back all at once. Its first block is
 * the owner's; more blocks come from its store, or from seed__alloc. */
struct arena_block;

/* Blocks of 8, 16, 32 and 64 KiB that arenas on one thread have used and use
 * again, the newest first: its bytes are still in the processor's cache. */
enum { STORE_SIZES = 4 };

struct arena_store {
    struct arena_block *spare[STORE_SIZES];
    unsigned count[STORE_SIZES];
};

void seed__store_clear(struct arena_store *store);

struct arena {
    char *at, *end;             /* what is left of the newest block */
    struct arena_block *blocks; /* those that were allocated        */
    struct arena_store *store;  /* borrowed, or NULL: none          */
};

/* Starts with `first`, which the arena borrows and never frees, and without a
 * store. */
void seed__arena_init(struct arena *arena, void *first, size_t size);

/* When the newest block has not enough left. */
void *seed__arena_more(struct arena *arena, size_t size);

/* Aligned for any type; NULL when memory is exhausted. */
static inline void *seed__arena_alloc(struct arena *arena, size_t size)
{
    size_t skip = -(uintptr_t)arena->at & (_Alignof(max_align_t) - 1);
    size_t left = (size_t)(arena->end - arena->at);
    char *piece;

    if (!arena->at || skip > left || size > left - skip)
        return seed__arena_more(arena, size);

    piece = arena->at + skip;
    arena->at = piece + size;
    return piece;
}

/* For bytes: not aligned. */
static inline char *seed__arena_bytes(struct arena *arena, size_t size)
{
    char *piece = arena->at;

    if (!piece || size > (size_t)(arena->end - piece))
        return seed__arena_more(arena, size);

    arena->at += size;
    return piece;
}

/* A copy with a NUL behind it. */
char *seed__arena_copy(struct arena *arena, const char *bytes, size_t length);
char *seed__arena_vprintf(struct arena *arena, const char *format, va_list);

/* Makes the newest piece larger where it stands, when there is room. */
bool seed__arena_extend(struct arena *arena, const void *piece, size_t size,
    size_t wanted);

/* Gives back all but the first block; the arena is then as after init, but
 * keeps its store. */
void seed__arena_clear(struct arena *arena, void *first, size_t size);

#endif
