/* SPDX-License-Identifier: MIT */
#ifndef SEED_ASYNC_H
#define SEED_ASYNC_H

#include <seed/types.h>

SEED_BEGIN_C

/** Goes on with a request whose handler returned SEED_WAIT.
 *
 *      return SEED_WAIT;                                  (the handler)
 *      ...
 *      seed_resume(req, seed_send_text(res, 200, "hi"));  (later)
 *
 *  step  what the handler would have returned. With SEED_WAIT it goes on
 *        waiting, for the body that seed_read_body() asked for or for another
 *        seed_resume()
 *
 *  Any thread, exactly once a SEED_WAIT; it may even come before the handler
 *  has returned. From other threads only this function may be called on a
 *  request: send on the request's own thread, or pass SEED_NEXT to a handler
 *  that sends. After it req and res are not yours any more. When the client
 *  went away or the server was freed in the meantime, it only gives the
 *  request's memory back. */
SEED_API void seed_resume(seed_req *req, seed_step step);

/** A function that is called later. */
typedef void seed_task(void *ctx);

/** Calls a function in the next turn of the loop, after events that are ready
 *  now have been served; in any case, also when the worker ends before. On the
 *  worker's thread. Returns 0 or SEED_ENOMEM. */
SEED_API int seed_next_turn(seed_worker *worker, seed_task *task, void *ctx);

/** Calls a function on the worker's thread, soon. Any thread; calls of one
 *  thread keep their order. Returns 0 (then it is called in any case),
 *  SEED_ENOMEM, or SEED_ESTATE when the worker has stopped. */
SEED_API int seed_worker_post(seed_worker *worker, seed_task *task,
    void *ctx);

/** A timer. */
typedef struct seed_timer seed_timer;

/** Calls a function after some milliseconds, again and again when `repeat`.
 *  On the worker's thread. Owned: stop it. NULL when memory is exhausted. */
SEED_API seed_timer *seed_timer_start(seed_worker *worker,
    unsigned milliseconds, bool repeat, seed_task *task, void *ctx);

/** Ends a timer and frees it, also one that has fired, also from its own
 *  task; NULL does nothing. On the worker's thread. A timer left running ends
 *  with its worker, before SEED_ON_STOP, and may still be stopped until
 *  seed_server_free() has returned, which frees it. */
SEED_API void seed_timer_stop(seed_timer *timer);

/** Runs heavy or blocking work on a thread of the server's pool, then goes on
 *  with the request on its own loop:
 *
 *      return seed_offload(req, resize_picture, send_picture, job);
 *
 *  work  runs on the pool with ctx; it must not touch req or res
 *  then  a handler, run on the request's loop when the work is done; what it
 *        returns is the step of the handler that called seed_offload(). When
 *        the client went away meanwhile it does not run
 *  ctx   borrowed until `then` has run, or the request's memory is freed:
 *        seed_req_alloc() is a good place, for it outlives the work
 *
 *  Returns what the handler must return: SEED_WAIT, or SEED_STOP after a 503
 *  when memory is exhausted. */
SEED_API seed_step seed_offload(seed_req *req, seed_task *work,
    seed_handler *then, void *ctx);

/** Calls a function on every worker's thread with that worker: for counters,
 *  caches and hooks of a running server. Any thread. Returns 0, SEED_ENOMEM,
 *  or SEED_ESTATE when the server does not run. */
SEED_API int seed_each_worker(seed_server *server,
    void (*each)(seed_worker *worker, void *ctx), void *ctx);

/** The worker that the calling thread runs, or NULL. */
SEED_API seed_worker *seed_current_worker(void);

/** A worker's number, 0 to workers - 1, its server, and its libevent loop:
 *  events may be added to that on the worker's thread. */
SEED_API unsigned seed_worker_index(const seed_worker *worker);
SEED_API seed_server *seed_worker_server(const seed_worker *worker);
SEED_API struct event_base *seed_worker_base(const seed_worker *worker);

/** A place of a plugin's own in a worker, as seed_req_set() is in a request.
 *  On the worker's thread. Returns 0 or SEED_ENOMEM. */
SEED_API int seed_worker_set(seed_worker *worker, const void *key,
    void *value);
SEED_API void *seed_worker_slot(const seed_worker *worker, const void *key);

/** Nanoseconds of the monotonic clock. Any thread. */
SEED_API uint64_t seed_now(void);

SEED_END_C

#endif
