/* SPDX-License-Identifier: MIT */
/* A request's whole life without a socket: a flow with its plan and port, and
 * clients whose connection is memory.
 *
 * What a test wants to see is mostly one line, the log: each handler and hook
 * adds its word. Handlers come from a script, one token each:
 *
 *     pre=a/n use=b/w get=c/t         list = word / verb
 *
 * Lists: pre, use, err (every fault), err.NAME, and a method in lower case for
 * one more handler of the route "/". Verbs: see life_verbs in harness.c. */
#ifndef UNIT_FLOW_HARNESS_H
#define UNIT_FLOW_HARNESS_H

#include "flow/req.h"
#include "http/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Allocations through base/mem. The n-th from now on fails when fail_in is n;
 * with fail_all, every later one does, too. */
struct life_memory {
    _Atomic long calls, living, fail_in;
    _Atomic bool fail_all;
};
extern struct life_memory life_memory;

/* For cmocka's group setup: puts the counting allocator in place. */
int life_count_memory(void **state);

struct life;

struct client {
    struct sink sink;
    struct life *life;
    struct client *next;

    const char *in; /* what the client sends */
    size_t in_length, in_at;
    size_t piece;   /* bytes of the body a read; 0: all that is there */
    struct frame frame;
    char trailers[FRAME_TRAILER_ROOM];
    bool wants, body_over;
    unsigned wanted; /* calls of want_body(true) */

    bool slow;       /* does not take its answer until life_flush() */
    size_t waiting;  /* what waiting() says */
    struct life_piece *pieces, **last_piece;
    char *answer;
    size_t answer_length;
    unsigned informs;
    bool ended, flushed, gone;
    enum sink_end how;

    bool lends, lent;
    void (*lent_callback)(struct evhttp_request *, void *);
    void *lent_ctx;
};

struct life_wait {
    seed_req *req;
    char verb;
};

struct life {
    struct seed_options options; /* set between init and open */
    struct plan plan;
    struct flow flow;
    struct port port;
    struct task *soon, **last_soon, *later, **last_later;
    struct client *clients;
    bool started, box_closed, cleared;
    long living; /* allocations before it was opened */

    char log[4096];
    char warnings[8192];
    unsigned warned;
    unsigned afters, bads;
    struct life_step *steps;
    struct life_wait waits[64];
    unsigned wait_count;

    /* What the newest `after`, or bad request, saw. */
    int status;
    char fault[64], cause[256];
    uint64_t wire_bytes;
};

void life_init(struct life *life);

/* Makes the plan from life->options, then handlers from a script. */
void life_open(struct life *life, const char *script);
void life_script(struct life *life, const char *script);

/* From here on requests can begin. Called by life_begin() at the latest. */
void life_start(struct life *life);

/* Ends everything in the order of a worker, and checks that nothing was lost:
 * each request had one `after`, all memory came back. */
void life_close(struct life *life);

/* Its three parts, for tests of what comes in between. */
void life_close_box(struct life *life);
void life_clear_flow(struct life *life);
void life_free(struct life *life);

#define life_route(life, method, pattern, handler, ctx) \
    life_route_at((life), (method), (pattern), (handler), (ctx), #handler)
seed_route *life_route_at(struct life *life, const char *method,
    const char *pattern, seed_handler *handler, void *ctx, const char *name);
void life_pre(struct life *life, seed_handler *handler, void *ctx);
void life_use(struct life *life, seed_handler *handler, void *ctx);
void life_on(struct life *life, enum seed_on on, seed_hook *hook, void *ctx);

/* Adds a word to the log. */
void life_note(struct life *life, const char *format, ...) SEED_PRINTF(2, 3);

/* The life that a request belongs to. */
struct life *life_of(const seed_req *req);

/* A client sends bytes: its head begins a request, or is refused. */
seed_req *life_begin(struct life *life, struct client *client,
    const char *text);
seed_req *life_begin_bytes(struct life *life, struct client *client,
    const char *bytes, size_t length);

/* Runs tasks, mail, bodies and flushes until nothing moves. */
void life_run(struct life *life);

/* The same, and resumes what the script's handlers made wait. */
void life_drive(struct life *life);

/* begin and drive; returns the answer's text. */
const char *life_ask(struct life *life, struct client *client,
    const char *text);

/* The client takes its answer; is gone; shuts its side. */
void life_flush(struct client *client);
void life_gone(struct client *client);
void life_half_close(struct client *client);
void life_lent_done(struct client *client, int status);

/* What has arrived so far, with a NUL behind it. */
const char *life_answer(struct client *client);
int life_status(struct client *client);
const char *life_body(struct client *client);
void life_forget(struct client *client);

#define assert_has(text, part) \
    life_assert_has((text), (part), true, __FILE__, __LINE__)
#define assert_lacks(text, part) \
    life_assert_has((text), (part), false, __FILE__, __LINE__)
void life_assert_has(const char *text, const char *part, bool has,
    const char *file, int line);

#endif
