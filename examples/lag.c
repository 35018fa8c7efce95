/* SPDX-License-Identifier: MIT */
/* A server that says how full its loop is, and what holds it up.
 *
 *     make build/examples/lag
 *     build/examples/lag 3000
 *     curl localhost:3000/compute    (a stall that computes: 300 ms)
 *     curl localhost:3000/wait       (one that sleeps in a system call)
 *     curl localhost:3000/offload    (the same work, on another thread)
 *     curl localhost:3000/lag
 */
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void work(void *ctx)
{
    uint64_t end = seed_now() + 300000000;
    unsigned *rounds = ctx;

    while (seed_now() < end)
        ++*rounds;
}

static seed_step compute(seed_req *req, seed_res *res, void *ctx)
{
    unsigned rounds = 0;

    (void)req;
    (void)ctx;
    work(&rounds);
    return seed_send_text(res, 200, "computed\n");
}

static seed_step wait_here(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    usleep(300000);
    return seed_send_text(res, 200, "waited\n");
}

static seed_step send_done(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "computed elsewhere\n");
}

static seed_step offload(seed_req *req, seed_res *res, void *ctx)
{
    unsigned *rounds = seed_req_alloc(req, sizeof *rounds);

    (void)ctx;
    if (!rounds)
        return seed_fail(res, 503, "out of memory");

    *rounds = 0;
    return seed_offload(req, work, send_done, rounds);
}

static seed_step tell_lag(seed_req *req, seed_res *res, void *ctx)
{
    struct seed_lag lag;

    if (seed_lag(ctx, SEED_ALL_WORKERS, &lag) || !lag.elapsed)
        return seed_fail(res, 503, "nothing was measured yet");

    return seed_send_text(res, 200, seed_req_printf(req,
        "%.1f %% full, %.1f %% of a processor, %llu turns\n"
        "turns of %.1f ms (p50), %.1f ms (p99), %.1f ms (longest)%s\n",
        100 * lag.utilisation, 100 * lag.cpu,
        (unsigned long long)lag.turns, (double)lag.p50 / 1e6,
        (double)lag.p99 / 1e6, (double)lag.longest / 1e6,
        lag.by_timer ? ", by a timer" : ""));
}

/* Beside the warnings: numbers for whoever counts. */
static void on_stall(const seed_stall *stall, void *ctx)
{
    if (stall->step == 0)
        fprintf(ctx, "stalled: %s, %s\n", stall->url,
            seed_stall_cause_name(stall->cause));
}

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(NULL);
    seed_lag_watch *lag = seed_lag_new(server, NULL);
    seed_stall_watch *stall = seed_stall_new(server,
        &(struct seed_stall_options){ .threshold = 42 });
    int error;

    seed_on_stall(stall, on_stall, stdout);
    seed_get(server, "/compute", compute, NULL);
    seed_get(server, "/wait", wait_here, NULL);
    seed_get(server, "/offload", offload, NULL);
    seed_get(server, "/lag", tell_lag, lag);
    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    seed_stall_free(stall);
    seed_lag_free(lag);
    return error != 0;
}
