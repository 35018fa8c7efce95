/* SPDX-License-Identifier: MIT */
/* How bytes get from and to a socket: as they are, or by TLS. Everything above
 * is the same code, because a mover says after which edges of the socket to
 * try again. What only some of them can do is NULL in the others. */
#ifndef WIRE_MOVER_H
#define WIRE_MOVER_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct arena;
struct mover;
struct seed_tls;

enum {
    MOVED_AGAIN = -1, /* nothing now: after an edge of read_on or write_on   */
    MOVED_DEAD = -2,  /* the connection is broken                            */
    MOVED_REFUSED = -3, /* greet: the peer was told what is wrong with it    */
    MOVED_CLEAR = -4    /* greet: the peer speaks HTTP in clear text         */
};

enum edge { EDGE_IN = 1, EDGE_OUT = 2 };

struct mover_ops {
    /* Returns the number of bytes, 0 at the end of the stream, or MOVED_. */
    ssize_t (*read)(struct mover *mover, void *bytes, size_t room);

    /* `more` says that further bytes follow at once. */
    ssize_t (*write)(struct mover *mover, const struct iovec *parts,
        int count, bool more);

    /* Sends a part of a file; 0 when the file ends before it. */
    ssize_t (*file)(struct mover *mover, int fd, uint64_t offset,
        size_t length);

    /* True when the peer has reset the connection. Reads nothing. */
    bool (*lost)(struct mover *mover);

    /* Says that no more will be sent. */
    void (*shut)(struct mover *mover);

    /* Resets the connection, so that the peer sees that it was cut. */
    void (*reset)(struct mover *mover);

    /* Frees the mover, not the socket. */
    void (*free)(struct mover *mover);

    /* Agrees with the peer on how to move bytes, before any is read or
     * written: 0 or MOVED_. After REFUSED and CLEAR the socket is a plain
     * one. */
    int (*greet)(struct mover *mover);

    /* Says in the stream itself that no more will be sent: 0 or MOVED_. Once
     * is enough; more do nothing. */
    int (*farewell)(struct mover *mover);

    /* False when this connection must not ask for that host. */
    bool (*serves)(struct mover *mover, struct str host);

    /* What was agreed on, in the arena; NULL when memory is exhausted. */
    const struct seed_tls *(*describe)(struct mover *mover,
        struct arena *arena);
};

struct mover {
    const struct mover_ops *ops;
    int fd;
    unsigned char read_on, write_on; /* edges (enum edge) to try again after */
    uint64_t heard; /* bytes that have come by the wire                      */
    bool drained; /* the last read took all there was: only an edge brings
                   * more. False when bytes may be hidden in a buffer        */
};

/* Makes the movers of a listener's connections; the maker outlives them. */
struct mover_maker {
    struct mover *(*make)(int fd, const struct mover_maker *maker);
    unsigned greetings_most; /* in progress at once, in one loop             */
    uint64_t patience;       /* nanoseconds that a greeting may take         */
};

/* What every mover on a socket can leave to the plain one. */
extern const struct mover_ops seed__mover_plain;

/* The plain one, in place: what it moves is what is on the wire. */
void seed__mover_init_plain(struct mover *mover, int fd);

#endif
