/* SPDX-License-Identifier: MIT */
/* A server that logs in pino's lines: its requests, what its handlers have to
 * say about them, and what else happens.
 *
 *     make build/examples/logging
 *     build/examples/logging 3000 | npx pino-pretty
 *     curl localhost:3000/users/7 -H 'X-Request-Id: abc' -H 'Authorization: x'
 *     curl localhost:3000/report
 *     curl localhost:3000/health
 *
 * With a second argument lines go to that file; `kill -HUP` opens it anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <seed.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct app {
    seed_log *log, *db;
};

/* Stands for a query; its logger is a child, made once. */
static const char *find_user(struct app *app, const char *id)
{
    seed_log_debug(app->db, "select", seed_str("table", "users"),
        seed_str("id", id));
    return strcmp(id, "7") ? NULL : "Ada";
}

static seed_step show_user(seed_req *req, seed_res *res, void *ctx)
{
    const char *id = seed_req_param(req, "id");
    const char *name = find_user(ctx, id);

    if (!name)
        return seed_fail(res, 404, "no user has the id %s", id);

    seed_log_info(seed_req_log(req), "found", seed_obj("user"),
        seed_str("id", id), seed_str("name", name),
        seed_str("token", "never in a log"), seed_end());
    return seed_send_text(res, 200, name);
}

static seed_step send_report(seed_req *req, seed_res *res, void *ctx)
{
    int fd = open("/report/of/today", O_RDONLY);

    (void)ctx;
    if (fd < 0) {
        seed_log_error(seed_req_log(req), "no report",
            seed_as_errno("open", errno));
        return seed_fail(res, 500, "there is no report today");
    }
    close(fd);
    return seed_send_file(res, 200, "/report/of/today");
}

static seed_step be_well(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send(res, 204);
}

static seed_log *open_log(const char *path)
{
    static const char *const secrets[] = {"req.headers.authorization",
        "req.headers.cookie", "*.token", NULL};

    return seed_log_new(&(struct seed_log_options){
        .path = path,
        .level = SEED_LOG_DEBUG,
        .name = "users",
        .redact = secrets,
        .flush_on_crash = true,
        .reopen_on_hangup = true,
    });
}

static int serve(struct app *app, int port)
{
    seed_server *server = seed_server_new(NULL);
    int error;

    seed_log_requests(server, app->log,
        &(struct seed_log_requests_options){.id_header = "X-Request-Id"});
    seed_get(server, "/users/:id", show_user, app);
    seed_get(server, "/report", send_report, NULL);
    seed_log_quiet(seed_get(server, "/health", be_well, NULL));

    seed_listen(server, "localhost", port);
    seed_log_info(app->log, "listening",
        seed_str("url", seed_server_url(server)));
    if ((error = seed_run(server)))
        seed_log_fatal(app->log, seed_server_error(server));
    seed_server_free(server);
    return error;
}

int main(int argc, char **argv)
{
    struct app app;
    int error;

    app.log = open_log(argc > 2 ? argv[2] : NULL);
    app.db = seed_log_child(app.log, seed_str("part", "db"));
    error = serve(&app, argc > 1 ? atoi(argv[1]) : 3000);
    seed_log_free(app.db);
    seed_log_free(app.log);
    return error != 0;
}
