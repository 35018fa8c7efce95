/* SPDX-License-Identifier: MIT */
/* Handlers, before the server listens. Every mistake is kept as a sentence
 * that says what, where, and how to mend it. */
#include "server/server.h"

#include <seed/error.h>
#include <seed/route.h>

#define PLACE (&(struct place){ function, file, line })

bool seed__setup_open(seed_server *server, const char *what,
    const struct place *place)
{
    enum server_state state;

    if (!server || server->error)
        return false;

    state = seed__server_state(server);
    if (state == SERVER_SETUP && !seed__worker_here(server)) {
        if (!server->plan.frozen)
            return true;
        seed__server_fail(server, SEED_ESTATE, "%s (%s, %s:%d) comes after "
            "seed_listen(): add handlers and routes before it.", what,
            place->function, place->file, place->line);
        return false;
    }
    seed__warn(&server->plan, "%s (%s, %s:%d) was called while the server "
        "runs, and does nothing: add handlers and routes before seed_listen()",
        what, place->function, place->file, place->line);
    return false;
}

static int out_of_memory(seed_server *server, const char *what)
{
    return seed__server_fail(server, SEED_ENOMEM, "%s: %s.", what,
        seed_strerror(SEED_ENOMEM));
}

/* True when a handler may be added. */
static bool may_add(seed_server *server, const char *what,
    seed_handler *handler, const struct place *place)
{
    if (!seed__setup_open(server, what, place))
        return false;
    if (handler)
        return true;

    seed__server_fail(server, SEED_EINVAL, "%s (%s:%d) has no handler: it is "
        "NULL.", what, place->file, place->line);
    return false;
}

void seed_pre_at(seed_server *server, seed_handler *handler, void *ctx,
    const char *function, const char *file, int line)
{
    if (!may_add(server, "seed_pre()", handler, PLACE))
        return;
    if (seed__chain_add(&server->plan.pre, "pre", handler, ctx, function, file,
            line))
        out_of_memory(server, "seed_pre()");
}

void seed_use_at(seed_server *server, seed_handler *handler, void *ctx,
    const char *function, const char *file, int line)
{
    if (!may_add(server, "seed_use()", handler, PLACE))
        return;
    if (seed__chain_add(&server->plan.use, "use", handler, ctx, function, file,
            line))
        out_of_memory(server, "seed_use()");
}

void seed_on_error_at(seed_server *server, const char *name,
    seed_handler *handler, void *ctx, const char *function, const char *file,
    int line)
{
    if (!may_add(server, "seed_on_error()", handler, PLACE))
        return;
    if (seed__plan_on_error(&server->plan, name, handler, ctx, function, file,
            line))
        out_of_memory(server, "seed_on_error()");
}
