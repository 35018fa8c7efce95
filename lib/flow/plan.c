/* SPDX-License-Identifier: MIT */
#include "flow/plan.h"

#include "flow/req.h"

#include <string.h>

static size_t size_or(size_t given, size_t otherwise)
{
    return given ? given : otherwise;
}

static void fill_limits(struct seed_options *options)
{
    options->first_byte_deadline
        = size_or(options->first_byte_deadline, 10000);
    options->head_deadline = size_or(options->head_deadline, 10000);
    options->idle_deadline = size_or(options->idle_deadline, 5000);
    options->body_deadline = size_or(options->body_deadline, 300000);
    options->body_stall = size_or(options->body_stall, 20000);
    options->min_body_rate = size_or(options->min_body_rate, 500);
    options->write_stall = size_or(options->write_stall, 30000);
    options->linger = size_or(options->linger, 2000);
    options->handler_deadline
        = size_or(options->handler_deadline, SEED_UNLIMITED);
    options->max_requests = size_or(options->max_requests, 1000);
    options->max_age = size_or(options->max_age, 3600000);
    options->max_per_address
        = size_or(options->max_per_address, SEED_UNLIMITED);
    options->max_rate_per_address
        = size_or(options->max_rate_per_address, SEED_UNLIMITED);
    options->max_in_flight = size_or(options->max_in_flight, 1000);
}

uint64_t seed__plan_time(size_t milliseconds)
{
    return milliseconds < NEVER / 1000000 ? milliseconds * UINT64_C(1000000)
                                          : NEVER;
}

static void set_deadlines(struct plan *plan)
{
    const struct seed_options *options = &plan->options;

    plan->deadlines = (struct deadlines){
        .first_byte = seed__plan_time(options->first_byte_deadline),
        .head = seed__plan_time(options->head_deadline),
        .idle = seed__plan_time(options->idle_deadline),
        .body = seed__plan_time(options->body_deadline),
        .body_stall = seed__plan_time(options->body_stall),
        .write_stall = seed__plan_time(options->write_stall),
        .linger = seed__plan_time(options->linger),
        .handler = seed__plan_time(options->handler_deadline),
        .age = seed__plan_time(options->max_age),
    };

    /* Rounded up, so that one worker of many may have a request. */
    plan->most_in_flight = options->max_in_flight / options->workers
        + (options->max_in_flight % options->workers > 0);
}

static uint64_t shorter(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

uint64_t seed__plan_shortest(const struct plan *plan)
{
    const struct deadlines *all = &plan->deadlines;
    uint64_t shortest = shorter(shorter(all->first_byte, all->head),
        shorter(all->idle, all->body));

    shortest = shorter(shortest, shorter(all->body_stall, all->write_stall));
    shortest = shorter(shortest, all->handler);
    for (const seed_route *at = plan->routes; at; at = at->next)
        if (at->deadline)
            shortest = shorter(shortest, at->deadline);
    return shortest;
}

static void fill_defaults(struct seed_options *options)
{
    options->workers = options->workers ? options->workers : 1;
    options->max_request_line = size_or(options->max_request_line, 8192);
    options->max_field = size_or(options->max_field, 8192);
    options->max_head = size_or(options->max_head, 32768);
    options->max_fields = size_or(options->max_fields, 100);
    options->max_body = size_or(options->max_body, 1 << 20);
    options->max_drain = size_or(options->max_drain, 65536);
    options->max_output = size_or(options->max_output, 262144);
    options->max_hooks = size_or(options->max_hooks, 10);
    fill_limits(options);
    options->offload_threads
        = options->offload_threads ? options->offload_threads : 4;
    options->grace = options->grace ? options->grace : 30000;
}

static const char *find_mistake(const struct seed_options *options)
{
    if (options->workers > 256)
        return "options.workers is over 256";
    if (options->max_head > 65535)
        return "options.max_head is over 65,535";
    if (options->max_fields > 1000)
        return "options.max_fields is over 1,000";
    if (options->name && !seed__field_value_valid(seed__str(options->name)))
        return "options.name holds a byte that no field may hold";
    return NULL;
}

int seed__plan_init(struct plan *plan, const struct seed_options *options,
    seed_server *server, const char **why)
{
    memset(plan, 0, sizeof *plan);
    plan->options = *options;
    fill_defaults(&plan->options);
    plan->server = server;

    *why = find_mistake(&plan->options);
    if (*why)
        return SEED_EINVAL;

    set_deadlines(plan);
    plan->limits = (struct head_limits){ plan->options.max_request_line,
        plan->options.max_field, plan->options.max_head,
        plan->options.max_fields };
    plan->options.name
        = seed__copy_string(options->name ? options->name : "libseed");
    if (!plan->options.name)
        return SEED_ENOMEM;

    plan->server_name = seed__str(plan->options.name);
    plan->router = seed__router_new();
    if (!plan->router)
        return SEED_ENOMEM;

    seed__hooks_init(&plan->hooks, plan->options.max_hooks);
    return 0;
}

static void link_clear(struct link *link)
{
    seed__release(link->site);
}

static void chain_clear(struct chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++)
        link_clear(&chain->links[i]);
    seed__release(chain->links);
}

static void route_free(seed_route *route)
{
    chain_clear(&route->chain);
    seed__slots_clear(&route->slots);
    seed__release(route->method);
    seed__release(route->pattern);
    seed__release(route->name);
    seed__release(route);
}

static void errors_clear(struct plan *plan)
{
    while (plan->errors) {
        struct error_link *error = plan->errors;

        plan->errors = error->next;
        link_clear(&error->link);
        seed__release(error->name);
        seed__release(error);
    }
}

void seed__plan_clear(struct plan *plan)
{
    while (plan->routes) {
        seed_route *route = plan->routes;

        plan->routes = route->next;
        route_free(route);
    }
    chain_clear(&plan->pre);
    chain_clear(&plan->use);
    chain_clear(&plan->foreign_chain);
    errors_clear(plan);
    seed__hooks_clear(&plan->hooks);
    seed__router_free(plan->router);
    seed__release((void *)(uintptr_t)plan->server_name.at);
    memset(plan, 0, sizeof *plan);
}

seed_site *seed__site_new(const char *kind, const void *address,
    const char *function, const char *file, int line)
{
    seed_site *site = seed__alloc(sizeof *site);

    if (site)
        *site = (seed_site){ kind, function, file, line, address, NULL };
    return site;
}

static const void *address_of(seed_handler *handler)
{
    const void *address;

    memcpy(&address, &handler, sizeof address);
    return address;
}

int seed__chain_add(struct chain *chain, const char *kind,
    seed_handler *handler, void *ctx, const char *function, const char *file,
    int line)
{
    struct link *link;

    if (chain->count == chain->room) {
        unsigned room = chain->room ? chain->room * 2 : 4;
        struct link *links = seed__resize(chain->links, room * sizeof *links);

        if (!links)
            return SEED_ENOMEM;
        chain->links = links;
        chain->room = room;
    }
    link = &chain->links[chain->count];
    *link = (struct link){ handler, ctx,
        seed__site_new(kind, address_of(handler), function, file, line) };
    if (!link->site)
        return SEED_ENOMEM;

    chain->count++;
    return 0;
}

int seed__plan_on_error(struct plan *plan, const char *name,
    seed_handler *handler, void *ctx, const char *function, const char *file,
    int line)
{
    struct error_link *error = seed__alloc_zeroed(sizeof *error);
    struct error_link **end = &plan->errors;

    if (!error)
        return SEED_ENOMEM;

    error->link = (struct link){ handler, ctx,
        seed__site_new("error", address_of(handler), function, file, line) };
    error->name = name ? seed__copy_string(name) : NULL;
    while (*end)
        end = &(*end)->next;
    *end = error;
    return error->link.site && (!name || error->name) ? 0 : SEED_ENOMEM;
}

int seed__plan_route(struct plan *plan, const char *method,
    const char *pattern, seed_route **out, const char **why)
{
    seed_route *route = seed__alloc_zeroed(sizeof *route);
    void *holder = NULL;
    int err = SEED_ENOMEM;

    *why = NULL;
    *out = NULL;
    if (!route)
        return SEED_ENOMEM;

    route->plan = plan;
    route->method = seed__copy_string(method);
    route->pattern = seed__copy_string(pattern);
    if (route->method && route->pattern)
        err = seed__router_add(plan->router, seed__str(method), pattern,
            route, why, &holder);
    if (err) {
        route_free(route);
        *out = holder;
        return err;
    }

    if (plan->last_route)
        plan->last_route->next = route;
    else
        plan->routes = route;
    plan->last_route = route;
    *out = route;
    return 0;
}

int seed__route_then(seed_route *route, seed_handler *handler, void *ctx,
    const char *function, const char *file, int line)
{
    int err = seed__chain_add(&route->chain, "route", handler, ctx, function,
        file, line);

    if (!err)
        route->chain.links[route->chain.count - 1].site->route = route;
    return err;
}

static int add_lending(struct chain *chain)
{
    int err = seed__chain_add(chain, "evhttp", seed__lend_body, NULL,
        "lend_body", __FILE__, __LINE__);

    return err ? err
               : seed__chain_add(chain, "evhttp", seed__lend, NULL, "lend",
                   __FILE__, __LINE__);
}

int seed__route_lend(seed_route *route,
    void (*callback)(struct evhttp_request *, void *), void *ctx)
{
    route->lent = callback;
    route->lent_ctx = ctx;
    return add_lending(&route->chain);
}

int seed__plan_foreign(struct plan *plan)
{
    plan->foreign = true;
    return add_lending(&plan->foreign_chain);
}
