/* SPDX-License-Identifier: MIT */
/* The watchers that a server has, as the server itself deals with them. Those
 * that are asked for are started in watchers_start.c, and by the environment in
 * watchers_ask.c: a program that does neither carries neither, nor what they
 * bring along. */
#include "server/watchers.h"

#include "server/server.h"
#include "watch/admin.h"
#include "watch/leak.h"

int seed__watchers_begin(seed_server *server)
{
    return seed__leak_watch(server, !server->plan.options.let_hooks_grow);
}

struct seed_watchers seed_watchers(const seed_server *server)
{
    return server ? server->watchers : (struct seed_watchers){ 0 };
}

int seed__watchers_open(seed_server *server)
{
    seed_admin *admin = seed_server_admin(server);
    int err = admin ? seed_admin_listen(admin) : 0;

    if (!err)
        return 0;
    return seed__server_fail(server, err, "The admin listener: %s",
        seed_server_error(seed_admin_server(admin)));
}

void seed__watchers_close(seed_server *server)
{
    seed__admin_end(seed_server_admin(server));
}

void seed__watchers_free(const struct seed_watchers *watchers)
{
    seed_stall_free(watchers->stall);
    seed_lag_free(watchers->lag);
    seed_ledger_free(watchers->ledger);
    seed_metrics_free(watchers->metrics);
    seed_log_free(watchers->log);
}
