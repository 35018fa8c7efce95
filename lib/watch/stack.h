/* SPDX-License-Identifier: MIT */
/* The calls that a loop's thread is in, asked from another thread.
 *
 * A thread that runs is interrupted by a signal, and walks up its own stack by
 * the unwind tables: exact. A thread that sleeps in a system call is left
 * alone, for the signal would end its sleep with EINTR; its stack is copied
 * and searched for return addresses: near enough, but the left-over of an
 * earlier call may be among them. */
#ifndef WATCH_STACK_H
#define WATCH_STACK_H

#include "watch/pulse.h"

#include <pthread.h>
#include <stdatomic.h>

enum { STACK_FRAMES = 48 };

enum stack_state {
    STACK_FREE,
    STACK_ASKED,
    STACK_TAKING, /* the handler is at it */
    STACK_TAKEN,
    STACK_MISSED  /* the turn was over before the signal came */
};

struct stack {
    _Atomic int state;
    const struct pulse *pulse;
    uint64_t turn;
    void *frames[STACK_FRAMES]; /* innermost first */
    size_t count;
};

/* Calls of the calling thread, innermost first. */
struct walk {
    void **frames;
    size_t room, count;
    bool truncated; /* there are more than there is room for */
};

/* Walks up the calling thread's stack. In a signal's handler it begins with
 * the function that was interrupted. Run it once outside of a handler, so that
 * nothing is loaded in one. */
void seed__stack_walk(struct walk *walk);

/* A real-time signal that nobody uses, or 0. */
int seed__stack_find_signal(void);

/* Takes a real-time signal that nobody uses, for as long as the process lives:
 * one may still be on its way when it is not wanted any more. Once is enough.
 * Returns 0, or SEED_EFULL when each signal has a user. */
int seed__stack_start(void);

/* On the thread that is to be asked: lets the signal in. */
void seed__stack_admit(void);

/* Asks a thread for its stack, if it is still in that turn when it hears of
 * it. False when it cannot be asked now. */
bool seed__stack_ask(struct stack *stack, pthread_t thread,
    const struct pulse *pulse, uint64_t turn);

/* On the thread that may have been asked: returns when no question is on its
 * way. Before `stack` and `pulse` go. */
void seed__stack_settle(struct stack *stack);

/* Searches the stack of a thread that sleeps. Returns how many frames; 0 when
 * the system does not tell where it is. */
size_t seed__stack_search(const struct thread *thread,
    const struct thread_call *call, void *frames[STACK_FRAMES]);

/* Copies into `frames` what looks like a return address among the words of a
 * stack, innermost first. Returns how many. */
size_t seed__stack_search_words(const uintptr_t *words, size_t count,
    void **frames, size_t room);

#endif
