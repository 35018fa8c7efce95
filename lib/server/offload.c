/* SPDX-License-Identifier: MIT */
/* seed_offload(): a queue and some threads.
 *
 * A job lives in its request's memory, which SEED_WAIT keeps: offloading needs
 * no memory of its own. When the work is done the job goes to the request's
 * loop by the mailbox, and seed_resume() is called there: after the handler
 * has returned, however short the work was. */
#include "server/server.h"

#include <seed/error.h>
#include <seed/req.h>

#include <assert.h>
#include <signal.h>
#include <stddef.h>

struct job {
    struct task task; /* first: a job is its task */
    struct job *next;
    seed_req *req;
    seed_task *work;
    void *ctx;
};

int seed__pool_init(struct pool *pool)
{
    if (pthread_mutex_init(&pool->lock, NULL))
        return SEED_ENOMEM;
    if (pthread_cond_init(&pool->work, NULL)) {
        pthread_mutex_destroy(&pool->lock);
        return SEED_ENOMEM;
    }
    pool->last = &pool->first;
    return 0;
}

void seed__thread_block_signals(void *old_mask)
{
    /* Signals of a fault reach their own thread; SIGPROF is a profiler's. */
    static const int left[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
        SIGABRT, SIGPROF };
    sigset_t mask;

    sigfillset(&mask);
    for (size_t i = 0; i < COUNT(left); i++)
        sigdelset(&mask, left[i]);
    pthread_sigmask(SIG_SETMASK, &mask, old_mask);
}

void seed__thread_restore_signals(const void *old_mask)
{
    pthread_sigmask(SIG_SETMASK, old_mask, NULL);
}

/* On the request's loop. */
static void run_done(struct task *task)
{
    struct job *job = (struct job *)task;

    seed_resume(job->req, SEED_NEXT);
}

static void finish(struct job *job)
{
    job->task.run = run_done;

    /* A closed box means that the loop is gone: then only memory is left to
     * give back, which seed_resume() does. */
    if (!seed__mailbox_post(job->req->box, &job->task))
        seed_resume(job->req, SEED_STOP);
}

/* With the lock held: the next job, or NULL when the pool ends. */
static struct job *take(struct pool *pool)
{
    struct job *job;

    while (!pool->first && !pool->stopping)
        pthread_cond_wait(&pool->work, &pool->lock);
    if (pool->stopping)
        return NULL;

    job = pool->first;
    assert(job);
    pool->first = job->next;
    if (!pool->first)
        pool->last = &pool->first;
    pool->queued--;
    pool->busy++;
    return job;
}

static void *work_off(void *ctx)
{
    struct pool *pool = ctx;
    struct job *job;

    pthread_mutex_lock(&pool->lock);
    while ((job = take(pool))) {
        pthread_mutex_unlock(&pool->lock);
        job->work(job->ctx);
        finish(job);
        pthread_mutex_lock(&pool->lock);
        pool->busy--;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* With the lock held. */
static void start_thread(struct pool *pool, unsigned most)
{
    sigset_t before;

    if (!pool->threads)
        pool->threads = seed__alloc(most * sizeof *pool->threads);
    if (!pool->threads || pool->count == most)
        return;

    seed__thread_block_signals(&before);
    if (!pthread_create(&pool->threads[pool->count], NULL, work_off, pool))
        pool->count++;
    seed__thread_restore_signals(&before);
}

static bool enqueue(seed_server *server, struct job *job)
{
    struct pool *pool = &server->pool;
    bool served;

    pthread_mutex_lock(&pool->lock);
    /* A thread that a job has woken may sleep yet: it is as good as busy. */
    if (pool->busy + pool->queued >= pool->count)
        start_thread(pool, server->plan.options.offload_threads);
    served = pool->count > 0;
    if (served) {
        *pool->last = job;
        pool->last = &job->next;
        pool->queued++;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    return served;
}

seed_step seed_offload(seed_req *req, seed_task *work, seed_handler *then,
    void *ctx)
{
    struct job *job = seed_req_alloc(req, sizeof *job);

    if (job) {
        *job = (struct job){ .req = req, .work = work, .ctx = ctx };
        req->then = then;
        req->then_ctx = ctx;
        if (enqueue(seed_req_server(req), job))
            return SEED_WAIT;
        req->then = NULL;
    }
    return seed_fail(seed_req_res(req), 503, "out of memory");
}

void seed__pool_stop(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);

    for (unsigned i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i], NULL);
    seed__release(pool->threads);
    pool->threads = NULL;
    pool->count = 0;
}

void seed__pool_clear(struct pool *pool)
{
    while (pool->first) {
        struct job *job = pool->first;

        pool->first = job->next;
        seed_resume(job->req, SEED_STOP);
    }
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
}
