/* SPDX-License-Identifier: MIT */
/* One worker's event loop: a libevent base, an evhttp on it, the connections
 * that were taken over from it, and the port that the flow asks for time. */
#ifndef WIRE_LOOP_H
#define WIRE_LOOP_H

#include "flow/flow.h"
#include "flow/port.h"

#include <seed/trace.h>

struct loop;
struct event_base;
struct evhttp;
struct mover_maker;

/* base and evhttp are the application's own, borrowed, or NULL: the loop then
 * makes them (NOLOCK; the changelist is not needed) and frees them. Tests at
 * start-up that libevent hands connections over as wire/accept.c needs it.
 * Returns 0 or SEED_E...; `why` receives a sentence. */
int seed__loop_new(struct loop **out, struct event_base *base,
    struct evhttp *evhttp, char *why, size_t room);

/* Ends every connection, so that the flow settles their requests, and runs what
 * was posted. The order is: seed__loop_close(), seed__flow_clear(),
 * seed__loop_free(). The mailbox stays open until the last of them: another
 * thread's seed_resume() may find it closed only when seed__flow_clear() has
 * cut its request loose. Once is enough; more do nothing. */
void seed__loop_close(struct loop *loop);

/* Closes, when that is not done, then frees; NULL does nothing. */
void seed__loop_free(struct loop *loop);

struct port *seed__loop_port(struct loop *loop);
struct event_base *seed__loop_base(struct loop *loop);
struct evhttp *seed__loop_evhttp(struct loop *loop);
struct seed_loop_state seed__loop_state(const struct loop *loop);

/* Bytes that were read so far, and that wait to be sent now. Any thread. */
uint64_t seed__loop_received(const struct loop *loop);
uint64_t seed__loop_backlog(const struct loop *loop);

/* The census that the loop's connections count in, borrowed. */
struct census;
void seed__loop_count_in(struct loop *loop, struct census *census);

/* From here on the loop's connections feed this flow. */
void seed__loop_serve(struct loop *loop, struct flow *flow);

/* Accepts on a listening socket; fd is taken. The maker says how connections
 * move their bytes; it is borrowed and outlives the loop. NULL: as they are.
 * Returns 0 or SEED_E.... */
int seed__loop_listen(struct loop *loop, int fd,
    const struct mover_maker *maker);

/* Runs until seed__loop_stop() has finished; one turn with `once`. */
int seed__loop_run(struct loop *loop);
int seed__loop_turn(struct loop *loop);

/* On the loop's thread: listeners close, connections that stay idle for a
 * second close, requests in flight get `grace` milliseconds; then `done` is
 * called from the loop (and a running seed__loop_run() returns). A later call
 * may shorten the grace. */
void seed__loop_stop(struct loop *loop, unsigned grace,
    void (*done)(void *ctx), void *ctx);

/* How many requests were cut off when the grace was over. Any thread. */
unsigned seed__loop_cut(const struct loop *loop);

/* Gives libevent's allocations to base/mem; before libevent's first use. */
int seed__loop_use_allocator(void);

#endif
