/* SPDX-License-Identifier: MIT */
/* SIGPIPE, which libseed has no use for.
 *
 * Its own writes say MSG_NOSIGNAL; but sendfile() has no such flag, and neither
 * has the writev() of libevent, by which evhttp's answers leave. The
 * disposition is the host's and is left alone: a loop that we run blocks the
 * signal on its thread while it runs and swallows what came of it, and on the
 * host's loop so does each of these calls. */
#ifndef WIRE_PIPE_H
#define WIRE_PIPE_H

#include <stdbool.h>

struct pipe_guard {
    bool ours; /* this guard blocked it, and takes the block away */
};

/* Blocks SIGPIPE on this thread. Guards nest. */
void seed__pipe_guard(struct pipe_guard *guard);
void seed__pipe_unguard(struct pipe_guard *guard);

#endif
