/* SPDX-License-Identifier: MIT */
#ifndef SEED_H
#define SEED_H

/* libseed: an embeddable HTTP server that says which function is slow.
 *
 *     #include <seed.h>
 *
 *     static seed_step hello(seed_req *req, seed_res *res, void *ctx)
 *     {
 *         (void)ctx;
 *         return seed_send_text(res, 200, seed_req_param(req, "name"));
 *     }
 *
 *     int main(void)
 *     {
 *         seed_server *server = seed_server_new(NULL);
 *
 *         seed_get(server, "/hello/:name", hello, NULL);
 *         seed_listen(server, "localhost", 3000);
 *         return seed_run(server) ? 1 : 0;
 *     }
 *
 * | header   | what                                                       |
 * |----------|------------------------------------------------------------|
 * | types    | the handler, what it returns, the names of all objects     |
 * | server   | options, listen, run, stop                                 |
 * | route    | pre, use, get, post, ...; names; building URLs             |
 * | req      | what was asked                                             |
 * | body     | what came with it: whole, or streamed                      |
 * | res      | the answer: fields, send, streams                          |
 * | json     | JSON written straight into the answer                      |
 * | error    | error numbers, faults, error handlers                      |
 * | hook     | after, and the other events to watch                       |
 * | async    | answers that come later, timers, threads                   |
 * | plugin   | body parsers, conditional requests, digests                |
 * | shed     | overload protection: 503 for what would wait too long      |
 * | inject   | requests without a socket, for tests                       |
 * | evhttp   | paths served by evhttp callbacks                           |
 * | tls      | HTTPS: certificates, also clients'                         |
 * | health   | what a load balancer asks                                  |
 * | restart  | restarts that lose no request; systemd                     |
 * | lag      | how full the loops are, and how long their turns           |
 * | stall    | what holds a loop up, while it does                        |
 * | log      | pino's lines, also for requests                            |
 * | field    | what such a line holds                                     |
 * | context  | W3C trace context                                          |
 * | trace    | which function runs: for profilers and logs                |
 * | flame    | which function has the CPU: flame graphs                    |
 * | ledger   | which function takes the time                              |
 * | metrics  | numbers for Prometheus                                     |
 * | admin    | a second server that tells of the first                    |
 * | watch    | all of these by one call, or by the environment            |
 * | doctor   | what is wrong, who is to blame, and what to do             |
 *
 * Ownership is one word in each contract: *owned* (free it with ...),
 * *borrowed* (valid until ...), *copied* (yours again on return), *taken* (now
 * libseed's, even on failure). A returned pointer is borrowed from the object
 * that was asked, but for what a ..._new() returns. Contexts are borrowed and
 * outlive the server.
 *
 * Errors of setup stick to the server: the first one is kept, later setup
 * calls do nothing, seed_listen() and seed_run() return it, and
 * seed_server_error() says it in a sentence. Errors of clients are answered
 * and told to hooks. Calls return 0 or a negative SEED_E... number.
 *
 * Threads: set up on one thread. Each worker then runs its requests' handlers
 * and hooks on its own thread; what may be called from any thread says so.
 */
#include <seed/admin.h>
#include <seed/async.h>
#include <seed/body.h>
#include <seed/context.h>
#include <seed/diagnose.h>
#include <seed/doctor.h>
#include <seed/error.h>
#include <seed/evhttp.h>
#include <seed/field.h>
#include <seed/flame.h>
#include <seed/health.h>
#include <seed/hook.h>
#include <seed/inject.h>
#include <seed/json.h>
#include <seed/lag.h>
#include <seed/ledger.h>
#include <seed/log.h>
#include <seed/metrics.h>
#include <seed/plugin.h>
#include <seed/req.h>
#include <seed/res.h>
#include <seed/restart.h>
#include <seed/route.h>
#include <seed/server.h>
#include <seed/shed.h>
#include <seed/stall.h>
#include <seed/tls.h>
#include <seed/trace.h>
#include <seed/types.h>
#include <seed/version.h>
#include <seed/watch.h>

#endif
