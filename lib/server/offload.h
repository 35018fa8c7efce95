/* SPDX-License-Identifier: MIT */
/* A server's threads for heavy work, started when they are first used. */
#ifndef SERVER_OFFLOAD_H
#define SERVER_OFFLOAD_H

#include <pthread.h>
#include <stdbool.h>

struct job;

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct job *first, **last;
    pthread_t *threads;
    unsigned count, busy; /* threads */
    unsigned queued;      /* jobs    */
    bool stopping;
};

int seed__pool_init(struct pool *pool);

/* Waits for the work that runs; what is queued stays undone. */
void seed__pool_stop(struct pool *pool);

/* Lets go of the requests whose work was not begun; after their loops. */
void seed__pool_clear(struct pool *pool);

/* Blocks what a thread of ours must leave to the application's threads. */
void seed__thread_block_signals(void *old_mask);
void seed__thread_restore_signals(const void *old_mask);

#endif
