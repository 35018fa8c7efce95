/* SPDX-License-Identifier: MIT */
/* Method and path in, value out. Each method has a radix tree of its own, so
 * that a path whose fixed route lacks the method still finds the parameter
 * route that has it; the cost of a match grows with the path, not with the
 * number of routes. Filled at setup, then only read (by all workers). */
#ifndef ROUTE_ROUTER_H
#define ROUTE_ROUTER_H

#include "base/mem.h"
#include "base/str.h"

struct router;

struct router *seed__router_new(void);
void seed__router_free(struct router *router);

/* Adds a pattern (seed/route.h) for one method, or for all with "*". Both are
 * copied. Returns 0, SEED_EDUP, SEED_EPATTERN or SEED_ENOMEM; *why is then a
 * static clause ("a parameter has no name"), and for SEED_EDUP *there is the
 * value that has the place. */
int seed__router_add(struct router *router, struct str method,
    const char *pattern, void *value, const char **why, void **there);

struct param {
    struct str name;  /* the pattern's; "*" for the wildcard           */
    struct str value; /* decoded, with a NUL behind it, in the arena   */
};

struct match {
    void *value;
    const struct param *params;
    unsigned count;
};

enum router_verdict {
    ROUTER_FOUND,
    ROUTER_NO_PATH,   /* 404 */
    ROUTER_NO_METHOD, /* 405 */
    ROUTER_BAD_PATH,  /* 400: malformed percent-encoding, or %00 */
    ROUTER_NO_MEMORY
};

/* Finds what serves a path (still encoded: each segment is decoded once, and
 * "%2F" stays inside its segment). A route of the method beats one of "*",
 * which serves every method but TRACE. */
enum router_verdict seed__router_find(const struct router *router,
    struct str method, struct str path, struct arena *arena,
    struct match *out);

/* True when any route has this method ("*" does not count). */
bool seed__router_has_method(const struct router *router, struct str method);

/* The sorted list for Allow: the methods that serve this path, with HEAD when
 * GET is among them and `head`, with OPTIONS when there is any and `options`.
 * Empty when nothing serves it; a NULL `at` without memory. */
struct str seed__router_allow(const struct router *router, struct str path,
    bool head, bool options, struct arena *arena);

/* Builds a path from a pattern. `value` finds a parameter's text, a NULL `at`
 * when there is none. Returns the length, SEED_EINVAL or SEED_EFULL; *missing
 * is then the parameter's name. */
int seed__pattern_build(const char *pattern, char *out, size_t room,
    struct str (*value)(struct str name, void *ctx), void *ctx,
    struct str *missing);

#endif
