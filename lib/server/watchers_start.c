/* SPDX-License-Identifier: MIT */
/* Starts the watchers that the program asks for by seed_watch(), and those that
 * the environment asks for. */
#include "server/watchers.h"

#include "clinic/live.h"
#include "server/server.h"

#include <seed/doctor.h>
#include <seed/route.h>

#include <errno.h>
#include <string.h>

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

/* Behind all that it would bring by itself. */
static int start_doctor(seed_server *server, const struct seed_watch *watch)
{
    (void)watch;
    return seed_doctor_prepare(server);
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
    seed__live_routes(admin, server);
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
        { watch->doctor || admin, start_doctor },
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
