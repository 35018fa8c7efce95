/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include "flow/req.h"

#include <seed/error.h>
#include <seed/hook.h>

#include <stdarg.h>
#include <stdio.h>

int seed_on_warning(seed_server *server,
    void (*hear)(const char *line, void *ctx), void *ctx)
{
    struct plan *plan = server ? &server->plan : NULL;

    if (!server)
        return SEED_ENOMEM;
    if (seed__server_state(server) != SERVER_SETUP)
        return SEED_ESTATE;
    if (!hear)
        return SEED_EINVAL;
    if (plan->listener_count == COUNT(plan->listeners))
        return SEED_EFULL;

    plan->listeners[plan->listener_count].hear = hear;
    plan->listeners[plan->listener_count++].ctx = ctx;
    return 0;
}

void seed_warn(const seed_server *server, const char *format, ...)
{
    char line[512];
    va_list list;

    if (!server)
        return;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    seed__warn(&server->plan, "%s", line);
}
