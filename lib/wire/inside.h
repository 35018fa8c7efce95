/* SPDX-License-Identifier: MIT */
/* A worker's loop as the files of this room see it. */
#ifndef WIRE_INSIDE_H
#define WIRE_INSIDE_H

#include "wire/loop.h"
#include "wire/queue.h"
#include "wire/ring.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>

#include <pthread.h>
#include <stdatomic.h>

enum { LOOP_BUFFER = 65536, LOOP_FIELDS = 1000 };

struct conn;
struct lending;
struct mover;
struct mover_maker;

/* Tasks in the order in which they came. */
struct tasks {
    struct task *first, **last;
};

struct loop {
    struct port port; /* first, so that a port is its loop */
    struct event_base *base;
    struct evhttp *evhttp;
    bool own_base, own_evhttp;
    struct flow *flow;

    /* The turn. A turn begins with the first callback of ours and ends with
     * `pass`, which that callback activates: libevent runs it in the same turn,
     * behind all events that are ready. */
    bool in_turn;
    uint64_t now; /* when this turn began */
    _Atomic uint64_t iterations, busy_since, received, backlog;
    _Atomic pthread_t thread;
    struct event pass, next, mail;
    bool next_asked; /* `next` is to come */
    int mail_fd;
    struct tasks soon, deferred;
    struct ring timers;

    /* Connections: all of them; those that want work in this turn's pass; in
     * the next turn; and those that evhttp has accepted and not shown yet. */
    struct ring conns, dirty, later, fresh;
    unsigned conn_count;
    struct event sweep;
    bool sweeping;
    uint64_t sweep_period, swept; /* nanoseconds; when the last one was      */
    uint64_t least_patience; /* of movers with a greeting; 0: there are none */

    /* evhttp's own callbacks, learned from the first connection. */
    bufferevent_data_cb evhttp_read, evhttp_write;
    bufferevent_event_cb evhttp_event;
    struct lending *lending; /* whose message evhttp parses right now */

    /* Scratch for whichever connection reads, and memory for the next one. */
    char *buffer;
    struct field *fields;
    struct stock stock;
    struct conn *spare_conns;
    unsigned spare_conn_count;
    struct ring doors, closed_doors;
    unsigned greeting; /* connections that have not agreed on TLS yet */
    struct ring known; /* in the list by which accept errors find their loop */
    struct event retry;
    bool resting;      /* the listeners accept nobody now                 */
    uint64_t starved;  /* since when accept fails; 0: it does not         */
    int reserve;       /* a descriptor for that time, or -1               */
    struct census *census; /* of the server, borrowed; NULL: no limits    */

    /* Stopping. */
    bool stopping, finished, closing;
    struct event shut, idle, grace;
    unsigned shut_rounds; /* of looking for whom the kernel has let in      */
    uint64_t stop_at, cut_at;
    _Atomic unsigned cut; /* requests that the grace's end has cut off      */
    void (*done)(void *ctx);
    void *done_ctx;
};

/* --- loop.c --------------------------------------------------------------- */

void seed__loop_begin_turn(struct loop *loop);

/* Every callback that libevent makes to this room begins with this. */
static inline void loop_enter(struct loop *loop)
{
    if (!loop->in_turn)
        seed__loop_begin_turn(loop);
}

/* Makes `pass` run soon, in this turn when there is one. */
void seed__loop_wake(struct loop *loop);

/* --- port.c --------------------------------------------------------------- */

int seed__port_open(struct loop *loop);
void seed__port_drain(struct loop *loop);
void seed__port_close(struct loop *loop);
void seed__port_run_soon(struct loop *loop);

/* Works on the connections in `later` in the next turn. */
void seed__port_next_turn(struct loop *loop);

/* --- accept.c ------------------------------------------------------------- */

/* Proves on a connection to itself what the take-over assumes. Returns 0, or
 * SEED_ELIBEVENT or SEED_ESYSTEM with a sentence. */
int seed__accept_probe(char *why, size_t room);
void seed__accept_start(struct loop *loop);
void seed__accept_stop(struct loop *loop);

/* An evhttp that tells accepted connections from others' by being their only
 * one: those of a listener that has its own way of moving bytes. */
struct entrance {
    struct loop *loop;
    const struct mover_maker *maker;
};

/* Takes over what that evhttp accepts; the entrance outlives it. */
void seed__accept_at(struct evhttp *evhttp, struct entrance *entrance);

/* Binds a listener that closes its socket; NULL: both are gone. */
struct evhttp_bound_socket *seed__accept_bind(struct evhttp *evhttp,
    struct evconnlistener *listener);

/* Takes over what was accepted in this turn. */
void seed__accept_fresh(struct loop *loop);

/* --- door.c --------------------------------------------------------------- */

void seed__doors_open(struct loop *loop);
void seed__doors_close(struct loop *loop);

/* Behind the last connection. */
void seed__doors_free(struct loop *loop);

/* Doors whose connections greet rest while too many of them do. */
void seed__doors_mind_greetings(struct loop *loop);

/* At the end none rests: who has waited for a place is served beyond the
 * limits, and not reset. */
void seed__doors_rouse(struct loop *loop);

/* Lets evhttp accept, next in this turn, whom the kernel has let in already.
 * False when there is nobody. */
bool seed__doors_admit(struct loop *loop);
void seed__doors_forget(struct loop *loop);

/* Sees to accept's errors on listeners of the application's own evhttp. */
void seed__doors_mind(struct loop *loop);

/* A connection was accepted: when there are enough now, listeners rest. */
void seed__doors_count(struct loop *loop);

/* One has ended, or time has passed: they rest no longer than they must. */
void seed__doors_try(struct loop *loop);

/* --- stop.c --------------------------------------------------------------- */

void seed__stop_clear(struct loop *loop);

/* A connection ended; the last one of a stopping loop ends the loop. */
void seed__loop_check_done(struct loop *loop);

/* --- greet.c ------------------------------------------------------------- */

/* A listener's loop has as many greetings in progress as it may. */
bool seed__greet_full(const struct loop *loop,
    const struct mover_maker *maker);

/* --- sweep.c -------------------------------------------------------------- */

void seed__sweep_start(struct loop *loop);
void seed__sweep_stop(struct loop *loop);

#endif
