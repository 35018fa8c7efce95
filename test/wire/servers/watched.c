/* SPDX-License-Identifier: MIT */
/* A server with an admin listener, whose URL is its second line. One handler
 * blocks its loop, one only waits, until the admin listener is asked to release
 * them.
 *
 *     watched [flags of common.h] [--admin ADDRESS] [--token TOKEN] */
#include "common.h"

#include <unistd.h>

static atomic_bool released;

static seed_step block(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    for (int i = 0; i < 20000 && !released; i++)
        usleep(1000);
    return seed_send_text(res, 200, "released");
}

struct waiting {
    seed_req *req;
    seed_timer *timer;
};

static void look(void *ctx)
{
    struct waiting *waiting = ctx;
    seed_req *req = waiting->req;

    if (!released)
        return;
    seed_timer_stop(waiting->timer);
    seed_resume(req, seed_send_text(seed_req_res(req), 200, "released"));
}

static seed_step await_release(seed_req *req, seed_res *res, void *ctx)
{
    struct waiting *waiting = seed_req_alloc(req, sizeof *waiting);

    (void)ctx;
    if (!waiting)
        return seed_fail(res, 503, "out of memory");
    waiting->req = req;
    waiting->timer = seed_timer_start(seed_req_worker(req), 5, true, look,
        waiting);
    return waiting->timer ? SEED_WAIT : seed_fail(res, 503, "out of memory");
}

static seed_step release(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    released = true;
    return seed_send_text(res, 200, "");
}

static void tell_url(const seed_event *event, void *ctx)
{
    static atomic_bool told;

    if (atomic_exchange(&told, true))
        return;
    puts(seed_admin_url(seed_server_admin(event->server)));
    fflush(stdout);
    (void)ctx;
}

static const char *find(int argc, char **argv, const char *flag,
    const char *otherwise)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (!strcmp(argv[i], flag))
            return argv[i + 1];
    return otherwise;
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server = seed_server_new(&flags.options);

    keep_counts(server);
    seed_route_name(seed_get(server, "/block/:how", block, NULL), "block");
    seed_get(server, "/wait", await_release, NULL);
    seed_on(server, SEED_ON_LISTEN, tell_url, NULL);
    seed_watch(server, &(struct seed_watch){
        .admin = find(argc, argv, "--admin", "localhost:0"),
        .token = find(argc, argv, "--token", NULL),
    });
    seed_post(seed_admin_server(seed_server_admin(server)), "/release",
        release, NULL);
    return serve(server, &flags);
}
