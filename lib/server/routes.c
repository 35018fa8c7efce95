/* SPDX-License-Identifier: MIT */
/* Routes, before the server listens, and what can be asked of them. */
#include "server/server.h"

#include "http/words.h"

#include <seed/error.h>
#include <seed/evhttp.h>
#include <seed/route.h>

#include <stdio.h>
#include <string.h>

enum { WHAT_ROOM = 300 };

/* "GET /users/:id (app.c:12)": what a sentence begins with. */
static void say_route(char out[WHAT_ROOM], const char *method,
    const char *pattern, const struct place *place)
{
    snprintf(out, WHAT_ROOM, "%.32s %.120s (%s:%d)", method, pattern,
        place->file, place->line);
}

/* "at app.c:12", or how a route came to be that no handler's line names. */
static void say_where(char out[WHAT_ROOM], const seed_route *route)
{
    const seed_site *site;

    if (route->lent || !route->chain.count) {
        snprintf(out, WHAT_ROOM, "by seed_mount_evhttp()");
        return;
    }
    site = route->chain.links[0].site;
    snprintf(out, WHAT_ROOM, "at %s:%d", site->file, site->line);
}

/* Keeps the reason why a route could not be added. */
static void refuse(seed_server *server, int error, const char *what,
    const char *why, const seed_route *there)
{
    char where[WHAT_ROOM] = "";

    if (error == SEED_ENOMEM) {
        seed__server_fail(server, error, "%s: %s.", what,
            seed_strerror(error));
        return;
    }
    if (error != SEED_EDUP || !there) {
        seed__server_fail(server, error, "%s is not a route: %s.", what,
            why ? why : seed_strerror(error));
        return;
    }
    say_where(where, there);
    seed__server_fail(server, error, "%s is routed already (%s, as %s): leave "
        "one of them out, or join their handlers by seed_route_then().", what,
        where, there->pattern);
}

/* Returns what is wrong with a route's arguments, or NULL. */
static const char *find_mistake(const char *method, const char *pattern,
    const char *why_no_handler)
{
    if (!pattern)
        return "its pattern is NULL";
    if (!method || !seed__token_valid(seed__str(method)))
        return "its method is not a token (RFC 9110 9.1)";
    if (!strcmp(method, "CONNECT"))
        return "CONNECT asks for a tunnel, and this is no proxy";
    return why_no_handler;
}

static seed_route *add_route(seed_server *server, const char *method,
    const char *pattern, const char *what)
{
    const char *why;
    seed_route *route;
    int err = seed__plan_route(&server->plan, method, pattern, &route, &why);

    if (!err)
        return route;

    refuse(server, err, what, why, route);
    return NULL;
}

seed_route *seed_route_at(seed_server *server, const char *method,
    const char *pattern, seed_handler *handler, void *ctx,
    const char *function, const char *file, int line)
{
    const struct place place = { function, file, line };
    const char *mistake;
    char what[WHAT_ROOM];
    seed_route *route;

    if (!seed__setup_open(server, "a route", &place))
        return NULL;

    say_route(what, method ? method : "NULL", pattern ? pattern : "NULL",
        &place);
    mistake = find_mistake(method, pattern,
        handler ? NULL : "its handler is NULL");
    if (mistake) {
        refuse(server, SEED_EINVAL, what, mistake, NULL);
        return NULL;
    }

    route = add_route(server, method, pattern, what);
    if (route && seed__route_then(route, handler, ctx, function, file, line)) {
        refuse(server, SEED_ENOMEM, what, NULL, NULL);
        return NULL;
    }
    return route;
}

seed_route *seed_route_then_at(seed_route *route, seed_handler *handler,
    void *ctx, const char *function, const char *file, int line)
{
    const struct place place = { function, file, line };
    char what[WHAT_ROOM];

    if (!route ||
        !seed__setup_open(route->plan->server, "seed_route_then()", &place))
        return route;

    say_route(what, route->method, route->pattern, &place);
    if (!handler)
        seed__server_fail(route->plan->server, SEED_EINVAL,
            "seed_route_then() for %s has no handler: it is NULL.", what);
    else if (seed__route_then(route, handler, ctx, function, file, line))
        refuse(route->plan->server, SEED_ENOMEM, what, NULL, NULL);
    return route;
}

/* A path is taken literally, but for its last segment: a colon would begin a
 * parameter. Returns NULL without memory. */
static char *escape_path(const char *path)
{
    size_t length = strlen(path);
    char *out = seed__alloc(2 * length + 1), *to = out;

    for (size_t i = 0; out && i <= length; i++) {
        *to++ = path[i];
        if (path[i] == ':')
            *to++ = ':';
    }
    return out;
}

seed_route *seed_mount_evhttp(seed_server *server, const char *path,
    void (*callback)(struct evhttp_request *request, void *ctx), void *ctx)
{
    static const struct place place = { "seed_mount_evhttp", "", 0 };
    seed_route *route = NULL;
    char what[WHAT_ROOM];
    char *pattern;

    if (!seed__setup_open(server, "seed_mount_evhttp()", &place))
        return NULL;

    snprintf(what, sizeof what, "%.120s (seed_mount_evhttp())",
        path ? path : "NULL");
    if (!path || !callback) {
        refuse(server, SEED_EINVAL, what,
            path ? "its callback is NULL" : "its path is NULL", NULL);
        return NULL;
    }

    pattern = escape_path(path);
    if (pattern)
        route = add_route(server, "*", pattern, what);
    else
        refuse(server, SEED_ENOMEM, what, NULL, NULL);
    seed__release(pattern);
    if (route && seed__route_lend(route, callback, ctx)) {
        refuse(server, SEED_ENOMEM, what, NULL, NULL);
        return NULL;
    }
    return route;
}

static const seed_route *find_title(const seed_server *server,
    const char *name)
{
    const seed_route *route = server->plan.routes;

    while (route && (!route->name || strcmp(route->name, name)))
        route = route->next;
    return route;
}

seed_route *seed_route_name(seed_route *route, const char *name)
{
    static const struct place place = { "seed_route_name", "", 0 };
    const seed_route *taken;
    seed_server *server;
    char *copy;

    if (!route)
        return NULL;
    server = route->plan->server;
    if (!seed__setup_open(server, "seed_route_name()", &place))
        return route;
    if (!name) {
        seed__server_fail(server, SEED_EINVAL, "seed_route_name() for %s %s "
            "has no name: it is NULL.", route->method, route->pattern);
        return route;
    }

    taken = find_title(server, name);
    if (taken) {
        seed__server_fail(server, SEED_EDUP, "The name \"%s\" for %s %s is "
            "taken by %s %s: give one of them another name.", name,
            route->method, route->pattern, taken->method, taken->pattern);
        return route;
    }
    copy = seed__copy_string(name);
    if (!copy) {
        refuse(server, SEED_ENOMEM, "seed_route_name()", NULL, NULL);
        return route;
    }
    seed__release(route->name);
    route->name = copy;
    return route;
}

seed_route *seed_route_deadline(seed_route *route, size_t milliseconds)
{
    static const struct place place = { "seed_route_deadline", "", 0 };

    if (route && seed__setup_open(route->plan->server,
            "seed_route_deadline()", &place))
        route->deadline = seed__plan_time(milliseconds);
    return route;
}

seed_route *seed_route_exempt(seed_route *route, bool exempt)
{
    static const struct place place = { "seed_route_exempt", "", 0 };

    if (route && seed__setup_open(route->plan->server,
            "seed_route_exempt()", &place))
        route->exempt = exempt;
    return route;
}

seed_route *seed_route_set(seed_route *route, const void *key, void *value)
{
    static const struct place place = { "seed_route_set", "", 0 };

    if (!route ||
        !seed__setup_open(route->plan->server, "seed_route_set()", &place))
        return route;

    if (!seed__slots_set(&route->slots, NULL, key, value))
        refuse(route->plan->server, SEED_ENOMEM, "seed_route_set()", NULL,
            NULL);
    return route;
}

void *seed_route_slot(const seed_route *route, const void *key)
{
    return route ? seed__slots_get(route->slots, key) : NULL;
}

const char *seed_route_method(const seed_route *route)
{
    return route ? route->method : NULL;
}

const char *seed_route_pattern(const seed_route *route)
{
    return route ? route->pattern : NULL;
}

const char *seed_route_title(const seed_route *route)
{
    return route ? route->name : NULL;
}

void seed_each_route(const seed_server *server,
    void (*each)(const seed_route *route, void *ctx), void *ctx)
{
    if (!server)
        return;

    for (const seed_route *route = server->plan.routes; route;
         route = route->next)
        each(route, ctx);
}
