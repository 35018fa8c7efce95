/* SPDX-License-Identifier: MIT */
/* The output queue. Pieces stand in an array that starts inside the
 * connection, grows into a rack that the loop keeps for such cases, and beyond
 * that into memory of its own; when it has run empty, all of it goes back. */
#include "wire/queue.h"

#include "wire/mover.h"

#include "base/mem.h"

#include <string.h>
#include <unistd.h>

enum { BLOCK_ROOM = 4096 - sizeof(struct block), AT_ONCE = 64,
    FILE_AT_ONCE = 1 << 20 };

void seed__stock_clear(struct stock *stock)
{
    while (stock->racks) {
        struct rack *rack = stock->racks;

        stock->racks = rack->next;
        seed__release(rack);
    }
    while (stock->blocks) {
        struct block *block = stock->blocks;

        stock->blocks = block->next;
        seed__release(block);
    }
    stock->rack_count = stock->block_count = 0;
}

static struct block *take_block(struct stock *stock, size_t length)
{
    size_t room = length > BLOCK_ROOM ? length : BLOCK_ROOM;
    struct block *block = stock->blocks;

    if (block && room == BLOCK_ROOM) {
        stock->blocks = block->next;
        stock->block_count--;
    } else {
        block = seed__alloc(sizeof *block + room);
    }
    if (block) {
        block->used = 0;
        block->room = room;
    }
    return block;
}

static void give_block(struct stock *stock, struct block *block)
{
    if (block->room != BLOCK_ROOM || stock->block_count == STOCK_MOST) {
        seed__release(block);
        return;
    }
    block->next = stock->blocks;
    stock->blocks = block;
    stock->block_count++;
}

static struct rack *take_rack(struct stock *stock)
{
    struct rack *rack = stock->racks;

    if (!rack)
        return seed__alloc(sizeof *rack);

    stock->racks = rack->next;
    stock->rack_count--;
    return rack;
}

static void give_list(struct queue *queue)
{
    struct stock *stock = queue->stock;
    struct rack *rack;

    if (queue->room == QUEUE_FEW)
        return;

    if (queue->room == QUEUE_RACK) {
        rack = (struct rack *)(void *)((char *)queue->list
            - offsetof(struct rack, pieces));
        if (stock->rack_count < STOCK_MOST) {
            rack->next = stock->racks;
            stock->racks = rack;
            stock->rack_count++;
        } else {
            seed__release(rack);
        }
    } else {
        seed__release(queue->list);
    }
    queue->list = queue->few;
    queue->room = QUEUE_FEW;
}

void seed__queue_init(struct queue *queue, struct stock *stock)
{
    queue->list = queue->few;
    queue->first = queue->count = 0;
    queue->room = QUEUE_FEW;
    queue->waiting = 0;
    queue->share = UINT64_MAX;
    queue->stock = stock;
}

/* Makes room for one more behind the last: by moving all to the front when
 * that frees half of the array, else by a larger one. */
static bool grow(struct queue *queue)
{
    struct piece *from = queue->list + queue->first;
    unsigned room = queue->room == QUEUE_FEW ? QUEUE_RACK : queue->room * 2;
    struct rack *rack;
    struct piece *list;

    if (queue->first >= queue->room / 2) {
        memmove(queue->list, from, queue->count * sizeof *from);
        queue->first = 0;
        return true;
    }
    if (room == QUEUE_RACK) {
        rack = take_rack(queue->stock);
        list = rack ? rack->pieces : NULL;
    } else {
        list = seed__alloc(room * sizeof *list);
    }
    if (!list)
        return false;

    memcpy(list, from, queue->count * sizeof *from);
    give_list(queue);
    queue->list = list;
    queue->room = room;
    queue->first = 0;
    return true;
}

static struct piece *add(struct queue *queue, enum piece_kind kind,
    uint64_t length)
{
    struct piece *piece;

    if (queue->first + queue->count == queue->room && !grow(queue))
        return NULL;

    piece = &queue->list[queue->first + queue->count++];
    piece->kind = kind;
    piece->length = length;
    if (kind != PIECE_MARK)
        queue->waiting += length;
    return piece;
}

bool seed__queue_borrow(struct queue *queue, const char *bytes, size_t length)
{
    struct piece *piece;

    if (!length)
        return true;

    piece = add(queue, PIECE_BORROWED, length);
    if (!piece)
        return false;
    piece->at = bytes;
    return true;
}

/* The last piece, when it is copied and its block has room for this. */
static struct piece *copied_last(struct queue *queue, size_t length)
{
    struct piece *last = &queue->list[queue->first + queue->count - 1];

    if (!queue->count || last->kind != PIECE_COPIED
        || last->block->room - last->block->used < length)
        return NULL;
    return last;
}

bool seed__queue_copy(struct queue *queue, const char *bytes, size_t length)
{
    struct piece *piece = copied_last(queue, length);
    struct block *block;

    if (!length)
        return true;

    if (!piece) {
        block = take_block(queue->stock, length);
        piece = block ? add(queue, PIECE_COPIED, 0) : NULL;
        if (!piece) {
            seed__release(block);
            return false;
        }
        piece->block = block;
        piece->at = block->bytes;
    }
    memcpy(piece->block->bytes + piece->block->used, bytes, length);
    piece->block->used += length;
    piece->length += length;
    queue->waiting += length;
    return true;
}

bool seed__queue_file(struct queue *queue, int fd, uint64_t offset,
    uint64_t length)
{
    struct piece *piece = length ? add(queue, PIECE_FILE, length) : NULL;

    if (!piece) {
        close(fd);
        return !length;
    }
    piece->fd = fd;
    piece->offset = offset;
    return true;
}

bool seed__queue_mark(struct queue *queue, void *what, uint64_t length)
{
    struct piece *piece = add(queue, PIECE_MARK, length);

    if (!piece)
        return false;
    piece->what = what;
    return true;
}

static void drop_first(struct queue *queue)
{
    struct piece *piece = &queue->list[queue->first];

    if (piece->kind == PIECE_COPIED)
        give_block(queue->stock, piece->block);
    if (piece->kind == PIECE_FILE)
        close(piece->fd);
    if (piece->kind != PIECE_MARK)
        queue->waiting -= piece->length;
    queue->first++;
    if (--queue->count == 0) {
        queue->first = 0;
        give_list(queue);
    }
}

void seed__queue_clear(struct queue *queue)
{
    while (queue->count)
        drop_first(queue);
}

bool seed__queue_pop_mark(struct queue *queue, struct piece *mark)
{
    while (queue->count) {
        *mark = queue->list[queue->first];
        drop_first(queue);
        if (mark->kind == PIECE_MARK)
            return true;
    }
    return false;
}

/* `sent` bytes have left. What is empty now is dropped when it comes first. */
static void advance(struct queue *queue, size_t sent)
{
    unsigned end = queue->first + queue->count;

    queue->waiting -= sent;
    for (unsigned at = queue->first; at < end && sent; at++) {
        struct piece *piece = &queue->list[at];

        if (piece->kind == PIECE_MARK)
            continue;
        if (piece->length > sent) {
            piece->at += sent;
            piece->length -= sent;
            break;
        }
        sent -= piece->length;
        piece->length = 0;
    }
}

static size_t least(uint64_t one, uint64_t other)
{
    return (size_t)(one < other ? one : other);
}

/* As many pieces of memory as one call takes and the share allows, up to the
 * next file. */
static int collect(const struct queue *queue, struct iovec parts[AT_ONCE],
    bool *more)
{
    unsigned end = queue->first + queue->count;
    uint64_t share = queue->share;
    int count = 0;

    *more = false;
    for (unsigned at = queue->first; at < end && !*more; at++) {
        const struct piece *piece = &queue->list[at];

        if (piece->kind == PIECE_MARK || !piece->length)
            continue;
        if (piece->kind == PIECE_FILE || count == AT_ONCE || !share) {
            *more = true;
            break;
        }
        parts[count].iov_base = (void *)(uintptr_t)piece->at;
        parts[count].iov_len = least(piece->length, share);
        *more = parts[count].iov_len < piece->length;
        share -= parts[count++].iov_len;
    }
    return count;
}

static ssize_t send_file(struct queue *queue, struct mover *mover)
{
    struct piece *piece = &queue->list[queue->first];
    size_t length = least(least(piece->length, FILE_AT_ONCE), queue->share);
    ssize_t sent = mover->ops->file(mover, piece->fd, piece->offset, length);

    if (sent == 0)
        return MOVED_DEAD; /* it has shrunk; the answer promised more */
    if (sent > 0) {
        piece->offset += (uint64_t)sent;
        piece->length -= (uint64_t)sent;
        queue->waiting -= (uint64_t)sent;
    }
    return sent;
}

static ssize_t send_some(struct queue *queue, struct mover *mover)
{
    struct iovec parts[AT_ONCE];
    bool more;
    ssize_t sent;
    int count;

    if (queue->list[queue->first].kind == PIECE_FILE)
        return send_file(queue, mover);

    count = collect(queue, parts, &more);
    sent = mover->ops->write(mover, parts, count, more);
    if (sent > 0)
        advance(queue, (size_t)sent);
    return sent;
}

enum flushed seed__queue_flush(struct queue *queue, struct mover *mover,
    struct piece *mark)
{
    while (queue->count) {
        struct piece *first = &queue->list[queue->first];
        ssize_t sent;

        if (first->kind == PIECE_MARK) {
            *mark = *first;
            drop_first(queue);
            return FLUSHED_MARK;
        }
        if (!first->length) {
            drop_first(queue);
            continue;
        }
        if (!queue->share)
            return FLUSHED_ENOUGH;
        sent = send_some(queue, mover);
        if (sent == MOVED_AGAIN)
            return FLUSHED_BLOCKED;
        if (sent < 0)
            return FLUSHED_DEAD;
        queue->share -= (uint64_t)sent;
    }
    return FLUSHED_ALL;
}
