/* SPDX-License-Identifier: MIT */
/* libseed with what an application has around every answer: one `pre`, two
 * `use` and one `after`. */
#include <seed.h>

#include <stdio.h>

static unsigned long seen, done;

static seed_step count_request(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)res;
    ++*(unsigned long *)ctx;
    return SEED_NEXT;
}

static seed_step forbid_caches(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "Cache-Control", "no-store");
    return SEED_NEXT;
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "Hello, world\n");
}

static void count_done(const seed_event *event, void *ctx)
{
    (void)event;
    ++*(unsigned long *)ctx;
}

int main(void)
{
    static unsigned long routed;
    seed_server *server = seed_server_new(NULL);
    int error;

    seed_pre(server, count_request, &seen);
    seed_use(server, count_request, &routed);
    seed_use(server, forbid_caches, NULL);
    seed_get(server, "/", hello, NULL);
    seed_after(server, count_done, &done);
    if (seed_listen(server, "127.0.0.1", 0) == 0) {
        printf("%s\n", seed_server_url(server));
        fflush(stdout);
    }
    error = seed_run(server);
    if (error)
        fprintf(stderr, "%s\n", seed_server_error(server));

    seed_server_free(server);
    return error != 0 || seen != done || seen != routed;
}
