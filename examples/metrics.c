/* SPDX-License-Identifier: MIT */
/* Which function takes the time, and numbers for Prometheus.
 *
 *     make build/examples/metrics
 *     build/examples/metrics 3000
 *     curl localhost:3000/tickets/child
 *     curl localhost:3000/metrics
 *     curl -i localhost:3000/tickets/adult -H 'X-Server-Timing: please'
 *
 * and open localhost:3000/ledger in a browser. A second number is that of
 * workers.
 */
#include <seed.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_uint sold[2]; /* to children, to adults */

/* Works for a millisecond or so: it will lead the ledger. */
static seed_step price(seed_req *req, seed_res *res, void *ctx)
{
    char hash[129];

    (void)req;
    (void)ctx;
    memset(hash, '0', sizeof hash);
    for (int i = 0; i < 1000; i++)
        seed_digest_hex(SEED_SHA512, hash, 128, hash, sizeof hash);
    seed_res_set(res, "X-Price", "7.50");
    return SEED_NEXT;
}

static void deliver(void *ctx)
{
    seed_resume(ctx, SEED_NEXT);
}

/* Waits for the printer: the ledger keeps that apart. */
static seed_step print_ticket(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    if (!seed_timer_start(seed_req_worker(req), 20, false, deliver, req))
        return seed_fail(res, 503, "out of memory");
    return SEED_WAIT;
}

static seed_step sell(seed_req *req, seed_res *res, void *ctx)
{
    bool adult = strcmp(seed_req_param(req, "kind"), "adult") == 0;

    (void)ctx;
    atomic_fetch_add(&sold[adult], 1);
    return seed_send_text(res, 200, adult ? "one adult\n" : "one child\n");
}

/* Numbers of one's own: runs each time that metrics are asked for. */
static void render_sold(seed_metrics_out *out, void *ctx)
{
    (void)ctx;
    seed_metrics_family(out, "tickets_sold", SEED_COUNTER,
        "Tickets that were sold, by kind.");
    seed_metrics_value(out, "kind=\"child\"", atomic_load(&sold[0]));
    seed_metrics_value(out, "kind=\"adult\"", atomic_load(&sold[1]));
}

int main(int argc, char **argv)
{
    static const struct seed_ledger_options ledger_options = {
        .timing_field = "X-Server-Timing"};
    struct seed_options options = {
        .workers = argc > 2 ? (unsigned)atoi(argv[2]) : 1};
    seed_server *server = seed_server_new(&options);
    seed_metrics *metrics = seed_metrics_new(server);
    seed_ledger *ledger = seed_ledger_new(server, &ledger_options);
    seed_route *tickets;
    int error;

    seed_metrics_source(metrics, render_sold, NULL);
    seed_ledger_metrics(ledger, metrics);
    seed_get(server, "/metrics", seed_metrics_send, metrics);
    seed_get(server, "/ledger", seed_ledger_send, ledger);

    tickets = seed_get(server, "/tickets/:kind", price, NULL);
    seed_route_then(tickets, print_ticket, NULL);
    seed_route_then(tickets, sell, NULL);

    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));

    seed_server_free(server);
    seed_metrics_free(metrics);
    seed_ledger_free(ledger);
    return error != 0;
}
