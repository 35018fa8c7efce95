/* SPDX-License-Identifier: MIT */
/* A tree for each method, and one for "*". There are few methods, so that a
 * list in order does, and Allow comes out sorted.
 *
 * shape: parameters: what a route is, and two ways to say why it is refused. */
#include "route/router.h"

#include "route/tree.h"

#include <seed/error.h>

#include <string.h>

struct method {
    struct method *next; /* in the order of names */
    struct str name;
    struct tree tree;
    unsigned routes;
};

struct router {
    struct arena arena;     /* everything below */
    struct method *methods; /* without "*"      */
    struct method any;
};

struct router *seed__router_new(void)
{
    struct router *router = seed__alloc_zeroed(sizeof *router);

    if (!router)
        return NULL;

    seed__arena_init(&router->arena, NULL, 0);
    router->any.name = STR("*");
    return router;
}

void seed__router_free(struct router *router)
{
    if (!router)
        return;

    seed__arena_clear(&router->arena, NULL, 0);
    seed__release(router);
}

static int compare(struct str a, struct str b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.at, b.at, common);

    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static const struct method *find_method(const struct router *router,
    struct str name)
{
    const struct method *method = router->methods;

    while (method && !seed__str_same(method->name, name))
        method = method->next;
    return method;
}

static struct method *get_method(struct router *router, struct str name)
{
    struct method **at = &router->methods, *method;

    if (seed__str_same(name, router->any.name))
        return &router->any;
    while (*at && compare((*at)->name, name) < 0)
        at = &(*at)->next;
    if (*at && seed__str_same((*at)->name, name))
        return *at;

    method = seed__arena_alloc(&router->arena, sizeof *method);
    if (!method)
        return NULL;
    *method = (struct method){ .next = *at };
    name.at = seed__arena_copy(&router->arena, name.at, name.length);
    if (!name.at)
        return NULL;

    method->name = name;
    *at = method;
    return method;
}

int seed__router_add(struct router *router, struct str method,
    const char *pattern, void *value, const char **why, void **there)
{
    const struct pattern *taken;
    struct pattern *parsed;
    struct method *home;
    int err = seed__pattern_parse(&parsed, pattern, &router->arena, why);

    if (err)
        return err;
    home = get_method(router, method);
    if (!home)
        return SEED_ENOMEM;

    parsed->value = value;
    err = seed__tree_add(&home->tree, parsed, &router->arena, &taken);
    if (err == SEED_EDUP) {
        *why = "it has a route already";
        *there = taken->value;
    }
    home->routes += !err;
    return err;
}

static enum router_verdict bind(const struct pattern *pattern,
    const struct walk *walk, struct arena *arena, struct match *out)
{
    return seed__tree_bind(pattern, walk, arena, out) ? ROUTER_FOUND :
                                                        ROUTER_NO_MEMORY;
}

/* No method of its own leads there: does any? */
static enum router_verdict missed(const struct router *router,
    struct walk *walk)
{
    for (const struct method *at = router->methods; at; at = at->next) {
        if (seed__tree_find(&at->tree, walk))
            return ROUTER_NO_METHOD;
    }
    return router->any.routes && seed__tree_find(&router->any.tree, walk)
               ? ROUTER_NO_METHOD : ROUTER_NO_PATH;
}

/* TRACE gives back what it got, credentials included (RFC 9110 9.3.8): "*" does
 * not mean it. */
enum router_verdict seed__router_find(const struct router *router,
    struct str method, struct str path, struct arena *arena,
    struct match *out)
{
    const struct method *own = find_method(router, method);
    const struct pattern *found = NULL;
    struct walk walk;
    enum router_verdict verdict = seed__walk_cut(&walk, path, arena);

    if (verdict != ROUTER_FOUND)
        return verdict;

    if (own)
        found = seed__tree_find(&own->tree, &walk);
    if (!found && router->any.routes && !seed__str_same(method, STR("TRACE")))
        found = seed__tree_find(&router->any.tree, &walk);
    if (!found)
        return missed(router, &walk);

    return bind(found, &walk, arena, out);
}

bool seed__router_has_method(const struct router *router, struct str method)
{
    const struct method *known = find_method(router, method);

    return known && known->routes;
}

/* The names for Allow, in order and each once. */
struct names {
    struct str *list;
    unsigned count;
    size_t bytes;
};

static void add_name(struct names *names, struct str name)
{
    unsigned at = names->count;

    while (at && compare(name, names->list[at - 1]) < 0)
        at--;
    if (at && seed__str_same(name, names->list[at - 1]))
        return;

    memmove(names->list + at + 1, names->list + at,
        (names->count - at) * sizeof *names->list);
    names->list[at] = name;
    names->count++;
    names->bytes += name.length + 2;
}

static bool has_name(const struct names *names, struct str name)
{
    for (unsigned i = 0; i < names->count; i++) {
        if (seed__str_same(names->list[i], name))
            return true;
    }
    return false;
}

/* A route of "*" that leads there serves each method that any route has. */
static void collect(const struct router *router, struct walk *walk,
    struct names *names)
{
    bool any = seed__tree_find(&router->any.tree, walk) != NULL;

    for (const struct method *at = router->methods; at; at = at->next) {
        if (at->routes && (any || seed__tree_find(&at->tree, walk)))
            add_name(names, at->name);
    }
}

static struct str join(const struct names *names, struct arena *arena)
{
    char *text = seed__arena_bytes(arena, names->bytes + 1), *at = text;

    if (!text)
        return (struct str){ NULL, 0 };

    for (unsigned i = 0; i < names->count; i++) {
        memcpy(at, i ? ", " : "", i ? 2 : 0);
        at += i ? 2 : 0;
        memcpy(at, names->list[i].at, names->list[i].length);
        at += names->list[i].length;
    }
    *at = '\0';
    return (struct str){ text, (size_t)(at - text) };
}

static unsigned count_methods(const struct router *router)
{
    unsigned count = 0;

    for (const struct method *at = router->methods; at; at = at->next)
        count++;
    return count;
}

struct str seed__router_allow(const struct router *router, struct str path,
    bool head, bool options, struct arena *arena)
{
    struct names names = { 0 };
    struct walk walk;
    enum router_verdict verdict = seed__walk_cut(&walk, path, arena);

    if (verdict == ROUTER_NO_MEMORY)
        return (struct str){ NULL, 0 };
    if (verdict != ROUTER_FOUND)
        return STR("");

    /* Two more: HEAD and OPTIONS. */
    names.list = seed__arena_alloc(arena,
        (count_methods(router) + 2) * sizeof *names.list);
    if (!names.list)
        return (struct str){ NULL, 0 };

    collect(router, &walk, &names);
    if (head && has_name(&names, STR("GET")))
        add_name(&names, STR("HEAD"));
    if (options && names.count)
        add_name(&names, STR("OPTIONS"));
    return join(&names, arena);
}
