/* SPDX-License-Identifier: MIT */
/* A server to examine: a leak that can be asked for, answers with an ETag, one
 * that waits, one that sleeps. */
#ifndef UNIT_CLINIC_CLINICAL_H
#define UNIT_CLINIC_CLINICAL_H

#include "unit/server/served.h"

#include <seed/doctor.h>

#include <stdlib.h>

static void forget(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static seed_step leak(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_after(seed_req_server(req), forget, NULL);
    return seed_send_text(res, 200, "leaked");
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "ETag", "\"1\"");
    return seed_send_text(res, 200, "hello");
}

static seed_step refuse(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "Retry-After", "1");
    return seed_send_text(res, 503, "later");
}

static seed_step sleep_here(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    sleep_ms(120);
    return seed_send_text(res, 200, "slept");
}

static inline seed_server *clinical(unsigned workers)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .workers = workers, .let_hooks_grow = true });

    seed_set_max_hooks(server, SEED_UNLIMITED);
    seed_get(server, "/", hello, NULL);
    seed_get(server, "/leak", leak, NULL);
    seed_get(server, "/refuse", refuse, NULL);
    seed_get(server, "/sleep", sleep_here, NULL);
    return server;
}

static inline void open_clinical(struct served *served, seed_server *server)
{
    if (seed_listen(server, "127.0.0.1", 0))
        abort();
    serve(served, server);
}

static inline void ask_often(seed_server *server, const char *path, int times)
{
    for (int i = 0; i < times; i++)
        get(seed_server_port(server), path);
}

#endif
