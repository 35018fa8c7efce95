/* SPDX-License-Identifier: MIT */
/* What the environment asks of a server that seed_run() is about to run. */
#include "server/watchers.h"

#include "clinic/diagnose.h"
#include "server/server.h"

#include <seed/diagnose.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An empty variable is none. */
static const char *variable(const char *name)
{
    const char *value = secure_getenv(name);

    return value && *value ? value : NULL;
}

static bool read_number(const char *text, int *out)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(text, &end, 10);
    if (errno || *end || number < 1 || number > 1000000)
        return false;
    *out = (int)number;
    return true;
}

static bool read_level(const char *text, int *out)
{
    static const struct {
        const char *name;
        int level;
    } levels[] = {
        { "trace", SEED_LOG_TRACE }, { "debug", SEED_LOG_DEBUG },
        { "info", SEED_LOG_INFO }, { "warn", SEED_LOG_WARN },
        { "error", SEED_LOG_ERROR }, { "fatal", SEED_LOG_FATAL },
        { "silent", SEED_LOG_SILENT },
    };

    for (size_t i = 0; i < COUNT(levels); i++) {
        if (strcasecmp(levels[i].name, text))
            continue;
        *out = levels[i].level;
        return true;
    }
    return read_number(text, out);
}

/* Returns false, and the server has the error. */
static bool read_environment(seed_server *server, struct seed_watch *watch)
{
    const char *level = variable("SEED_LOG_LEVEL");
    const char *stall = variable("SEED_STALL");
    int milliseconds = 0;

    *watch = (struct seed_watch){
        .log = variable("SEED_LOG"),
        .admin = variable("SEED_ADMIN"),
        .token = variable("SEED_ADMIN_TOKEN"),
    };
    if (level && !read_level(level, &watch->log_level)) {
        seed__server_fail(server, SEED_EINVAL, "SEED_LOG_LEVEL is \"%.40s\": "
            "say trace, debug, info, warn, error, fatal, silent or a number.",
            level);
        return false;
    }
    if (stall && !read_number(stall, &milliseconds)) {
        seed__server_fail(server, SEED_EINVAL, "SEED_STALL is \"%.40s\": say "
            "how many milliseconds.", stall);
        return false;
    }
    watch->stall = (unsigned)milliseconds;
    return true;
}

void seed__watchers_ask(seed_server *server)
{
    struct seed_watch watch;

    if (!server || server->error || seed__worker_here(server) ||
        seed__server_state(server) != SERVER_SETUP ||
        server->plan.options.no_environment ||
        !read_environment(server, &watch))
        return;

    if (watch.log_level && server->watchers.log)
        seed_log_set_level(server->watchers.log, watch.log_level);
    if (!seed_watch(server, &watch))
        seed_diagnose_from_env(server);
}

void seed__watchers_done(seed_server *server)
{
    if (!server->plan.options.no_environment)
        seed__diagnose_end(server);
}

void seed__watchers_drop(seed_server *server)
{
    if (server && server->error && !server->plan.options.no_environment &&
        !seed__worker_here(server) &&
        seed__server_state(server) == SERVER_SETUP)
        seed__diagnose_drop(server);
}
