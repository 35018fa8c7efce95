/* SPDX-License-Identifier: MIT */
/* Hooks and tracers: added before the server runs, for all workers, or on a
 * worker's own thread, for that worker. */
#include "server/server.h"

#include <seed/error.h>
#include <seed/hook.h>
#include <seed/trace.h>

/* Worker 0's lists, when it was made before the server runs (seed_inject()),
 * copied what the setup had then; what comes later goes to both. */
static struct hooks *early_lists(seed_server *server)
{
    if (server->worker_count && server->workers[0].loop)
        return &server->workers[0].flow.hooks;
    return NULL;
}

/* Tells of what was just added. */
static void tell_hooked(seed_server *server, seed_worker *worker,
    enum seed_on on)
{
    const struct hooks *hooks = worker ? &worker->flow.hooks
                                       : &server->plan.hooks;
    struct hook_newest newest = seed__hooks_newest(hooks, on);
    const struct seed_hooked hooked = { on, newest.site, seed_current_site(),
        server, worker, seed__hooks_count(hooks, on), newest.same,
        hooks->limit };

    for (unsigned i = 0; i < server->hearer_count; i++)
        server->hearers[i].hear(&hooked, server->hearers[i].ctx);
}

/* True when this thread may change the setup's lists. */
static bool in_setup(const seed_server *server)
{
    return seed__server_state(server) == SERVER_SETUP;
}

static int add_in_setup(seed_server *server, enum seed_on on,
    seed_hook *hook, void *ctx, const struct place *place)
{
    struct hooks *early = early_lists(server);
    int err = seed__hooks_add(&server->plan.hooks, on, hook, ctx,
        place->function, place->file, place->line);

    if (!err && early)
        err = seed__hooks_add(early, on, hook, ctx, place->function,
            place->file, place->line);
    if (err)
        return seed__server_fail(server, err, "seed_on() (%s:%d): %s.",
            place->file, place->line, seed_strerror(err));
    tell_hooked(server, NULL, on);
    return 0;
}

static int add_to_worker(seed_worker *worker, enum seed_on on,
    seed_hook *hook, void *ctx, const struct place *place)
{
    int err = seed__hooks_add(&worker->flow.hooks, on, hook, ctx,
        place->function, place->file, place->line);

    if (!err)
        tell_hooked(worker->server, worker, on);
    return err;
}

int seed_on_at(seed_server *server, enum seed_on on, seed_hook *hook,
    void *ctx, const char *function, const char *file, int line)
{
    const struct place place = { function, file, line };
    seed_worker *worker = seed__worker_here(server);
    bool valid = hook && on < SEED_ON_COUNT;

    if (!server)
        return SEED_ENOMEM;
    if (worker)
        return valid ? add_to_worker(worker, on, hook, ctx, &place)
                     : SEED_EINVAL;
    if (!in_setup(server))
        return SEED_ESTATE;
    if (server->error)
        return server->error;
    if (!valid)
        return seed__server_fail(server, SEED_EINVAL, "seed_on() (%s:%d) has "
            "%s.", file, line,
            hook ? "no such event" : "no hook: it is NULL");

    return add_in_setup(server, on, hook, ctx, &place);
}

int seed_off(seed_server *server, enum seed_on on, seed_hook *hook, void *ctx)
{
    seed_worker *worker = seed__worker_here(server);
    int err;

    if (!server)
        return SEED_ENOMEM;
    if (!hook || on >= SEED_ON_COUNT)
        return SEED_EINVAL;
    if (worker)
        return seed__hooks_remove(&worker->flow.hooks, on, hook, ctx);
    if (!in_setup(server))
        return SEED_ESTATE;

    err = seed__hooks_remove(&server->plan.hooks, on, hook, ctx);
    if (early_lists(server)) {
        int early = seed__hooks_remove(early_lists(server), on, hook, ctx);

        err = err && early ? err : 0;
    }
    return err;
}

int seed_on_hooked(seed_server *server,
    void (*hear)(const struct seed_hooked *hooked, void *ctx), void *ctx)
{
    if (!server)
        return SEED_ENOMEM;
    if (!in_setup(server) || seed__worker_here(server))
        return SEED_ESTATE;
    if (!hear)
        return SEED_EINVAL;
    if (server->hearer_count == COUNT(server->hearers))
        return SEED_EFULL;

    server->hearers[server->hearer_count].hear = hear;
    server->hearers[server->hearer_count++].ctx = ctx;
    return 0;
}

void seed_set_max_hooks(seed_server *server, size_t limit)
{
    seed_worker *worker = seed__worker_here(server);

    limit = limit ? limit : 10;
    if (worker) {
        worker->flow.hooks.limit = limit;
        return;
    }
    if (!server || !in_setup(server))
        return;

    server->plan.hooks.limit = limit;
    if (early_lists(server))
        early_lists(server)->limit = limit;
}

static const struct hooks *lists_here(const seed_server *server)
{
    const seed_worker *worker = seed__worker_here(server);

    return worker ? &worker->flow.hooks : &server->plan.hooks;
}

size_t seed_hook_count(const seed_server *server, enum seed_on on)
{
    if (!server || on >= SEED_ON_COUNT)
        return 0;
    return seed__hooks_count(lists_here(server), on);
}

int seed_trace(seed_server *server, const seed_tracer *tracer)
{
    struct plan *plan;

    if (!server)
        return SEED_ENOMEM;
    if (!in_setup(server) || seed__worker_here(server))
        return SEED_ESTATE;
    if (server->error)
        return server->error;
    if (!tracer)
        return seed__server_fail(server, SEED_EINVAL,
            "seed_trace() has no tracer: it is NULL.");

    plan = &server->plan;
    if (plan->tracer_count == COUNT(plan->tracers))
        return seed__server_fail(server, SEED_EFULL, "seed_trace() was called "
            "%zu times: a server has at most %zu tracers.",
            COUNT(plan->tracers) + 1, COUNT(plan->tracers));

    plan->tracers[plan->tracer_count++] = *tracer;
    return 0;
}

typedef void each_site(const seed_site *site, void *ctx);

static void each_of_chain(const struct chain *chain, each_site *each,
    void *ctx)
{
    for (unsigned i = 0; i < chain->count; i++)
        each(chain->links[i].site, ctx);
}

static void each_of_hooks(const struct hooks *hooks, each_site *each,
    void *ctx)
{
    for (size_t on = 0; on < SEED_ON_COUNT; on++) {
        const struct hook_list *list = &hooks->lists[on];

        for (size_t i = 0; i < list->count; i++) {
            if (list->entries[i].hook)
                each(list->entries[i].site, ctx);
        }
    }
}

void seed_each_site(const seed_server *server, each_site *each, void *ctx)
{
    const struct plan *plan;

    if (!server)
        return;

    plan = &server->plan;
    each_of_chain(&plan->pre, each, ctx);
    each_of_chain(&plan->use, each, ctx);
    for (const seed_route *route = plan->routes; route; route = route->next)
        each_of_chain(&route->chain, each, ctx);
    for (const struct error_link *at = plan->errors; at; at = at->next)
        each(at->link.site, ctx);
    each_of_hooks(lists_here(server), each, ctx);
}
