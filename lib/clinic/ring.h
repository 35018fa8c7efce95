/* SPDX-License-Identifier: MIT */
/* Where signal handlers leave their samples for the collector: slots of a
 * fixed size, mapped once. A handler takes a free one, fills it and gives it
 * over by one store; nobody waits for anybody. No order is kept: a thread that
 * lost the processor in its handler holds up its own slot alone. */
#ifndef CLINIC_RING_H
#define CLINIC_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RING_SLOTS = 2048,
    SAMPLE_FRAMES = 64,
    SAMPLE_COPY = 16384,  /* bytes of a stack, when it is to be searched */
    SAMPLE_COPIES = 256
};

/* The handler or hook that ran, copied: it may be freed before it is read.
 * Strings are cut where they are too long. `kind` is "" for none. */
struct sample_span {
    char kind[16], function[64], file[96], method[16], pattern[112];
    int line;
};

struct sample {
    uint64_t when;    /* seed_now()                                       */
    uint64_t weight;  /* nanoseconds of CPU time                          */
    long tid;
    unsigned count;   /* of frames; of bytes in the copy, when searched   */
    int copy;         /* which copy of the stack, or -1                   */
    bool truncated;
    struct sample_span span;
    void *frames[SAMPLE_FRAMES]; /* innermost first */
};

/* Maps the memory, once a process. False without. */
bool seed__ring_open(void);

/* In a handler: a slot, or NULL when all are taken (which is counted). Then
 * seed__ring_give(). */
struct sample *seed__ring_take(void);
void seed__ring_give(struct sample *sample);

/* In a handler: room for a copy of the stack, SAMPLE_COPY bytes; NULL when
 * there is none. It goes back with its sample. */
unsigned char *seed__ring_copy(struct sample *sample);

/* By the collector: tells of every sample that was given, and frees its slot.
 * Returns how many. */
size_t seed__ring_drain(void (*each)(const struct sample *sample,
    const unsigned char *copy, void *ctx), void *ctx);

/* In the child of a fork, where no handler runs: all slots are free. */
void seed__ring_reset(void);

/* How many samples found no slot so far. */
uint64_t seed__ring_dropped(void);

#endif
