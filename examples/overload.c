/* SPDX-License-Identifier: MIT */
/* A server that says no in time when more is asked than it can do.
 *
 *     make examples/overload examples/load
 *     build/examples/overload 3000
 *     build/examples/load -c 100 -d 10 http://localhost:3000/work
 *     curl localhost:3000/health localhost:3000/state
 *
 * An answer of /work takes 5 ms of the loop, or those of ?ms=. A hundred
 * clients would wait half a second for it.
 */
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>

/* Stands for what a handler computes. */
static seed_step work(seed_req *req, seed_res *res, void *ctx)
{
    const char *ms = seed_req_query(req, "ms");
    long wanted = ms ? atol(ms) : 5;
    uint64_t end;

    (void)ctx;
    if (wanted < 0 || wanted > 1000)
        return seed_fail(res, 400, "ms is 0 to 1000");
    end = seed_now() + (uint64_t)wanted * 1000000;
    while (seed_now() < end)
        ;
    return seed_send_text(res, 200, "done\n");
}

static seed_step tell_health(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "well\n");
}

/* What a dashboard wants to know, and what overload-protection calls it. */
static seed_step tell_state(seed_req *req, seed_res *res, void *ctx)
{
    struct seed_shed_state state = seed_shed_state(ctx);
    seed_json json;

    (void)req;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_bool(&json, "overload", state.overload);
    seed_json_bool(&json, "eventLoopOverload", state.event_loop_overload);
    seed_json_bool(&json, "heapUsedOverload", state.heap_used_overload);
    seed_json_bool(&json, "rssOverload", state.rss_overload);
    seed_json_integer(&json, "eventLoopDelay",
        (int64_t)(state.event_loop_delay / 1000000));
    seed_json_integer(&json, "admitted", (int64_t)state.admitted);
    seed_json_integer(&json, "shed", (int64_t)state.shed);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static void add_routes(seed_server *server, seed_shed *shed)
{
    /* Before every other `use`: nobody works for what is refused. */
    seed_use(server, seed_shed_load, shed);

    seed_get(server, "/work", work, NULL);
    seed_post(server, "/work", work, NULL);
    seed_shed_class(seed_get(server, "/suggestions", work, NULL),
        SEED_SHEDDABLE);
    seed_shed_class(seed_post(server, "/orders", work, NULL), SEED_CRITICAL);
    seed_shed_class(seed_get(server, "/health", tell_health, NULL),
        SEED_EXEMPT);
    seed_shed_class(seed_get(server, "/state", tell_state, shed),
        SEED_EXEMPT);
}

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(NULL);
    seed_shed *shed = seed_shed_new(server,
        &(struct seed_shed_options){
            .max_event_loop_delay = 42, /* milliseconds, the default */
            .max_rss_bytes = (size_t)1 << 30,
            .logging = true,
        });
    int error;

    add_routes(server, shed);
    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    seed_shed_free(shed);
    return error != 0;
}
