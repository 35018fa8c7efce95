/* SPDX-License-Identifier: MIT */
/* A request's life, from its accepted head to its last `after`, without a
 * socket. One struct flow a worker. Everything here runs on that worker's
 * thread, but for what resume.c says. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/clock.h"
#include "flow/hooks.h"
#include "flow/plan.h"
#include "flow/port.h"
#include "flow/sink.h"
#include "http/head.h"

/* What handlers do wrong, and likely in every request. */
enum mistake {
    MISTAKE_SILENT,   /* no answer                  */
    MISTAKE_TWICE,    /* one more answer            */
    MISTAKE_JSON,     /* JSON that is not whole     */
    MISTAKES
};

struct warned {
    uint64_t spent;      /* until when warnings have used up their second */
    unsigned long muted; /* since the last one                            */
};

struct flow {
    const struct plan *plan;
    struct hooks hooks;       /* this worker's own lists                    */
    struct port *port;
    seed_worker *worker;
    struct http_date date;
    bool stopping;            /* answers carry Connection: close            */
    bool clearing;            /* nothing goes on any more                   */

    seed_req *spare;          /* finished requests, kept for the next ones  */
    unsigned spare_count;
    seed_req *live;           /* requests that have not had their `after`   */
    seed_req *held;           /* settled, but some SEED_WAIT still has them */
    _Atomic uint64_t events[SEED_ON_COUNT]; /* that came to pass            */
    _Atomic uint64_t limits[SEED_LIMITS];   /* that were hit                */
    uint64_t begun, finished; /* requests; equal when none is in flight     */
    unsigned depth;           /* of chains and hooks that run right now     */
    uint64_t number, number_end; /* numbers for requests, taken in batches  */
    struct arena_store store; /* memory for requests that need much         */
    struct warned warned[MISTAKES];
};

/* Returns 0 or SEED_ENOMEM. */
int seed__flow_init(struct flow *flow, const struct plan *plan,
    struct port *port, seed_worker *worker);

/* Settles what is left as gone, lets go of what others still hold. The port's
 * tasks run before; its mailbox may be closed already, or be closed later. */
void seed__flow_clear(struct flow *flow);

/* --- what the sink's owner calls ------------------------------------------ */

/* A head was accepted: begins the request and runs its chains. `bytes` is the
 * head's text, copied, as is `head` with its fields. The request goes on by
 * the sink, possibly to its end, before this returns. Returns NULL when memory
 * is exhausted: the sink then has a 503 and end(SINK_CLOSE). */
seed_req *seed__flow_begin(struct flow *flow, struct sink *sink,
    const struct head *head, const char *bytes);

/* A head or a chunk was refused, before or in a request: runs the bad request
 * hooks and, when `req` is NULL, puts the error's answer and
 * end(SINK_CLOSE). With a request (its body was malformed or is cut), the
 * request fails with that status if it has no answer yet, and is aborted if
 * it has begun one. `sentence` is static. */
void seed__flow_refuse(struct flow *flow, struct sink *sink, seed_req *req,
    int status, const char *sentence);

/* The body, while the sink was told to want it. After a piece the sink asks
 * again whether it is still wanted. `trailers` as in struct frame, or NULL. */
void seed__flow_body(seed_req *req, const char *bytes, size_t length);
void seed__flow_body_end(seed_req *req, const char *trailers, size_t length);

/* What the sink may ask about a request that it serves. */
bool seed__flow_wants_body(const seed_req *req);

/* Like that, but also while the handler has paused it: an answered request
 * whose body is open still belongs to its handler. */
bool seed__flow_body_open(const seed_req *req);

/* So many bytes of the body are announced behind what has come (the rest of a
 * chunk): one over the limit fails the request without waiting for them. */
void seed__flow_body_ahead(seed_req *req, uint64_t left);

/* The kernel has the whole answer, and the body has ended or is not wanted any
 * more: whoever still waits for the body will not get it. `after` runs when
 * the chain has ended too, and the request may be freed: it is the sink's no
 * more. `bytes` is how many bytes the answer had on the wire. */
void seed__flow_flushed(seed_req *req, uint64_t bytes);

/* Output has fallen below half of max_output. */
void seed__flow_writable(seed_req *req);

/* SEED_HALF_CLOSED, or SEED_GONE: the request is settled and it is the sink's
 * no more. Not called for requests that were flushed. */
void seed__flow_peer(seed_req *req, enum seed_peer_state state);

/* A lent request was answered by evhttp with this status and is flushed. */
void seed__flow_lent_done(seed_req *req, int status, uint64_t bytes);

/* For lending: the accepted message. */
const struct head *seed__flow_head(const seed_req *req, const char **bytes);

/* Runs a connection's and a worker's hooks. */
void seed__flow_emit(struct flow *flow, enum seed_on on, uint64_t connection);

/* A deadline or a limit was hit: counts it and runs its hooks. `connection` is
 * 0 and `req` NULL where there is none. */
void seed__flow_limit(struct flow *flow, enum seed_limit limit,
    uint64_t connection, seed_req *req);
uint64_t seed__flow_limits(const struct flow *flow, enum seed_limit limit);

/* Whether a request has had more time than its route, or the server, gives to
 * handlers. `now` may be earlier than its beginning. */
bool seed__flow_late(const seed_req *req, uint64_t now);

/* Its time is over: it is answered 503, or cut when its answer has begun, and
 * settled; its handler is told. The sink goes on with what it was given. */
void seed__flow_expire(seed_req *req);

/* How often an event came to pass. Any thread. */
uint64_t seed__flow_events(const struct flow *flow, enum seed_on on);

#endif
