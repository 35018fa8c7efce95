/* SPDX-License-Identifier: MIT */
/* From a route's name and values back to a URL. */
#include "server/server.h"

#include "http/uri.h"

#include <seed/error.h>
#include <seed/route.h>

#include <limits.h>
#include <stdarg.h>
#include <string.h>

enum { VALUES_MOST = 64 };

/* The caller's names and values, and which of them the pattern used. */
struct given {
    const char *names[VALUES_MOST], *values[VALUES_MOST];
    bool used[VALUES_MOST];
    unsigned count;
};

/* False when there are too many, or a value is missing. */
static bool collect(struct given *given, va_list arguments)
{
    const char *name;

    given->count = 0;
    while ((name = va_arg(arguments, const char *))) {
        const char *value = va_arg(arguments, const char *);

        if (!value || given->count == VALUES_MOST)
            return false;
        given->names[given->count] = name;
        given->values[given->count] = value;
        given->used[given->count++] = false;
    }
    return true;
}

static struct str find_value(struct str name, void *ctx)
{
    struct given *given = ctx;

    for (unsigned i = 0; i < given->count; i++) {
        if (!seed__str_same(name, seed__str(given->names[i])))
            continue;
        given->used[i] = true;
        return seed__str(given->values[i]);
    }
    return (struct str){ NULL, 0 };
}

/* Appends a mark and the encoded text; false when there is no room. */
static bool append(char *out, size_t room, size_t *length, char mark,
    const char *text)
{
    char code[3];

    if (*length + 1 >= room)
        return false;
    out[(*length)++] = mark;

    for (; *text; text++) {
        size_t size = seed__percent_encode(code, (struct str){ text, 1 });

        if (*length + size >= room)
            return false;
        memcpy(out + *length, code, size);
        *length += size;
    }
    out[*length] = '\0';
    return true;
}

/* Returns the whole length, or SEED_EFULL. */
static int append_query(const struct given *given, char *out, size_t room,
    size_t length)
{
    char mark = '?';

    for (unsigned i = 0; i < given->count; i++) {
        if (given->used[i])
            continue;
        if (!append(out, room, &length, mark, given->names[i]) ||
            !append(out, room, &length, '=', given->values[i]))
            return SEED_EFULL;
        mark = '&';
    }
    return length > INT_MAX ? SEED_EFULL : (int)length;
}

int seed_route_url(const seed_server *server, const char *name, char *out,
    size_t room, ...)
{
    const seed_route *route = server ? server->plan.routes : NULL;
    struct given given;
    struct str missing;
    va_list arguments;
    bool whole;
    int length;

    if (!name)
        return SEED_ENOROUTE;
    while (route && (!route->name || strcmp(route->name, name)))
        route = route->next;
    if (!route)
        return SEED_ENOROUTE;

    va_start(arguments, room);
    whole = collect(&given, arguments);
    va_end(arguments);
    if (!whole)
        return SEED_EINVAL;

    length = seed__pattern_build(route->pattern, out, room, find_value, &given,
        &missing);
    if (length < 0)
        return length;
    return append_query(&given, out, room, (size_t)length);
}
