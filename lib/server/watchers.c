/* SPDX-License-Identifier: MIT */
/* The one file that looks right: starts the watchers that options, the
 * program, or the environment ask for. */
#include "server/watchers.h"

#include "server/server.h"
#include "watch/admin.h"
#include "watch/leak.h"

#include <seed/route.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int seed__watchers_begin(seed_server *server)
{
    return seed__leak_watch(server, !server->plan.options.let_hooks_grow);
}

/* --- each of them --------------------------------------------------------- */

static int fail(seed_server *server, int err, const char *what)
{
    return seed__server_fail(server, err, "%s cannot be started: %s.", what,
        seed_strerror(err));
}

static int start_log(seed_server *server, const struct seed_watch *watch)
{
    struct seed_watchers *watchers = &server->watchers;
    bool file = strcmp(watch->log, "-") != 0;
    const struct seed_log_options options = {
        .path = file ? watch->log : NULL,
        .level = watch->log_level,
        .reopen_on_hangup = file && !server->plan.options.no_signals,
    };
    int err;

    watchers->log = seed_log_new(&options);
    if (!watchers->log)
        return seed__server_fail(server, SEED_ESYSTEM,
            "The log %s cannot be opened: %s.", watch->log, strerror(errno));

    err = seed_log_requests(server, watchers->log, NULL);
    if (err == SEED_EDUP)
        return seed__server_fail(server, err, "The log %s cannot be started: "
            "seed_log_requests() logs this server's requests already.",
            watch->log);
    return err ? fail(server, err, "The log") : 0;
}

static int start_metrics(seed_server *server, const struct seed_watch *watch)
{
    (void)watch;
    server->watchers.metrics = seed_metrics_new(server);
    return server->watchers.metrics ? 0
        : fail(server, SEED_ENOMEM, "Metrics");
}

static int start_ledger(seed_server *server, const struct seed_watch *watch)
{
    (void)watch;
    server->watchers.ledger = seed_ledger_new(server, NULL);
    return server->watchers.ledger ? 0
        : fail(server, SEED_ENOMEM, "The ledger");
}

static int start_lag(seed_server *server, const struct seed_watch *watch)
{
    (void)watch;
    server->watchers.lag = seed_lag_new(server, NULL);
    return server->watchers.lag ? 0
        : fail(server, SEED_ENOMEM, "The measuring of loops");
}

static int start_stall(seed_server *server, const struct seed_watch *watch)
{
    if (watch->stall < 10)
        return seed__server_fail(server, SEED_EINVAL, "Stalls cannot be "
            "watched for after %u ms: say at least 10.", watch->stall);

    server->watchers.stall = seed_stall_new(server,
        &(struct seed_stall_options){ .threshold = watch->stall });
    return server->watchers.stall ? 0
        : fail(server, SEED_ENOMEM, "The watch for stalls");
}

static int start_admin(seed_server *server, const struct seed_watch *watch)
{
    const struct seed_admin_options options = { watch->admin, watch->token };
    struct seed_watchers *watchers = &server->watchers;
    seed_server *admin;

    watchers->admin = seed_admin_add(server, &options);
    if (!watchers->admin)
        return fail(server, SEED_ENOMEM, "The admin listener");

    admin = seed_admin_server(watchers->admin);
    seed_get(admin, "/metrics", seed_metrics_send, watchers->metrics);
    seed_get(admin, "/ledger", seed_ledger_send, watchers->ledger);
    return 0;
}

/* --- all of them ---------------------------------------------------------- */

/* What tells metrics does so when both are there, whichever came first. */
static int join_metrics(seed_server *server,
    const struct seed_watchers *before)
{
    const struct seed_watchers *now = &server->watchers;
    bool new_metrics = now->metrics && !before->metrics;
    int err = 0;

    if (!now->metrics)
        return 0;
    if (now->ledger && (new_metrics || !before->ledger))
        err = seed_ledger_metrics(now->ledger, now->metrics);
    if (!err && now->lag && (new_metrics || !before->lag))
        err = seed_lag_metrics(now->lag, now->metrics);
    if (!err && now->log && (new_metrics || !before->log))
        err = seed_log_metrics(now->log, now->metrics);
    if (!err && now->stall && (new_metrics || !before->stall))
        err = seed_stall_metrics(now->stall, now->metrics);
    return err ? fail(server, err, "Metrics") : 0;
}

static int start(seed_server *server, const struct seed_watch *watch)
{
    const struct seed_watchers *has = &server->watchers;
    const struct seed_watchers before = *has;
    bool admin = watch->admin && !has->admin;
    const struct {
        bool wanted;
        int (*start)(seed_server *server, const struct seed_watch *watch);
    } steps[] = {
        { watch->log && !has->log, start_log },
        { (watch->metrics || admin) && !has->metrics, start_metrics },
        { (watch->ledger || admin) && !has->ledger, start_ledger },
        { (watch->lag || admin) && !has->lag, start_lag },
        { watch->stall && !has->stall, start_stall },
        { admin, start_admin },
    };
    int err = 0;

    for (size_t i = 0; i < COUNT(steps) && !err; i++)
        if (steps[i].wanted)
            err = steps[i].start(server, watch);
    return err ? err : join_metrics(server, &before);
}

int seed_watch_sized(seed_server *server, const struct seed_watch *watch,
    size_t size)
{
    struct seed_watch known = { 0 };

    if (!server)
        return SEED_ENOMEM;
    if (seed__worker_here(server) ||
        seed__server_state(server) != SERVER_SETUP)
        return SEED_ESTATE;
    if (server->error)
        return server->error;
    if (watch)
        memcpy(&known, watch, size < sizeof known ? size : sizeof known);
    return start(server, &known);
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

/* --- the environment ------------------------------------------------------ */

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
    start(server, &watch);
}
