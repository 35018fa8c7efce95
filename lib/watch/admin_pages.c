/* SPDX-License-Identifier: MIT */
/* What the admin listener answers, on its own thread. Of the server that it
 * tells of it asks what any thread may: its plan, which is frozen, and the
 * state of its loops, under the lock that their end takes as well. */
#include "watch/admin.h"

#include "watch/accept.h"
#include "watch/text.h"

#include <seed/async.h>
#include <seed/error.h>
#include <seed/json.h>
#include <seed/req.h>
#include <seed/res.h>
#include <seed/route.h>
#include <seed/server.h>
#include <seed/trace.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wants_page(seed_req *req, seed_res *res)
{
    seed_res_set(res, "Vary", "Accept");
    return seed__accept_prefers(seed_req_header_list(req, "Accept"),
        "text/html", "application/json");
}

/* --- health --------------------------------------------------------------- */

/* How long each worker's loop has been busy, in milliseconds; -1: it does not
 * serve. */
static void read_loops(seed_admin *admin, int64_t busy[ADMIN_WORKERS])
{
    uint64_t now;

    pthread_mutex_lock(&admin->lock);
    now = seed_now();
    for (unsigned i = 0; i < ADMIN_WORKERS; i++) {
        uint64_t since;

        busy[i] = -1;
        if (!admin->workers[i])
            continue;
        since = seed_worker_state(admin->workers[i]).busy_since;
        busy[i] = since && since < now ? (int64_t)((now - since) / 1000000)
                                       : 0;
    }
    pthread_mutex_unlock(&admin->lock);
}

/* "?busy=MS": a loop may be busy for so long. Without it, or with what is no
 * number, for ever. */
static bool is_stuck(seed_req *req, const int64_t busy[ADMIN_WORKERS])
{
    const char *text = seed_req_query(req, "busy");
    size_t length = text ? strlen(text) : 0;
    long long most;

    if (!length || length > 15 || strspn(text, "0123456789") != length)
        return false;
    most = atoll(text);
    for (unsigned i = 0; i < ADMIN_WORKERS; i++)
        if (busy[i] > most)
            return true;
    return false;
}

static seed_step send_health(seed_req *req, seed_res *res, void *ctx)
{
    seed_admin *admin = ctx;
    int64_t busy[ADMIN_WORKERS];
    seed_json json;
    bool stuck;

    read_loops(admin, busy);
    stuck = is_stuck(req, busy);
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_string(&json, "status", stuck ? "stuck" : "ok");
    seed_json_integer(&json, "pid", getpid());
    seed_json_integer(&json, "uptimeMs",
        (int64_t)((seed_now() - admin->begun) / 1000000));
    seed_json_array(&json, "loops");
    for (unsigned i = 0; i < ADMIN_WORKERS; i++) {
        if (busy[i] < 0)
            continue;
        seed_json_object(&json, NULL);
        seed_json_integer(&json, "worker", i);
        seed_json_integer(&json, "busyMs", busy[i]);
        seed_json_end(&json);
    }
    seed_json_end(&json);
    seed_json_end(&json);
    return seed_json_send(&json, stuck ? 503 : 200);
}

static seed_step send_ready(seed_req *req, seed_res *res, void *ctx)
{
    seed_admin *admin = ctx;
    bool draining = seed_stopping(admin->watched), serving;
    const char *status;
    seed_json json;

    (void)req;
    pthread_mutex_lock(&admin->lock);
    serving = admin->serving > 0;
    pthread_mutex_unlock(&admin->lock);

    status = draining ? "draining" : serving ? "ready" : "not serving";
    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_string(&json, "status", status);
    seed_json_end(&json);
    return seed_json_send(&json, draining || !serving ? 503 : 200);
}

/* --- routes, as JSON ------------------------------------------------------ */

/* Sites come chain by chain, so that those of one route are together. */
struct listing {
    seed_json json;
    struct text text;
    const seed_route *route; /* the last one                                */
    bool routes;             /* those of routes, or all others              */
};

static void put_place(seed_json *json, const seed_site *site)
{
    seed_json_string(json, "function", site->function);
    seed_json_string(json, "file", site->file);
    seed_json_integer(json, "line", site->line);
    seed_json_end(json);
}

static void end_route(struct listing *listing)
{
    if (!listing->route)
        return;
    seed_json_end(&listing->json);
    seed_json_end(&listing->json);
}

static void put_route(const seed_site *site, void *ctx)
{
    struct listing *listing = ctx;
    seed_json *json = &listing->json;
    const seed_route *route = site->route;

    if (!route)
        return;
    if (route != listing->route) {
        end_route(listing);
        listing->route = route;
        seed_json_object(json, NULL);
        seed_json_string(json, "method", seed_route_method(route));
        seed_json_string(json, "pattern", seed_route_pattern(route));
        if (seed_route_title(route))
            seed_json_string(json, "name", seed_route_title(route));
        seed_json_array(json, "handlers");
    }
    seed_json_object(json, NULL);
    put_place(json, site);
}

static void put_other(const seed_site *site, void *ctx)
{
    struct listing *listing = ctx;

    if (site->route)
        return;
    seed_json_object(&listing->json, NULL);
    seed_json_string(&listing->json, "kind", site->kind);
    put_place(&listing->json, site);
}

static seed_step send_routes_json(seed_admin *admin, seed_res *res)
{
    struct listing listing = { .route = NULL };

    seed_json_start(&listing.json, res);
    seed_json_object(&listing.json, NULL);
    seed_json_array(&listing.json, "routes");
    seed_each_site(admin->watched, put_route, &listing);
    end_route(&listing);
    seed_json_end(&listing.json);
    seed_json_array(&listing.json, "others");
    seed_each_site(admin->watched, put_other, &listing);
    seed_json_end(&listing.json);
    seed_json_end(&listing.json);
    return seed_json_send(&listing.json, 200);
}

/* --- pages ---------------------------------------------------------------- */

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Admin</title>\n<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:15px/1.4 system-ui,sans-serif;margin:2em}\n"
    "table{border-collapse:collapse}\n"
    "th,td{padding:.25em .7em;border-bottom:1px solid #8884;"
    "text-align:left;vertical-align:top}\n"
    "code{font-family:ui-monospace,monospace}\n</style>\n";

static void put_code(struct text *text, const char *before, const char *code)
{
    seed__text_add(text, before);
    seed__text_add(text, "<code>");
    seed__text_html(text, code);
    seed__text_add(text, "</code>");
}

static void put_row(const seed_site *site, void *ctx)
{
    struct listing *listing = ctx;
    struct text *text = &listing->text;
    bool again = site->route && site->route == listing->route;

    if (listing->routes != (site->route != NULL))
        return;
    listing->route = site->route;
    seed__text_add(text, "<tr><td>");
    if (again) {
        seed__text_add(text, "<td><td>");
    } else if (site->route) {
        put_code(text, "", seed_route_method(site->route));
        put_code(text, "<td>", seed_route_pattern(site->route));
        seed__text_add(text, "<td>");
        seed__text_html(text, seed_route_title(site->route)
            ? seed_route_title(site->route) : "");
    } else {
        seed__text_html(text, site->kind);
    }
    put_code(text, "<td>", site->function);
    seed__text_add(text, "<td><code>");
    seed__text_html(text, site->file);
    seed__text_printf(text, ":%d</code>\n", site->line);
}

static seed_step send_page(seed_res *res, struct text *text)
{
    size_t length;
    char *page;

    seed__text_add(text, "</html>\n");
    page = seed__text_take(text, &length);
    if (!page)
        return seed_fail(res, 503, "out of memory");

    seed_res_set(res, "Content-Type", "text/html; charset=utf-8");
    seed_send_bytes(res, 200, page, length);
    seed_release(page);
    return SEED_STOP;
}

static seed_step send_routes(seed_req *req, seed_res *res, void *ctx)
{
    struct listing listing = { .routes = true };
    seed_admin *admin = ctx;

    if (!wants_page(req, res))
        return send_routes_json(admin, res);

    seed__text_add(&listing.text, head);
    seed__text_add(&listing.text, "<h1>Routes</h1>\n<table><thead><tr>"
        "<th>method<th>pattern<th>name<th>handler<th>added at</thead>\n");
    seed_each_site(admin->watched, put_row, &listing);
    seed__text_add(&listing.text, "</table>\n<h2>For all of them, and hooks"
        "</h2>\n<table><thead><tr><th>as<th>function<th>added at</thead>\n");
    listing.routes = false;
    seed_each_site(admin->watched, put_row, &listing);
    seed__text_add(&listing.text, "</table>\n");
    return send_page(res, &listing.text);
}

/* --- the index ------------------------------------------------------------ */

static bool is_listed(const seed_route *route)
{
    const char *pattern = seed_route_pattern(route);

    return !strcmp(seed_route_method(route), "GET") && !strchr(pattern, ':')
        && !strchr(pattern, '*');
}

static void put_link(const seed_route *route, void *ctx)
{
    struct text *text = ctx;

    if (!is_listed(route))
        return;
    seed__text_add(text, "<li><a href=\"");
    seed__text_html(text, seed_route_pattern(route));
    seed__text_add(text, "\">");
    seed__text_html(text, seed_route_pattern(route));
    seed__text_add(text, "</a>\n");
}

static void put_path(const seed_route *route, void *ctx)
{
    if (is_listed(route))
        seed_json_string(ctx, NULL, seed_route_pattern(route));
}

static seed_step send_index(seed_req *req, seed_res *res, void *ctx)
{
    seed_admin *admin = ctx;
    struct text text = { 0 };
    seed_json json;

    if (wants_page(req, res)) {
        seed__text_add(&text, head);
        put_code(&text, "<h1>Admin</h1>\n<p>Of ",
            seed_server_url(admin->watched));
        seed__text_printf(&text, ", process %ld\n<ul>\n", (long)getpid());
        seed_each_route(admin->server, put_link, &text);
        seed__text_add(&text, "</ul>\n");
        return send_page(res, &text);
    }

    seed_json_start(&json, res);
    seed_json_object(&json, NULL);
    seed_json_string(&json, "server", seed_server_url(admin->watched));
    seed_json_integer(&json, "pid", getpid());
    seed_json_array(&json, "paths");
    seed_each_route(admin->server, put_path, &json);
    seed_json_end(&json);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

void seed__admin_pages(seed_admin *admin)
{
    seed_get(admin->server, "/", send_index, admin);
    seed_get(admin->server, "/healthz", send_health, admin);
    seed_get(admin->server, "/readyz", send_ready, admin);
    seed_get(admin->server, "/routes", send_routes, admin);
}
