/* SPDX-License-Identifier: MIT */
/* A server for the fault matrix: every limit is a flag, and handlers do what
 * handlers should not.
 *
 *     faults [--fd N] [--LIMIT N] ...     -1 switches a limit off */
#include "fault/servers/jobs.h"

#include <unistd.h>

enum { PIECE = 65536 };

static char piece[PIECE];
static atomic_long uploaded;

#define LIMITS(X)                                                             \
    X(first_byte_deadline) X(head_deadline) X(idle_deadline)                  \
    X(body_deadline) X(body_stall) X(min_body_rate) X(write_stall) X(linger)  \
    X(handler_deadline) X(max_requests) X(max_age) X(max_connections)         \
    X(max_per_address) X(max_rate_per_address) X(max_in_flight)               \
    X(max_output) X(max_body)

static const struct {
    const char *flag;
    size_t at;
} limits[] = {
#define X(name) { "--" #name, offsetof(struct seed_options, name) },
    LIMITS(X)
#undef X
};

static void read_limits(struct seed_options *options, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2)
        for (size_t k = 0; k < sizeof limits / sizeof *limits; k++)
            if (!strcmp(argv[i], limits[k].flag))
                *(size_t *)(void *)((char *)options + limits[k].at)
                    = (size_t)strtoll(argv[i + 1], NULL, 10);
}

static int inherited(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (!strcmp(argv[i], "--fd"))
            return atoi(argv[i + 1]);
    return -1;
}

/* --- handlers ------------------------------------------------------------- */

static seed_step quick(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "quick");
}

static seed_step many(seed_req *req, seed_res *res, void *ctx)
{
    size_t length = strtoul(seed_req_param(req, "n"), NULL, 10);
    char *bytes = seed_req_alloc(req, length + 1);

    (void)ctx;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)('a' + i % 26);
    return seed_send_static(res, 200, bytes, length);
}

static seed_step never(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    seed_on_cancel(req, let_go, ctx);
    return SEED_WAIT;
}

static seed_step twice(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_send_text(res, 200, "first");
    return seed_send_text(res, 201, "second");
}

static void sleep_long(void *ctx)
{
    (void)ctx;
    usleep(800000);
}

static seed_step offload(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return seed_offload(req, sleep_long, quick, ctx);
}

static seed_step flood(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return stream_pieces(req, res, piece, sizeof piece, false);
}

static seed_step block(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    usleep((unsigned)atoi(seed_req_param(req, "ms")) * 1000);
    return seed_send_text(res, 200, "unblocked");
}

static seed_step read_whole(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

static seed_step say_length(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;

    (void)ctx;
    seed_req_body(req, &length);
    atomic_fetch_add(&uploaded, 1);
    return seed_send_text(res, 200, seed_req_printf(req, "%zu", length));
}

/* --- what was seen -------------------------------------------------------- */

static seed_step tell_more(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;

    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_integer(&json, "cancelled", atomic_load(&cancelled));
    seed_json_integer(&json, "uploaded", atomic_load(&uploaded));
    seed_json_integer(&json, "finished", atomic_load(&finished));
    seed_json_integer(&json, "worker",
        (long)seed_worker_index(seed_req_worker(req)));
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static void add_routes(seed_server *server)
{
    seed_get(server, "/quick", quick, NULL);
    seed_get(server, "/many/:n", many, NULL);
    seed_get(server, "/never", never, NULL);
    seed_get(server, "/twice", twice, NULL);
    seed_get(server, "/slow/:ms", late, NULL);
    seed_get(server, "/flood/:pieces", flood, NULL);
    seed_get(server, "/broken", fail_in_stream, NULL);
    seed_get(server, "/block/:ms", block, NULL);
    seed_get(server, "/seen", tell_more, NULL);
    seed_route_then(seed_post(server, "/upload", read_whole, NULL),
        say_length, NULL);
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);

    seed_route_deadline(seed_get(server, "/timed/never", never, NULL), 300);
    seed_route_deadline(seed_get(server, "/timed/slow/:ms", late, NULL), 300);
    seed_route_deadline(seed_get(server, "/timed/flood/:pieces", flood, NULL),
        300);
    seed_route_deadline(seed_get(server, "/timed/offload", offload, NULL),
        300);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    int fd = inherited(argc, argv);
    seed_server *server;

    read_limits(&flags.options, argc, argv);
    server = seed_server_new(&flags.options);
    memset(piece, 'x', sizeof piece);
    seed_watch(server, &(struct seed_watch){ .metrics = true, .lag = true });
    keep_counts(server);
    add_routes(server);
    if (fd < 0)
        return serve(server, &flags);

    seed_listen_fd(server, fd);
    puts(seed_server_url(server));
    fflush(stdout);
    seed_run(server);
    seed_server_free(server);
    tell_end();
    return 0;
}
