/* SPDX-License-Identifier: MIT */
#ifndef WIRE_LISTEN_H
#define WIRE_LISTEN_H

#include <seed/types.h>

enum { LISTEN_FDS = 2, LISTEN_WHY = 256 };

/* Sockets that are bound and listening, non-blocking and close-on-exec, for
 * one seed_listen(): one for an address, two for "localhost" (both loopbacks
 * on one port; one where the machine has no IPv6) and for "*". */
struct listening {
    int fds[LISTEN_FDS];
    int count;
    int port; /* what port 0 became; 0 for what is not TCP                  */

    /* What the socket is bound to, "http://[::1]:3000" or "unix:/path". */
    char url[160];

    /* After a failure: a whole sentence with the address and the reason. */
    char why[LISTEN_WHY];
};

/* Whether several sockets share the address, one for each worker. */
enum listen_share {
    LISTEN_ALONE, /* nobody shares it                                        */
    LISTEN_FIRST, /* nobody else has it, more of ours may follow             */
    LISTEN_MORE   /* one more, on the port that the first one took           */
};

/* The sockets have TCP_NODELAY, which accepted ones inherit. Returns 0,
 * SEED_EINVAL or SEED_ELISTEN; then no socket is open. */
int seed__listen_tcp(struct listening *out, const char *host, int port,
    enum listen_share share);

/* A socket file that nobody listens on is replaced. Returns the same. */
int seed__listen_unix(struct listening *out, const char *path);

/* Checks that an inherited fd is a listening stream socket and makes it
 * non-blocking. Does not take it on failure. Returns the same. */
int seed__listen_fd(struct listening *out, int fd);

void seed__listen_close(struct listening *listening);

/* Between listen.c and listen_local.c: keeps a sentence and returns the error;
 * writes port and URL as a socket is bound, or false with errno; writes the
 * URL with another host. */
int seed__listen_refuse(struct listening *out, int error, const char *format,
    ...) SEED_PRINTF(3, 4);
bool seed__listen_describe(struct listening *out, int fd);
void seed__listen_url(struct listening *out, const char *host);

#endif
