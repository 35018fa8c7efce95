/* SPDX-License-Identifier: MIT */
/* How many connections there are: all of a server's, those of each address,
 * and how fast one opens them. Workers share it. Counting costs one atomic
 * addition a connection, and a lock only where addresses are counted. */
#ifndef WIRE_CENSUS_H
#define WIRE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct census;
struct sockaddr;

/* What a connection counts for: an IPv4 address or an IPv6 /64. */
struct origin {
    uint64_t network;
    bool counted;
};

/* The most connections, or 0 for what RLIMIT_NOFILE leaves to them: all but 64
 * descriptors, or half of them where that is more, and at most 10,000. Of one
 * address, SIZE_MAX for any number. Returns NULL when memory is exhausted. */
struct census *seed__census_new(size_t most, size_t most_per_address);

/* So many connections a second of one address; before anybody is in it. False
 * when memory is exhausted. */
bool seed__census_throttle(struct census *census, size_t per_second);

/* NULL does nothing. Nobody is in it any more. */
void seed__census_free(struct census *census);

size_t seed__census_most(const struct census *census);

/* A NULL census has room for all, and counts nobody. Any thread. */
void seed__census_add(struct census *census);
void seed__census_drop(struct census *census);
bool seed__census_full(const struct census *census);

/* Counts a socket's peer. False when its address has its number already, or
 * comes too often. One
 * that has none (a Unix socket) passes, and so does one for which there is no
 * memory. Any thread. */
bool seed__census_enter(struct census *census, int fd, struct origin *origin);

/* Its other end; nothing when it was not counted. */
void seed__census_leave(struct census *census, struct origin *origin);

/* The network of an address; false when it has none. */
bool seed__census_network(const struct sockaddr *address, uint64_t *network);

#endif
