/* SPDX-License-Identifier: MIT */
#include "clinic/shelf.h"

#include <seed/server.h>

#include <stdalign.h>
#include <string.h>

enum { BLOCK = 65536 };

struct shelf_block {
    struct shelf_block *next;
    size_t used, room;
    alignas(max_align_t) char bytes[];
};

static struct shelf_block *add_block(struct shelf *shelf, size_t size)
{
    size_t room = size > BLOCK ? size : BLOCK;
    struct shelf_block *block = seed_resize(NULL, sizeof *block + room);

    if (!block)
        return NULL;
    block->next = shelf->block;
    block->used = 0;
    block->room = room;
    shelf->block = block;
    return block;
}

void *seed__shelf_take(struct shelf *shelf, size_t size)
{
    struct shelf_block *block = shelf->block;
    void *memory;

    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (!block || size > block->room - block->used)
        block = add_block(shelf, size);
    if (!block)
        return NULL;
    memory = block->bytes + block->used;
    block->used += size;
    return memset(memory, 0, size);
}

void seed__shelf_clear(struct shelf *shelf)
{
    while (shelf->block) {
        struct shelf_block *block = shelf->block;

        shelf->block = block->next;
        seed_release(block);
    }
}
