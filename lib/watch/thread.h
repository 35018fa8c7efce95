/* SPDX-License-Identifier: MIT */
/* What the system knows of a loop's thread, asked from another one: what it
 * has computed, how long it stood ready without a processor, and whether it
 * sleeps in a system call. Linux tells all of it, through /proc; elsewhere the
 * processor's time alone is known. Nothing here disturbs the thread. */
#ifndef WATCH_THREAD_H
#define WATCH_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct thread {
    clockid_t clock;
    bool clocked;
    int schedstat, call;       /* files, or -1 */
    uintptr_t low, high;       /* its stack */
};

/* What a thread is in at the moment. */
struct thread_call {
    bool known;     /* false: the system does not tell */
    bool sleeps;    /* it neither runs nor is ready to */
    long number;    /* of the system call it sleeps in, or -1: a page fault */
    long fd;        /* its first argument */
    uintptr_t stack, place; /* stack pointer and program counter, or 0 */
};

/* For the calling thread. Cannot fail: what is not there is not known. */
void seed__thread_open(struct thread *thread);
void seed__thread_close(struct thread *thread);

/* Nanoseconds so far; 0 when they are not known. */
uint64_t seed__thread_computed(const struct thread *thread);
uint64_t seed__thread_starved(const struct thread *thread);

struct thread_call seed__thread_call(const struct thread *thread);

/* "clock_nanosleep", "read of /tmp/pipe", "system call 999", "a page fault".
 * Returns out. */
char *seed__thread_call_name(const struct thread_call *call, char *out,
    size_t room);

/* Copies memory of this process that may change or vanish meanwhile. Returns
 * how many bytes, from the first on, could be read. */
size_t seed__thread_peek(const void *from, void *to, size_t length);

#endif
