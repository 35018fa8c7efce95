/* SPDX-License-Identifier: MIT */
/* A server that can be kept busy, behind overload protection, by the flags of
 * common.h and
 *
 *     --mode queue|delay|limit  --production on  --errors on  --max-rss BYTES
 *
 * /work?ms=N is exempt and works so long, /loaded?ms=N is not exempt. */
#include "common.h"

#include <seed/shed.h>

static seed_step work(seed_req *req, seed_res *res, void *ctx)
{
    const char *ms = seed_req_query(req, "ms");
    uint64_t end = seed_now() + (uint64_t)(ms ? atol(ms) : 5) * 1000000;

    (void)ctx;
    while (seed_now() < end)
        ;
    return seed_send_text(res, 200, "done");
}

static seed_step answer(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_step tell_state(seed_req *req, seed_res *res, void *ctx)
{
    struct seed_shed_state state = seed_shed_state(ctx);
    seed_json json;

    (void)req;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_bool(&json, "overload", state.overload);
    seed_json_integer(&json, "admitted", (int64_t)state.admitted);
    seed_json_integer(&json, "shed", (int64_t)state.shed);
    seed_json_integer(&json, "rss", (int64_t)state.rss);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static struct seed_shed_options read_options(int argc, char **argv)
{
    static const char *const modes[] = { "queue", "delay", "limit" };
    struct seed_shed_options options = { .logging = true };

    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];

        for (int mode = 0; mode < 3; mode++)
            if (!strcmp(argv[i], "--mode") && !strcmp(value, modes[mode]))
                options.mode = (enum seed_shed_mode)mode;
        options.production |= !strcmp(argv[i], "--production");
        options.error_propagation_mode |= !strcmp(argv[i], "--errors");
        if (!strcmp(argv[i], "--max-rss"))
            options.max_rss_bytes = (size_t)atol(value);
    }
    return options;
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    struct seed_shed_options options = read_options(argc, argv);
    seed_server *server = seed_server_new(&flags.options);
    seed_shed *shed = seed_shed_new(server, &options);
    seed_metrics *metrics = seed_metrics_new(server);
    int result;

    seed_shed_metrics(shed, metrics);
    seed_use(server, seed_shed_load, shed);
    keep_counts(server);
    seed_get(server, "/", answer, NULL);
    seed_post(server, "/", answer, NULL);
    seed_shed_class(seed_get(server, "/work", work, NULL), SEED_EXEMPT);
    seed_get(server, "/loaded", work, NULL);
    seed_shed_class(seed_get(server, "/sheddable", answer, NULL),
        SEED_SHEDDABLE);
    seed_shed_class(seed_get(server, "/health", answer, NULL), SEED_EXEMPT);
    seed_shed_class(seed_get(server, "/state", tell_state, shed),
        SEED_EXEMPT);
    seed_shed_class(seed_get(server, "/metrics", seed_metrics_send, metrics),
        SEED_EXEMPT);

    result = serve(server, &flags);
    seed_metrics_free(metrics);
    seed_shed_free(shed);
    return result;
}
