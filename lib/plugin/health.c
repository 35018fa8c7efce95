/* SPDX-License-Identifier: MIT */
/* Healthy and ready, on a server's own listeners. */
#include <seed/error.h>
#include <seed/health.h>
#include <seed/json.h>
#include <seed/req.h>
#include <seed/res.h>
#include <seed/route.h>
#include <seed/server.h>
#include <seed/shed.h>

#include <stdatomic.h>
#include <string.h>

static const char key;

/* What the program has to say about itself. */
struct health {
    atomic_bool away;
};

static seed_step send_status(seed_res *res, int code, const char *status)
{
    seed_json json;

    /* A cache between would answer for a server that is gone. */
    seed_res_set(res, "Cache-Control", "no-store");
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_string(&json, "status", status);
    seed_json_end(&json);
    return seed_json_send(&json, code);
}

seed_step seed_health_send(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return send_status(res, 200, "ok");
}

static bool is_away(const seed_server *server)
{
    struct health *health = seed_server_slot(server, &key);

    return health && atomic_load(&health->away);
}

bool seed_ready(const seed_server *server)
{
    return server && !seed_stopping(server) && !is_away(server);
}

seed_step seed_ready_send(seed_req *req, seed_res *res, void *ctx)
{
    const seed_server *server = ctx ? ctx : seed_req_server(req);

    if (seed_stopping(server))
        return send_status(res, 503, "draining");
    if (is_away(server))
        return send_status(res, 503, "not ready");
    return send_status(res, 200, "ready");
}

int seed_set_ready(seed_server *server, bool ready)
{
    struct health *health = server ? seed_server_slot(server, &key) : NULL;

    if (!health)
        return SEED_ESTATE;
    atomic_store(&health->away, !ready);
    return 0;
}

static int keep_state(seed_server *server)
{
    struct health *health = seed_resize(NULL, sizeof *health);
    int err = health ? 0 : SEED_ENOMEM;

    if (health) {
        atomic_init(&health->away, false);
        err = seed_server_set(server, &key, health, seed_release);
    }
    if (!err)
        return 0;
    if (health)
        seed_release(health);
    return seed_setup_fail(server, err, "Health and readiness cannot be told: "
        "%s.", seed_strerror(err));
}

int seed_health_add(seed_server *server, const char *health,
    const char *ready)
{
    int err;

    if (!server)
        return SEED_ENOMEM;
    if (!seed_server_error(server) && !seed_server_slot(server, &key)
        && (err = keep_state(server)))
        return err;

    seed_shed_class(seed_get(server, health ? health : "/healthz",
        seed_health_send, NULL), SEED_EXEMPT);
    seed_shed_class(seed_get(server, ready ? ready : "/readyz",
        seed_ready_send, NULL), SEED_EXEMPT);
    return seed_server_error(server)
        ? seed_setup_fail(server, SEED_ESTATE, "%s", "")
        : 0;
}
