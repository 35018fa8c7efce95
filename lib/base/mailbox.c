/* SPDX-License-Identifier: MIT */
/* A list behind a lock. The lock is held for pointer moves only, never while
 * wake or a task runs, so a task may post, hold, drop and close as it likes.
 *
 * Two promises need a count. The box lives while someone holds it. And after
 * close no wake may come (what it wakes is about to be freed), although wakes
 * run outside the lock: close waits for those that are under way. */
#include "base/mailbox.h"

#include "base/mem.h"

#include <pthread.h>
#include <stddef.h>

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t quiet; /* waking fell to 0 */
    struct task *first, **last;
    void (*wake)(void *ctx);
    void *ctx;
    unsigned holders;
    unsigned waking;
    bool closed;
};

struct mailbox *seed__mailbox_new(void (*wake)(void *ctx), void *ctx)
{
    struct mailbox *box = seed__alloc_zeroed(sizeof *box);

    if (!box)
        return NULL;
    if (pthread_mutex_init(&box->lock, NULL))
        goto fail;
    if (pthread_cond_init(&box->quiet, NULL))
        goto fail_lock;

    box->last = &box->first;
    box->wake = wake;
    box->ctx = ctx;
    box->holders = 1;
    return box;

fail_lock:
    pthread_mutex_destroy(&box->lock);
fail:
    seed__release(box);
    return NULL;
}

void seed__mailbox_hold(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->holders++;
    pthread_mutex_unlock(&box->lock);
}

void seed__mailbox_drop(struct mailbox *box)
{
    bool last;

    if (!box)
        return;

    pthread_mutex_lock(&box->lock);
    last = !--box->holders;
    pthread_mutex_unlock(&box->lock);
    if (!last)
        return;

    pthread_cond_destroy(&box->quiet);
    pthread_mutex_destroy(&box->lock);
    seed__release(box);
}

static void wake_reader(struct mailbox *box)
{
    box->wake(box->ctx);

    pthread_mutex_lock(&box->lock);
    if (!--box->waking)
        pthread_cond_broadcast(&box->quiet);
    pthread_mutex_unlock(&box->lock);
}

bool seed__mailbox_post(struct mailbox *box, struct task *task)
{
    bool closed, was_empty;

    task->next = NULL;
    pthread_mutex_lock(&box->lock);
    closed = box->closed;
    was_empty = !closed && !box->first;
    if (!closed) {
        *box->last = task;
        box->last = &task->next;
    }
    box->waking += was_empty;
    pthread_mutex_unlock(&box->lock);

    if (was_empty)
        wake_reader(box);
    return !closed;
}

/* With the lock held. */
static struct task *take_all(struct mailbox *box)
{
    struct task *first = box->first;

    box->first = NULL;
    box->last = &box->first;
    return first;
}

static void run_all(struct task *task)
{
    while (task) {
        struct task *next = task->next; /* run may free the task */

        task->run(task);
        task = next;
    }
}

void seed__mailbox_run(struct mailbox *box)
{
    struct task *first;

    pthread_mutex_lock(&box->lock);
    first = take_all(box);
    pthread_mutex_unlock(&box->lock);
    run_all(first);
}

void seed__mailbox_close(struct mailbox *box)
{
    struct task *first;

    pthread_mutex_lock(&box->lock);
    box->closed = true;
    while (box->waking)
        pthread_cond_wait(&box->quiet, &box->lock);
    first = take_all(box);
    pthread_mutex_unlock(&box->lock);
    run_all(first);
}
