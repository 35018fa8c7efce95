/* SPDX-License-Identifier: MIT */
/* What will go wrong in a life, and whether it has: the n-th allocation, or the
 * n-th call of one kind with one error. */
#ifndef TEST_FAULT_SWEEP_FATE_H
#define TEST_FAULT_SWEEP_FATE_H

#include <stdbool.h>
#include <stddef.h>

/* Calls by whose names libseed, libevent and OpenSSL reach the system. */
#define CALLS(X)                                                              \
    X(socket) X(bind) X(listen) X(connect) X(accept4) X(getsockname)          \
    X(getpeername) X(getsockopt) X(setsockopt) X(shutdown) X(socketpair)      \
    X(epoll_create1) X(epoll_ctl) X(epoll_wait) X(poll) X(eventfd) X(pipe)    \
    X(pipe2) X(timerfd_create) X(timerfd_settime) X(fcntl) X(ioctl) X(open)   \
    X(unlink) X(close) X(read) X(readv) X(pread) X(recv) X(write) X(writev)   \
    X(send) X(sendmsg) X(sendfile) X(mmap) X(getentropy) X(pthread_create)

enum fate {
    FATE_ALLOCATION,
#define X(name) FATE_##name,
    CALLS(X)
#undef X
    FATES
};

enum { SHORT = -1 }; /* no error: a part is read, or written */

/* What this thread does is no server's: nothing of it fails. */
extern _Thread_local bool fate_spares;

const char *fate_name(enum fate fate);

/* The n-th one from now on, counted from 0, fails; -1: none does. */
void fate_set(enum fate fate, int error, long n);
void fate_pause(void);
void fate_go_on(void);

/* Whether it has failed since fate_set(), and how many calls there were. */
bool fate_met(void);
long fate_seen(enum fate fate);

/* Asked by each call: 0, SHORT or an errno. */
int fate_of(enum fate fate);

/* The allocator that is given to seed_use_allocator(). */
void *memory_allocate(size_t size);
void *memory_resize(void *memory, size_t size);
void memory_release(void *memory);

/* What is held: blocks, and descriptors. */
long memory_held(void);
long descriptors_held(void);

#endif
