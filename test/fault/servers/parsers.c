/* SPDX-License-Identifier: MIT */
/* What clients write into bodies, queries and heads is parsed and looked up:
 * POST /parse, and GET or POST /look for the field and the query "last".
 *
 *     parsers [--seed N] ...   N: jansson's hash has this seed, as attackers
 *                              would have it */
#include "wire/servers/common.h"

#include <jansson.h>
#include <sys/resource.h>

static seed_step quick(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "quick");
}

static seed_step look(seed_req *req, seed_res *res, void *ctx)
{
    const char *field = seed_req_header(req, "last");
    const char *query = seed_req_query(req, "last");

    (void)ctx;
    return seed_send_text(res, 200,
        seed_req_printf(req, "%s %s", field ? field : "none",
            query ? query : "none"));
}

static void choose_seed(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (!strcmp(argv[i], "--seed"))
            json_object_seed((size_t)atol(argv[i + 1]));
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server;

    choose_seed(argc, argv);
    /* A parser that goes as deep as its input would find its end here. */
    setrlimit(RLIMIT_STACK, &(struct rlimit){ 1 << 20, 1 << 20 });
    flags.options.max_requests = SEED_UNLIMITED;
    server = seed_server_new(&flags.options);
    seed_watch(server, &(struct seed_watch){ .metrics = true });
    keep_counts(server);
    seed_get(server, "/quick", quick, NULL);
    seed_get(server, "/look", look, NULL);
    seed_route_then(seed_post(server, "/parse", seed_parse_body, NULL), quick,
        NULL);
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
    return serve(server, &flags);
}
