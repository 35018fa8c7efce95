/* SPDX-License-Identifier: MIT */
/* A stall in words. */
#include "watch/stall.h"
#include "watch/symbol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[SEED_STALL_CAUSES] = {
    [SEED_STALL_COMPUTES] = "computes",
    [SEED_STALL_WAITS] = "waits",
    [SEED_STALL_STARVED] = "starved",
};

const char *seed_stall_cause_name(enum seed_stall_cause cause)
{
    return (unsigned)cause < SEED_STALL_CAUSES ? names[cause] : "";
}

/* Appends as long as there is room. */
SEED_PRINTF(3, 4)
static void add(char *out, size_t room, const char *format, ...)
{
    size_t length = strlen(out);
    va_list list;

    va_start(list, format);
    vsnprintf(out + length, room - length, format, list);
    va_end(list);
}

static int percent(double share)
{
    return (int)(100 * share + 0.5);
}

static void add_cause(const seed_stall *stall, char *out, size_t room)
{
    bool sleeps = *stall->call;

    if (stall->cause == SEED_STALL_WAITS && sleeps)
        add(out, room, "waits in %s", stall->call);
    else if (stall->cause == SEED_STALL_WAITS)
        add(out, room, "waits");
    else if (stall->cause == SEED_STALL_STARVED)
        add(out, room, "is ready to go on, but gets no processor");
    else
        add(out, room, "computes");
    add(out, room,
        " (%d %% computing, %d %% waiting, %d %% without a processor)",
        percent(stall->computing), percent(stall->waiting),
        percent(stall->starved));
}

static const char *file_of(const seed_site *site)
{
    const char *slash = strrchr(site->file, '/');

    return slash ? slash + 1 : site->file;
}

static void add_place(const seed_stall *stall, char *out, size_t room)
{
    if (*stall->method)
        add(out, room, "%s %s in ", stall->method, stall->url);
    if (!stall->site)
        add(out, room, "in no handler or hook");
    else
        add(out, room, "%s (%s, %s:%d)", stall->site->function,
            stall->site->kind, file_of(stall->site), stall->site->line);
    if (stall->route)
        add(out, room, " of %s %s", seed_route_method(stall->route),
            seed_route_pattern(stall->route));
}

char *seed__stall_line(const seed_stall *stall, unsigned long more, char *out,
    size_t room)
{
    *out = '\0';
    add(out, room,
        "Stall: worker %u has been in one turn of its loop for %lu ms and ",
        stall->worker, (unsigned long)(stall->age / 1000000));
    add_cause(stall, out, room);
    add(out, room, ": ");
    add_place(stall, out, room);
    if (more)
        add(out, room, " (and %lu more since the last report)", more);
    return out;
}

void seed__stall_name_stack(struct stall *stall)
{
    char name[100];
    size_t length = 0;

    stall->stack[0] = '\0';
    for (size_t i = 0; i < stall->told.frame_count; i++) {
        seed__symbol_name(stall->told.frames[i], name, sizeof name);
        if (length + strlen(name) + 8 > sizeof stall->stack) {
            add(stall->stack, sizeof stall->stack, ", ...");
            return;
        }
        add(stall->stack, sizeof stall->stack, "%s%s", i ? ", " : "", name);
        length = strlen(stall->stack);
        if (!strcmp(name, "main")) /* what calls that is always the same */
            return;
    }
}
