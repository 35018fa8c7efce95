/* SPDX-License-Identifier: MIT */
/* A connection: evhttp's object on one side, the flow on the other.
 *
 * evhttp accepted it and owns it; it ends by evhttp_connection_free(), whose
 * close callback is the destructor here. In between the bytes are ours. One
 * edge-triggered event lasts for life; not reading is the back-pressure.
 *
 *             +---------------- answer over -----------------+
 *             v                                              |
 *  accept -> HEAD -> BODY -> WAIT ----------------------------+
 *             |        |      |  \                            |
 *             |        |      |   LENT -> (idle again) -------+
 *             |        +--> DRAIN ----------------------------+
 *             v                     \  |
 *          (refused) ------------->  CLOSING -> LINGER -> GONE
 *
 * A connection of TLS begins in GREET and goes on to HEAD, or to CLOSING.
 *
 * All work is done by seed__conn_work(), from the loop: sink calls only note
 * what is wanted, for they come from inside handlers. */
#ifndef WIRE_CONN_H
#define WIRE_CONN_H

#include "wire/census.h"
#include "wire/inside.h"
#include "wire/mover.h"

#include "http/frame.h"

struct evhttp_connection;

enum phase {
    PHASE_HEAD,    /* between requests, or reading a head            */
    PHASE_BODY,    /* a request is in flight, its body is not whole  */
    PHASE_WAIT,    /* a request is in flight, all of it was read     */
    PHASE_LENT,    /* evhttp answers it                              */
    PHASE_DRAIN,   /* answered; what is left of its body is not read */
    PHASE_CLOSING, /* no more requests; the queue runs empty         */
    PHASE_LINGER,  /* half-closed; what still comes is not read      */
    PHASE_GREET,   /* the mover agrees with the peer, as TLS does    */
    PHASE_GONE
};

/* Bytes that could not be used up by the time the loop's buffer is needed by
 * others: a head that is not whole, requests behind the one in flight. */
struct stash {
    char *bytes;
    size_t room;
};

/* A head that is not whole keeps its reader between reads. */
struct partial {
    struct head head;
    struct field fields[];
};

/* What a body has cost in time, as the sweep sees it. */
struct toll {
    uint64_t from;    /* what the mover had heard when the message began    */
    uint64_t before;  /* and at the last sweep                              */
    uint64_t awaited; /* nanoseconds in which somebody wanted them          */
    uint64_t still;   /* of these, the last ones without a byte             */
};

struct lending; /* lend.c */

enum { PEER_ROOM = 64 };

struct conn {
    struct sink sink; /* first, so that a sink is its connection */
    struct loop *loop;
    struct bufferevent *bev;
    struct evhttp_connection *evcon;
    struct event edge;
    struct ring all;  /* in loop->conns, or ->fresh */
    struct ring work; /* in loop->dirty, or ->later */
    struct mover *mover, plain;
    const struct mover_maker *maker; /* NULL: the plain one is enough */
    bool greeting;    /* is counted in loop->greeting */
    int own_fd;       /* when evcon is NULL and it lingers all the same */
    uint64_t opened;  /* when it was accepted */
    uint64_t since;   /* when the phase began */
    uint64_t stuck;   /* since when the peer takes nothing; 0: it does */
    size_t requests;  /* that it has had */
    struct origin origin; /* what it counts for in the census */

    enum phase phase;
    unsigned busy;      /* stack frames that use this connection        */
    uint64_t turn;      /* when that began of which these are the shares: */
    unsigned reads_left; /* and the queue's                             */
    bool readable;      /* the kernel may have bytes                    */
    bool fin;           /* the peer's end has arrived                   */
    bool eof;           /* and was read                                 */
    bool blocked;       /* the mover took no more; an edge will tell    */
    bool starved;       /* what was read does not suffice               */

    /* The request in flight. */
    seed_req *req;
    uint64_t answer_bytes;
    enum sink_end how;
    bool ended;         /* the answer is over, and that is not settled  */
    bool answered;      /* the answer is over; the body is still wanted */
    bool chunked;       /* how its body is framed                       */
    bool wants;         /* its body may come                            */
    bool expects;       /* the client waits for 100 Continue            */
    bool told;          /* that the peer half-closed                    */
    bool over_full;     /* more than max_output has waited              */
    bool broken;        /* memory or the kernel has failed it           */
    bool unsure;        /* its last edge may have held a reset          */
    struct frame frame;
    char *trailers;
    uint64_t drained;   /* bytes that nobody wanted                     */
    struct toll toll;
    struct lending *lending;

    char peer[PEER_ROOM]; /* "" until somebody asks                        */

    /* What was read and not used up: in the loop's buffer during a pass, in
     * the stash between passes. */
    const char *at, *end;
    struct stash stash;
    struct partial *partial;

    struct queue out;
    uint64_t backlog; /* what of it the loop's account has                  */
};

/* --- conn.c: its life ----------------------------------------------------- */

/* A connection that evhttp is about to make of this bufferevent. */
struct conn *seed__conn_new(struct loop *loop, struct bufferevent *bev);

/* Begins to serve; evhttp's events are off. */
void seed__conn_open(struct conn *conn, struct evhttp_connection *evcon);

/* For one that was never opened. */
void seed__conn_discard(struct conn *conn);

void seed__conn_enter(struct conn *conn, enum phase phase);

/* The other end of conn->busy++: frees a connection that ended meanwhile. */
void seed__conn_leave(struct conn *conn);

/* Ends the connection; its requests are settled as gone. It is reset when an
 * answer is cut short by that; cut() does so also when one is still due. */
void seed__conn_kill(struct conn *conn);
void seed__conn_cut(struct conn *conn);

/* Resets the socket; the connection is still to be ended. */
void seed__conn_reset(struct conn *conn);

/* Fills conn->peer; once, for a log asks at every request (sink.c). */
void seed__conn_know_peer(struct conn *conn);

/* Nothing is in flight on it, and nothing waits. */
bool seed__conn_idle(const struct conn *conn);

/* Watches the socket, or leaves that to evhttp. */
void seed__conn_watch(struct conn *conn);
void seed__conn_unwatch(struct conn *conn);

/* Ends all of them, but leaves those that a foreign evhttp has to it. */
void seed__conn_end_all(struct loop *loop);
void seed__conn_free_spare(struct loop *loop);

/* --- work.c: what it does ------------------------------------------------ */

/* Does all that can be done now. Only from the loop. */
void seed__conn_work(struct conn *conn);
void seed__conn_work_dirty(struct loop *loop);

/* Wants that, in this turn's pass. */
void seed__conn_touch(struct conn *conn);

/* Wants that in the next turn, for its share of this one is used up. */
void seed__conn_later(struct conn *conn);

/* What waits could leave in this turn. */
static inline bool conn_may_send(const struct conn *conn)
{
    return conn->out.count && !conn->blocked && conn->out.share;
}

/* The event of its socket. */
void seed__conn_on_edge(evutil_socket_t fd, short what, void *ctx);

/* --- greet.c: what comes before requests ---------------------------------- */

/* Counts a connection that begins to greet; and, once, that it has ended. */
void seed__greet_begin(struct conn *conn);
void seed__greet_end(struct conn *conn);

/* Goes on with it. */
void seed__greet_run(struct conn *conn);

/* The connection ends: says so to the peer when nothing is in flight. */
void seed__greet_farewell(struct conn *conn);

/* False when what was agreed on is not enough for the host that is asked for
 * (RFC 9110 15.5.20). */
bool seed__greet_allows(struct conn *conn, const struct head *head);

static inline bool seed__greet_serves(struct conn *conn,
    const struct head *head)
{
    return !conn->mover->ops->serves || seed__greet_allows(conn, head);
}

/* --- input.c: bytes to requests ------------------------------------------- */

/* Reads and judges as long as that is allowed. */
void seed__input_run(struct conn *conn);

/* Keeps what is left where it survives the pass. */
void seed__input_park(struct conn *conn);
void seed__input_clear(struct conn *conn);

/* The body of the request in flight will not end well: it fails with that
 * status, or is cut when its answer has begun. */
void seed__input_cut(struct conn *conn, int status, const char *sentence);

/* --- answer.c: the end of an answer, and what follows from it ------------- */

void seed__answer_settle_now(struct conn *conn);

/* Asked at every step of the work, and seldom with anything to settle. */
static inline void seed__answer_settle(struct conn *conn)
{
    if (conn->answered || conn->ended)
        seed__answer_settle_now(conn);
}

/* A request was answered by evhttp. */
void seed__answer_lent(struct conn *conn, bool keep);

/* --- output.c: the queue to the wire -------------------------------------- */

/* Sends what it can; false when that changed nothing. */
bool seed__output_run(struct conn *conn);

/* Brings the loop's account of what waits to be sent up to date. */
void seed__output_account(struct conn *conn);

/* The mover has taken no more for now; `progress` says whether it has taken
 * anything this time. */
void seed__output_stuck(struct conn *conn, bool progress);

/* --- sweep.c -------------------------------------------------------------- */

/* Whether the request that begins is the connection's last one. */
bool seed__conn_last(struct conn *conn);

/* --- stop.c --------------------------------------------------------------- */

/* It is idle, and has been for as long as a stopping loop leaves it. */
bool seed__stop_ends(const struct conn *conn);

/* --- sink.c --------------------------------------------------------------- */

extern const struct sink_ops seed__conn_sink;

/* --- lend.c --------------------------------------------------------------- */

bool seed__lend_ask(struct conn *conn,
    void (*callback)(struct evhttp_request *, void *), void *ctx);

/* Begins what was asked for, when everything before was sent; sends what evhttp
 * has answered, and takes the connection back behind it. False when nothing
 * has changed. */
bool seed__lend_work(struct conn *conn);

/* The connection is broken: evhttp ends it. */
void seed__lend_abort(struct conn *conn);

/* evhttp has a request for our general callback; false when none was lent. */
bool seed__lend_serve(struct loop *loop, struct evhttp_request *request);

/* The connection ends while evhttp has it. True when the answer had left. */
bool seed__lend_ended(struct conn *conn, int *status, uint64_t *bytes);

/* Before the bufferevent goes. */
void seed__lend_free(struct conn *conn);

#endif
