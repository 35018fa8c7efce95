/* SPDX-License-Identifier: MIT */
/* Answers that take time, for servers of the fault matrix. */
#ifndef FAULT_SERVERS_JOBS_H
#define FAULT_SERVERS_JOBS_H

#include "wire/servers/common.h"

struct job {
    seed_req *req;
    seed_res *res;
    seed_timer *timer;
    const char *piece; /* of a stream: again and again */
    size_t size, left;
    bool over;
    unsigned long sum;
};

/* Streams that came to their end, and requests whose client or time was gone
 * before. */
static atomic_long finished, cancelled;

static inline struct job *job_new(seed_req *req, seed_res *res)
{
    struct job *job = seed_req_alloc(req, sizeof *job);

    *job = (struct job){ .req = req, .res = res };
    return job;
}

/* Knows nothing of deadlines, and answers whoever is left. */
static inline void answer_late(void *ctx)
{
    struct job *job = ctx;

    seed_timer_stop(job->timer);
    seed_resume(job->req, seed_send_text(job->res, 200, "late"));
}

/* ":ms" of the path. */
static inline seed_step late(seed_req *req, seed_res *res, void *ctx)
{
    struct job *job = job_new(req, res);

    (void)ctx;
    job->timer = seed_timer_start(seed_req_worker(req),
        (unsigned)atoi(seed_req_param(req, "ms")), false, answer_late, job);
    return SEED_WAIT;
}

static inline void let_go(seed_req *req, enum seed_cancel why, void *ctx)
{
    (void)why;
    (void)ctx;
    atomic_fetch_add(&cancelled, 1);
    seed_resume(req, SEED_STOP);
}

static inline void pump(seed_res *res, void *ctx)
{
    struct job *job = ctx;

    while (job->left) {
        job->left--;
        if (seed_stream_write(res, job->piece, job->size))
            return;
    }
    if (job->over)
        return;
    job->over = true;
    atomic_fetch_add(&finished, 1);
    seed_resume(job->req, seed_stream_end(res));
}

static inline void pump_first(void *ctx)
{
    struct job *job = ctx;

    if (!job->over)
        pump(job->res, job);
}

static inline void stop_pump(seed_req *req, enum seed_cancel why, void *ctx)
{
    struct job *job = ctx;

    if (job->over)
        return;
    job->over = true;
    let_go(req, why, NULL);
}

/* ":pieces" of the path, with a Content-Length or in chunks. */
static inline seed_step stream_pieces(seed_req *req, seed_res *res,
    const char *piece, size_t size, bool sized)
{
    struct job *job = job_new(req, res);

    job->piece = piece;
    job->size = size;
    job->left = strtoul(seed_req_param(req, "pieces"), NULL, 10);
    if (seed_stream_open(res, 200, sized ? job->left * size : SEED_UNLIMITED))
        return SEED_STOP;
    seed_on_drain(res, pump, job);
    seed_on_cancel(req, stop_pump, job);
    return seed_next_turn(seed_req_worker(req), pump_first, job)
        ? seed_stream_abort(res) : SEED_WAIT;
}

static inline seed_step fail_in_stream(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_stream_open(res, 200, SEED_UNLIMITED);
    seed_stream_write(res, "half", 4);
    return seed_fail(res, 500, "in the middle");
}

#endif
