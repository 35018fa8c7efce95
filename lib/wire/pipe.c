/* SPDX-License-Identifier: MIT */
#include "wire/pipe.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static _Thread_local bool guarded;

void seed__pipe_guard(struct pipe_guard *guard)
{
    sigset_t pipe, before;

    guard->ours = false;
    if (guarded)
        return;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (pthread_sigmask(SIG_BLOCK, &pipe, &before))
        return;
    guard->ours = guarded = !sigismember(&before, SIGPIPE);
}

/* A write to a closed connection has left the signal pending on this thread;
 * it must be gone before the block is. */
void seed__pipe_unguard(struct pipe_guard *guard)
{
    sigset_t pipe, pending;
    int number;

    if (!guard->ours)
        return;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!sigpending(&pending) && sigismember(&pending, SIGPIPE))
        sigwait(&pipe, &number);
    pthread_sigmask(SIG_UNBLOCK, &pipe, NULL);
    guard->ours = guarded = false;
}
