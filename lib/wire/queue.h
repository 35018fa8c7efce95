/* SPDX-License-Identifier: MIT */
/* What a connection has to send: pieces in order. Bytes that their owner keeps
 * are borrowed, others are copied, files are left to the kernel, and a mark
 * says where an answer ends. */
#ifndef WIRE_QUEUE_H
#define WIRE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mover;

enum piece_kind { PIECE_BORROWED, PIECE_COPIED, PIECE_FILE, PIECE_MARK };

struct block {
    struct block *next;
    size_t used, room;
    char bytes[];
};

struct piece {
    enum piece_kind kind;
    int fd;             /* of a file; owned                        */
    union {
        const char *at;
        uint64_t offset;
        void *what;     /* of a mark                               */
    };
    uint64_t length;    /* of a mark: what its owner wants to know */
    struct block *block; /* of a copied piece; owned               */
};

enum { QUEUE_FEW = 4, QUEUE_RACK = 64, STOCK_MOST = 16 };

/* Memory that a loop keeps for its connections' queues. */
struct rack {
    struct rack *next;
    struct piece pieces[QUEUE_RACK];
};

struct stock {
    struct rack *racks;
    struct block *blocks;
    unsigned rack_count, block_count;
};

void seed__stock_clear(struct stock *stock);

struct queue {
    struct piece *list; /* `few`, a rack's, or larger memory */
    unsigned first, count, room;
    uint64_t waiting;   /* bytes in all pieces               */
    uint64_t share;     /* bytes that may leave in this turn */
    struct stock *stock;
    struct piece few[QUEUE_FEW];
};

void seed__queue_init(struct queue *queue, struct stock *stock);

/* Gives back what the queue owns; marks are forgotten. */
void seed__queue_clear(struct queue *queue);

/* Each adds at the end; false when memory is exhausted (a file is then
 * closed). */
bool seed__queue_borrow(struct queue *queue, const char *bytes,
    size_t length);
bool seed__queue_copy(struct queue *queue, const char *bytes, size_t length);
bool seed__queue_file(struct queue *queue, int fd, uint64_t offset,
    uint64_t length);
bool seed__queue_mark(struct queue *queue, void *what, uint64_t length);

enum flushed {
    FLUSHED_ALL,     /* the queue is empty                              */
    FLUSHED_MARK,    /* all up to a mark has left; call again           */
    FLUSHED_BLOCKED, /* the mover takes no more now                     */
    FLUSHED_ENOUGH,  /* the share is used up                            */
    FLUSHED_DEAD     /* the connection is broken, or a file is too short */
};

/* Sends as much as the mover takes and the share allows. *mark receives the
 * mark, which has left the queue. */
enum flushed seed__queue_flush(struct queue *queue, struct mover *mover,
    struct piece *mark);

/* Takes the oldest mark out, passing over what stands before it; false when
 * there is none. */
bool seed__queue_pop_mark(struct queue *queue, struct piece *mark);

#endif
