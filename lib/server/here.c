/* SPDX-License-Identifier: MIT */
/* Which workers the calling thread is inside of: usually none or one, more
 * when a handler of one server injects a request into another, or when two
 * servers share the application's loop. A list on each thread, so that asking
 * takes no lock and cannot be wrong about another thread. */
#include "server/server.h"

#include <seed/req.h>

static _Thread_local seed_worker *innermost;

void seed__worker_enter(seed_worker *worker)
{
    worker->outer = innermost;
    innermost = worker;
}

void seed__worker_leave(seed_worker *worker)
{
    seed_worker **at = &innermost;

    while (*at && *at != worker)
        at = &(*at)->outer;
    if (*at)
        *at = worker->outer;
    worker->outer = NULL;
}

seed_worker *seed__worker_here(const seed_server *server)
{
    seed_worker *worker = server ? innermost : NULL;

    while (worker && worker->server != server)
        worker = worker->outer;
    return worker;
}

seed_worker *seed_current_worker(void)
{
    const seed_req *req = seed_current_req();

    /* On a shared loop, the request knows better whose turn it is. */
    return req ? seed_req_worker(req) : innermost;
}
