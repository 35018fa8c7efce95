/* SPDX-License-Identifier: MIT */
#ifndef WIRE_LISTEN_H
#define WIRE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

enum { LISTEN_FDS = 4 };

/* Sockets that are bound and listening, non-blocking and close-on-exec, for
 * one seed_listen(): one for an address, two for "localhost" (both loopbacks
 * on one port; one where the machine has no IPv6) and for "*". */
struct listening {
    int fds[LISTEN_FDS];
    int count;
    int port; /* what port 0 became */
};

/* With `reuseport`, more sockets may be opened on the same address, one a
 * worker (call again with the resolved port). The sockets have NODELAY set,
 * which accepted ones inherit. Returns 0, SEED_EINVAL or SEED_ELISTEN; `why`
 * receives a whole sentence with the address and the reason. */
int seed__listen_tcp(struct listening *out, const char *host, int port,
    bool reuseport, char *why, size_t room);
int seed__listen_unix(int *fd, const char *path, char *why, size_t room);

/* Checks that an inherited fd is a listening stream socket and makes it
 * non-blocking. */
int seed__listen_check(int fd, char *why, size_t room);

#endif
