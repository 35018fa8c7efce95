/* SPDX-License-Identifier: MIT */
#ifndef SEED_TYPES_H
#define SEED_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Public symbols, and nothing else, leave the shared library. */
#if defined(__GNUC__)
#define SEED_API __attribute__((visibility("default")))
#define SEED_PRINTF(text, first)                                              \
    __attribute__((__format__(__printf__, text, first)))
#else
#define SEED_API
#define SEED_PRINTF(text, first)
#endif

#ifdef __cplusplus
#define SEED_BEGIN_C extern "C" {
#define SEED_END_C }
#else
#define SEED_BEGIN_C
#define SEED_END_C
#endif

SEED_BEGIN_C

/* Named, never defined here: including <seed.h> pulls in no other library. */
struct json_t;
struct event_base;
struct evhttp;
struct evhttp_request;
struct sockaddr;

/** The objects, opaque all of them. */
typedef struct seed_server seed_server; /* routes, hooks, listeners, workers */
typedef struct seed_worker seed_worker; /* one event loop and its thread     */
typedef struct seed_route seed_route;   /* one method and pattern            */
typedef struct seed_req seed_req;       /* one request, until its `after`    */
typedef struct seed_res seed_res;       /* its answer                        */

/** What happens next: the value that a handler returns.
 *
 *  Every seed_send_...() returns SEED_STOP, so that sending can be the last
 *  line of a handler; seed_fail() returns SEED_STOP as well. */
typedef enum seed_step {
    SEED_NEXT, /* go on with the next handler (restify's next())           */
    SEED_STOP, /* end this request's chains (restify's next(false))        */
    SEED_WAIT  /* the answer comes later; seed_resume() goes on            */
} seed_step;

/** A handler: middleware, the function of a route, or an error handler.
 *
 *  req, res  borrowed; valid until the request's last `after` hook, and until
 *            seed_resume() when the handler returned SEED_WAIT
 *  ctx       what was given when the handler was added; shared by all workers
 *
 *  Runs on the thread of the request's worker and must not block: use
 *  seed_offload() for heavy or blocking work. */
typedef seed_step seed_handler(seed_req *req, seed_res *res, void *ctx);

/** A limit that is never reached. In options, 0 means "the default". */
#define SEED_UNLIMITED SIZE_MAX

/* The macros that add handlers and hooks end with `...` where a context goes,
 * so that a compound literal with commas in it can be one. */

/* Names a function and the line that registers it, for traces and warnings. */
#define SEED_HERE(function) #function, __FILE__, __LINE__

SEED_END_C

#endif
