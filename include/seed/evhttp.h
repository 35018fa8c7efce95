/* SPDX-License-Identifier: MIT */
#ifndef SEED_EVHTTP_H
#define SEED_EVHTTP_H

#include <seed/types.h>

SEED_BEGIN_C

/* A libseed server is an evhttp server: code written for evhttp goes on
 * working on some of its paths. Such a request is lent: evhttp receives
 * exactly one message that the strict reader accepted, written anew (decoded
 * body, one Content-Length, no Expect), and answers it by its own functions.
 * `pre`, `use`, logs and `after` cover it like any other. */

/** Serves a path by an evhttp callback, for all methods.
 *
 *  path      exact, or a prefix when it ends with "/" followed by "*"; copied
 *  callback  as for evhttp_set_gencb(); must answer with evhttp_send_reply(),
 *            evhttp_send_error() or evhttp_send_reply_start/chunk/end
 *  ctx       borrowed; must outlive the server
 *
 *  Returns the route (for its name and slots), or NULL after a setup error. */
SEED_API seed_route *seed_mount_evhttp(seed_server *server, const char *path,
    void (*callback)(struct evhttp_request *request, void *ctx), void *ctx);

SEED_END_C

#endif
