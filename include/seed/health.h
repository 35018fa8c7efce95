/* SPDX-License-Identifier: MIT */
#ifndef SEED_HEALTH_H
#define SEED_HEALTH_H

#include <seed/types.h>

SEED_BEGIN_C

/* What a load balancer asks a server itself. (Who runs the server asks the
 * admin listener, which answers while the loops are blocked; see admin.h.) Two
 * questions, which must not be mixed up: a process that is not healthy should
 * be started anew, one that is not ready should get no new requests. */

/** A handler: 200 {"status":"ok"}, always. That an answer comes says that the
 *  loop turns. HEAD is answered as well. */
SEED_API seed_step seed_health_send(seed_req *req, seed_res *res, void *ctx);

/** A handler: 200 {"status":"ready"}; from seed_stop() or a signal on 503
 *  {"status":"draining"} with Connection: close; and 503
 *  {"status":"not ready"} while the program says so by seed_set_ready().
 *
 *  ctx  a seed_server that is asked about instead of the one that answers, or
 *       NULL */
SEED_API seed_step seed_ready_send(seed_req *req, seed_res *res, void *ctx);

/** Adds GET routes for both, exempt from overload protection (shed.h): a load
 *  balancer that gets 503 takes the whole server away, and its share of the
 *  load goes to servers that are as full.
 *
 *  health, ready  patterns, copied; NULL: "/healthz", "/readyz"
 *
 *  Returns 0, or the server's first setup error. */
SEED_API int seed_health_add(seed_server *server, const char *health,
    const char *ready);

/** Takes a server away from its load balancer without stopping it, or gives it
 *  back: while caches are filled, or some seconds before seed_stop() where the
 *  balancer does not send a refused request elsewhere. Needs seed_health_add().
 *  Any thread. Returns 0, or SEED_ESTATE without it. */
SEED_API int seed_set_ready(seed_server *server, bool ready);

/** What seed_ready_send() would say. Any thread. */
SEED_API bool seed_ready(const seed_server *server);

SEED_END_C

#endif
