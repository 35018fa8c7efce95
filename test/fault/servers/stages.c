/* SPDX-License-Identifier: MIT */
/* Every stage of a request fails when its name is in the field X-Fail, and
 * notes in the answer's field X-Ran that it was reached. A hook at the end does
 * what a hook must not do. GET /over tells how often `after` ran, and what the
 * last request before had for a status and a fault.
 *
 *     stages */
#include "wire/servers/common.h"

static atomic_long over, last_status, faults;

struct stage {
    const char *name;
    seed_step step; /* when it does not fail */
};

static struct stage pre = { "pre", SEED_NEXT }, use = { "use", SEED_NEXT },
    first = { "first", SEED_NEXT }, second = { "second", SEED_NEXT },
    error = { "error", SEED_NEXT };

static bool is_to_fail(seed_req *req, const char *stage)
{
    const char *asked = seed_req_header(req, "X-Fail");

    return asked && strstr(asked, stage);
}

static seed_step run(seed_req *req, seed_res *res, void *ctx)
{
    struct stage *stage = ctx;

    seed_res_append(res, "X-Ran", stage->name);
    if (is_to_fail(req, stage->name))
        return seed_fail(res, 500, "%s has failed", stage->name);
    return stage->step;
}

static seed_step answer(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "whole");
}

static seed_step quick(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "quick");
}

static void on_send(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (is_to_fail(event->req, "send"))
        seed_fail(event->res, 500, "send has failed");
}

/* The request is over: none of this may change anything. */
static void misbehave(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (!is_to_fail(event->req, "after"))
        return;
    seed_fail(event->res, 500, "after has failed");
    seed_send_text(event->res, 200, "once more");
    seed_resume(event->req, SEED_NEXT);
}

static void count_over(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (!seed_req_header(event->req, "X-Fail"))
        return;
    atomic_fetch_add(&over, 1);
    atomic_store(&last_status, seed_res_status(event->res));
    atomic_fetch_add(&faults, seed_res_fault(event->res) != NULL);
}

static seed_step tell_over(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_printf(req, "%ld %ld %ld",
        atomic_load(&over), atomic_load(&last_status), atomic_load(&faults)));
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server;

    flags.options.max_requests = SEED_UNLIMITED;
    server = seed_server_new(&flags.options);
    seed_watch(server, &(struct seed_watch){ .metrics = true });
    keep_counts(server);
    seed_pre(server, run, &pre);
    seed_use(server, run, &use);
    seed_on_error(server, NULL, run, &error);
    seed_on(server, SEED_ON_SEND, on_send, NULL);
    seed_after(server, misbehave, NULL);
    seed_after(server, count_over, NULL);
    seed_route_then(seed_route_then(seed_get(server, "/", run, &first), run,
        &second), answer, NULL);
    seed_get(server, "/quick", quick, NULL);
    seed_get(server, "/over", tell_over, NULL);
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
    return serve(server, &flags);
}
