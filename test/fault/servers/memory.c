/* SPDX-License-Identifier: MIT */
/* A server whose memory runs out: of the allocations of libseed, libevent and
 * jansson, one in GET /fail/:n fails from then on, 0 for none; or a limit of
 * the process is what they meet. GET /failed tells how many did.
 *
 *     memory [--LIMIT N] ... */
#include "wire/servers/common.h"

#include <jansson.h>

static atomic_uint one_in, state = 1;
static atomic_long failed;

/* A number that is random and the same in each run (xorshift). */
static unsigned chance(void)
{
    unsigned x = atomic_load(&state);

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    atomic_store(&state, x);
    return x;
}

static bool fails(void)
{
    unsigned one = atomic_load(&one_in);

    return one && chance() % one == 0;
}

static void *tell(void *memory)
{
    atomic_fetch_add(&failed, !memory);
    return memory;
}

static void *allocate(size_t size)
{
    return tell(fails() ? NULL : malloc(size));
}

static void *resize(void *memory, size_t size)
{
    return tell(fails() ? NULL : realloc(memory, size));
}

static seed_step quick(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "quick");
}

static seed_step set_chance(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    atomic_store(&one_in, (unsigned)atoi(seed_req_param(req, "n")));
    return seed_send_static(res, 200, "set", 3);
}

static seed_step tell_failed(seed_req *req, seed_res *res, void *ctx)
{
    char text[32];

    (void)req;
    (void)ctx;
    snprintf(text, sizeof text, "%ld", atomic_load(&failed));
    return seed_send_text(res, 200, text);
}

static seed_step send_value(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_json(res, 200, json_pack("{s:[i,s]}", "a", 1, "b"));
}

static seed_step read_whole(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, SEED_UNLIMITED);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    return seed_send_bytes(res, 200, body, length);
}

static seed_step stream(seed_req *req, seed_res *res, void *ctx)
{
    static const char piece[3000];

    (void)req;
    (void)ctx;
    if (seed_stream_open(res, 200, SEED_UNLIMITED))
        return SEED_STOP;
    for (int i = 0; i < 5; i++)
        seed_stream_write(res, piece, sizeof piece);
    return seed_stream_end(res);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server;

    seed_use_allocator(allocate, resize, free);
    flags.options.max_requests = SEED_UNLIMITED;
    server = seed_server_new(&flags.options);
    seed_watch(server, &(struct seed_watch){ .metrics = true });
    keep_counts(server);
    seed_get(server, "/quick", quick, NULL);
    seed_get(server, "/fail/:n", set_chance, NULL);
    seed_get(server, "/failed", tell_failed, NULL);
    seed_get(server, "/json", send_value, NULL);
    seed_get(server, "/stream", stream, NULL);
    seed_route_then(seed_post(server, "/echo", read_whole, NULL), echo, NULL);
    seed_route_then(seed_post(server, "/parse", seed_parse_body, NULL), quick,
        NULL);
    seed_get(server, "/metrics", seed_metrics_send,
        seed_watchers(server).metrics);
    return serve(server, &flags);
}
