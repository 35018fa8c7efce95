/* SPDX-License-Identifier: MIT */
/* The one file that looks right: starts the watchers. */
#include "server/watchers.h"

#include "server/server.h"
#include "watch/leak.h"

int seed__watchers_begin(seed_server *server)
{
    return seed__leak_watch(server, !server->plan.options.let_hooks_grow);
}
