/* SPDX-License-Identifier: MIT */
/* A request without a socket, under way. */
#ifndef SERVER_INJECT_H
#define SERVER_INJECT_H

#include "server/server.h"
#include "http/frame.h"

#include <seed/inject.h>

/* Two may hold it: who waits for its answer, and the worker that serves it. */
struct injected {
    struct sink sink; /* first: a sink is its injection */
    seed_worker *worker;
    struct injected *next, **link; /* in worker->injected */

    /* The request. */
    char *bytes;           /* head and body                                  */
    size_t length;
    const char *at;        /* what of the body was not given yet             */
    struct field *fields;
    struct frame frame;
    char trailers[FRAME_TRAILER_ROOM];
    bool given;            /* all of the body, or what there is of it        */

    /* The answer. */
    char *out;
    size_t out_length, out_room;
    bool failed;           /* no memory for it                               */
    bool ended, cut;       /* by the flow; without an answer                 */
    enum sink_end how;

    /* Where it stands. */
    bool pumping;          /* pump() runs and will see what has changed      */
    bool over;             /* the sink has no request any more               */
    struct task start, pump;
    atomic_bool pump_posted;

    pthread_mutex_t lock;  /* for what follows, and who waits                */
    pthread_cond_t changed;
    bool done;
    unsigned holders;
};

/* message.c: the request as bytes; NULL when memory is exhausted. */
char *seed__inject_message(const struct seed_injection *injection,
    size_t *length);

/* memory_sink.c */
extern const struct sink_ops seed__memory_sink;

/* inject.c: what the sink has noticed is seen to, now or soon. */
void seed__inject_pump_soon(struct injected *injected);

#endif
