/* SPDX-License-Identifier: MIT */
/* A program with handlers of its own for SIGHUP and SIGUSR1, installed without
 * SA_RESTART, so that every call that can be interrupted is. */
#include "common.h"

#include <signal.h>

static atomic_long hangups, users;

static void on_signal(int number)
{
    atomic_fetch_add(number == SIGHUP ? &hangups : &users, 1);
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static seed_step tell_seen(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_integer(&json, "hangup", atomic_load(&hangups));
    seed_json_integer(&json, "user", atomic_load(&users));
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    struct sigaction action = { .sa_handler = on_signal };
    seed_server *server;

    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    server = seed_server_new(&flags.options);
    keep_counts(server);
    seed_get(server, "/", hello, NULL);
    seed_get(server, "/seen", tell_seen, NULL);
    return serve(server, &flags);
}
