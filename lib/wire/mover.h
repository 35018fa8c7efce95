/* SPDX-License-Identifier: MIT */
/* How bytes get from and to a socket: as they are, or by TLS. Everything above
 * is the same code, because a mover says after which edges of the socket to
 * try again. */
#ifndef WIRE_MOVER_H
#define WIRE_MOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct mover;

enum {
    MOVED_AGAIN = -1, /* nothing now: after an edge of read_on or write_on */
    MOVED_DEAD = -2   /* the connection is broken                          */
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
};

struct mover {
    const struct mover_ops *ops;
    int fd;
    unsigned char read_on, write_on; /* edges (enum edge) to try again after */
    bool drained; /* the last read took all there was: only an edge brings
                   * more. False when bytes may be hidden in a buffer        */
};

/* The plain one, in place: what it moves is what is on the wire. */
void seed__mover_init_plain(struct mover *mover, int fd);

#endif
