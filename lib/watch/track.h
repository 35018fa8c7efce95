/* SPDX-License-Identifier: MIT */
/* What a thread runs right now, readable by another thread: the handlers and
 * hooks that it is in, innermost last, and the requests that they serve.
 *
 * seed_current_site() tells a thread about itself. To ask it, one has to
 * interrupt it, and a thread that sleeps in a system call would come back from
 * it with EINTR: who looks on must not change what he sees. So a tracer writes
 * down where the thread is, and the request's text is read from outside as
 * long as the tracer says that the request is still being handled. */
#ifndef WATCH_TRACK_H
#define WATCH_TRACK_H

#include <seed.h>

struct track;

/* Makes this server's handlers leave tracks. Before it runs. */
int seed__track_trace(seed_server *server);

/* The calling thread's track, made when it has none; several servers on one
 * thread share it. NULL without memory. Closed as often as it was opened, on
 * the same thread. */
struct track *seed__track_open(void);
void seed__track_close(struct track *track);

/* Where a thread is. */
struct place {
    const seed_site *site;   /* NULL: in no handler or hook */
    const seed_route *route; /* of the request, or NULL */
    char method[24], url[200];
};

/* Any thread, while the track is open. False when the thread went on while it
 * was looked at. */
bool seed__track_look(const struct track *track, struct place *place);

#endif
