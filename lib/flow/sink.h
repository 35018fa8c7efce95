/* SPDX-License-Identifier: MIT */
/* Where a request's answer goes: a connection, or memory. The flow writes
 * bytes and knows no socket; whoever has the socket knows no handler.
 *
 * In every call the sink may find that the client is gone. It then says so by
 * seed__flow_peer(), but not from inside these calls: later, from the loop. */
#ifndef FLOW_SINK_H
#define FLOW_SINK_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <seed/types.h>

struct sink;
struct seed_tls;
struct evhttp_request;

enum sink_hold {
    SINK_COPY,  /* the bytes go away when put returns                  */
    SINK_BORROW /* they stay until seed__flow_flushed() or _peer()     */
};

enum sink_end {
    SINK_KEEP,  /* the message is whole; the connection may go on      */
    SINK_CLOSE, /* the message is whole; then close                    */
    SINK_ABORT  /* the message is cut: reset the connection            */
};

struct sink_ops {
    /* Sends "100 Continue", before the answer's head. */
    void (*inform)(struct sink *sink);

    /* Lets the body's bytes come (seed__flow_body()), or holds them back.
     * Off at the beginning. What is never let come is drained or closed on. */
    void (*want_body)(struct sink *sink, bool want);

    /* Adds bytes to the answer. They leave at the latest when the loop's turn
     * ends, with end() at once: one system call for head and body. */
    void (*put)(struct sink *sink, const void *bytes, size_t length,
        enum sink_hold hold);

    /* Adds a part of a file; fd is taken. */
    void (*file)(struct sink *sink, int fd, uint64_t offset, uint64_t length);

    /* The answer is over. seed__flow_flushed() follows when the kernel has all
     * of it, or seed__flow_peer(); never both, and never from inside end(). */
    void (*end)(struct sink *sink, enum sink_end how);

    /* Bytes that were put and have not left. */
    size_t (*waiting)(struct sink *sink);

    /* Gives the request to evhttp (wire/lend): callback NULL for the
     * application's own callbacks. The body was read. evhttp's status comes
     * back by seed__flow_lent_done(), never from inside lend(). Returns false
     * when the sink cannot lend. */
    bool (*lend)(struct sink *sink,
        void (*callback)(struct evhttp_request *, void *), void *ctx);

    /* The client's address as text, into the arena. */
    const char *(*peer)(struct sink *sink, struct arena *arena);

    /* What TLS has agreed on, in the arena, or NULL. The operation is NULL
     * where there is none. */
    const struct seed_tls *(*tls)(struct sink *sink, struct arena *arena);

    /* Nanoseconds that the newest bytes have waited in the kernel, or 0. */
    uint64_t (*wait)(struct sink *sink);
};

struct sink {
    const struct sink_ops *ops;
    uint64_t number; /* of the connection, for hooks                   */
    seed_req *req;   /* set when a request begins, before it can answer */
    bool last;       /* so is this: no request follows, answers close   */
};

#endif
