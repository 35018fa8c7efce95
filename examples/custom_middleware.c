/* SPDX-License-Identifier: MIT */
/* Middleware of your own: a door that asks for a key, an error page, and an
 * access log. Each is one function of the kind that libseed itself uses.
 *
 *     make build/examples/custom_middleware
 *     build/examples/custom_middleware 3000
 *     curl localhost:3000/secret
 *     curl localhost:3000/secret -H 'X-Api-Key: sesame'
 *
 * | registered by  | runs                                                  |
 * |----------------|-------------------------------------------------------|
 * | seed_use       | before the handlers of every route that matched       |
 * | seed_on_error  | when a request fails: no route, seed_fail(), ...      |
 * | seed_after     | when a request is over, whatever became of it         |
 */
#include <inttypes.h>
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The address of this byte is the name of our place in each request. */
static const char caller_key;

static seed_step check_key(seed_req *req, seed_res *res, void *ctx)
{
    const char *expected = ctx;
    const char *given = seed_req_header(req, "X-Api-Key");
    static char caller[] = "a friend";

    if (!given)
        return seed_fail(res, 401, "send your key in X-Api-Key");
    if (strcmp(given, expected) != 0)
        return seed_fail(res, 403, "this key opens nothing");

    seed_req_set(req, &caller_key, caller);
    return SEED_NEXT;
}

static seed_step tell_secret(seed_req *req, seed_res *res, void *ctx)
{
    const char *caller = seed_req_slot(req, &caller_key);

    (void)ctx;
    return seed_send_text(res, 200,
        seed_req_printf(req, "You are %s.\n", caller));
}

/* Answers what fails in plain text, instead of the default JSON. */
static seed_step say_error(seed_req *req, seed_res *res, void *ctx)
{
    const seed_fault *fault = seed_res_fault(res);

    (void)ctx;
    return seed_send_text(res, fault->status,
        seed_req_printf(req, "%d: %s\n", fault->status, fault->message));
}

static void log_request(const seed_event *event, void *ctx)
{
    uint64_t microseconds = (seed_now() - seed_req_begun(event->req)) / 1000;

    fprintf(ctx, "%s %s %d %" PRIu64 " us\n", seed_req_method(event->req),
        seed_req_url(event->req), seed_res_status(event->res), microseconds);
}

int main(int argc, char **argv)
{
    static char key[] = "sesame";
    seed_server *server = seed_server_new(NULL);
    int error;

    seed_use(server, check_key, key);
    seed_get(server, "/secret", tell_secret, NULL);
    seed_on_error(server, NULL, say_error, NULL);
    seed_after(server, log_request, stderr);

    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return error != 0;
}
