/* SPDX-License-Identifier: MIT */
/* Memory for libevent where 2.1.12 does not bear a failed allocation: while
 * evhttp accepts a connection it crashes or leaks, while it is given a
 * listener or reads a message it says nothing and waits for ever. Only where
 * seed_use_allocator() has replaced the allocator, for only there does one
 * that fails come from somebody who means it.
 *
 * While it is open to a thread, what the allocator refuses comes from here:
 * when accepting, from the moment in which evhttp asks for a bufferevent until
 * the turn's pass has the connection. */
#ifndef WIRE_RESCUE_H
#define WIRE_RESCUE_H

#include <stdbool.h>
#include <stddef.h>

/* libevent's allocator: base/mem, and the rescue behind it. */
void *seed__rescue_alloc(size_t size);
void *seed__rescue_resize(void *memory, size_t size);
void seed__rescue_release(void *memory);

/* Opens it to the calling thread, and closes it. */
void seed__rescue_open(void);
void seed__rescue_close(void);

/* Blocks of it that are in use. */
unsigned seed__rescue_used(void);

#endif
