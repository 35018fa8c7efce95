/* SPDX-License-Identifier: MIT */
/* Lists of hooks, and the warning when one of them grows.
 *
 * The warning is node's MaxListenersExceededWarning: a list that gets its 11th
 * member is more often a leak than a wish. It names the function, where it
 * was added, and the handler that was running. */
#include "flow/hooks.h"

#include "base/mem.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hook_site {
    seed_site site;
    struct hook_site *next;
};

static const char *const names[SEED_ON_COUNT] = {
    [SEED_ON_PRE] = "pre",
    [SEED_ON_ROUTED] = "routed",
    [SEED_ON_SEND] = "send",
    [SEED_ON_AFTER] = "after",
    [SEED_ON_BAD_REQUEST] = "bad request",
    [SEED_ON_OPEN] = "open",
    [SEED_ON_CLOSE] = "close",
    [SEED_ON_LISTEN] = "listen",
    [SEED_ON_STOP] = "stop",
    [SEED_ON_TURN] = "turn",
};

const char *seed__hook_name(enum seed_on on)
{
    return names[on];
}

void seed__hooks_init(struct hooks *hooks, size_t limit,
    void (*warn)(const char *, void *), void *warn_ctx)
{
    memset(hooks, 0, sizeof *hooks);
    hooks->limit = limit;
    hooks->warn = warn;
    hooks->warn_ctx = warn_ctx;
}

void seed__hooks_clear(struct hooks *hooks)
{
    for (size_t on = 0; on < SEED_ON_COUNT; on++)
        seed__release(hooks->lists[on].entries);
    while (hooks->sites) {
        struct hook_site *site = hooks->sites;

        hooks->sites = site->next;
        seed__release(site);
    }
    memset(hooks, 0, sizeof *hooks);
}

static bool make_room(struct hook_list *list)
{
    size_t room = list->room ? list->room * 2 : 4;
    struct hook_entry *entries;

    if (list->count < list->room)
        return true;

    entries = seed__resize(list->entries, room * sizeof *entries);
    if (!entries)
        return false;

    list->entries = entries;
    list->room = room;
    return true;
}

static void set_members(struct hook_list *list, size_t members)
{
    atomic_store_explicit(&list->members, members, memory_order_relaxed);
}

/* Sites of the setup's hooks are the plan's, which outlives its workers. */
int seed__hooks_copy(struct hooks *to, const struct hooks *from)
{
    seed__hooks_init(to, from->limit, from->warn, from->warn_ctx);
    for (enum seed_on on = 0; on < SEED_ON_COUNT; on++) {
        const struct hook_list *list = &from->lists[on];

        to->lists[on].warned = list->warned;
        for (size_t i = 0; i < list->count; i++) {
            if (!make_room(&to->lists[on]))
                return SEED_ENOMEM;
            to->lists[on].entries[to->lists[on].count++] = list->entries[i];
        }
        set_members(&to->lists[on], seed__hooks_count(from, on));
    }
    return 0;
}

/* One site for each line of code, however often it adds the hook. */
static const seed_site *find_site(struct hooks *hooks, const seed_site *like)
{
    struct hook_site *made;

    for (made = hooks->sites; made; made = made->next)
        if (made->site.address == like->address
            && made->site.line == like->line
            && made->site.kind == like->kind
            && !strcmp(made->site.file, like->file))
            return &made->site;

    made = seed__alloc(sizeof *made);
    if (!made)
        return NULL;

    made->site = *like;
    made->next = hooks->sites;
    hooks->sites = made;
    return &made->site;
}

static void say(const struct hooks *hooks, const char *line)
{
    if (hooks->warn)
        hooks->warn(line, hooks->warn_ctx);
}

static void say_trace(const struct hooks *hooks)
{
    void *frames[32];
    int count;
    char **lines;

    if (!secure_getenv("SEED_TRACE_WARNINGS")) {
        say(hooks, "(Set SEED_TRACE_WARNINGS=1 to see where the warning was"
                   " made)");
        return;
    }
    count = backtrace(frames, 32);
    lines = backtrace_symbols(frames, count);
    for (int i = 0; lines && i < count; i++) {
        char line[256];

        snprintf(line, sizeof line, "    at %s", lines[i]);
        say(hooks, line);
    }
    seed__release_foreign(lines);
}

static void warn_of_leak(const struct hooks *hooks, enum seed_on on,
    const struct hook_entry *newest)
{
    const seed_site *running = seed_current_site();
    const seed_site *site = newest->site;
    size_t count = seed__hooks_count(hooks, on), same = 0;
    char line[512];

    for (size_t i = 0; i < hooks->lists[on].count; i++)
        same += hooks->lists[on].entries[i].hook == newest->hook;

    snprintf(line, sizeof line,
        "MaxListenersExceededWarning: Possible hook leak detected. %zu %s"
        " hooks added to the server, %zu of them %s at %s:%d%s%s. Use"
        " seed_set_max_hooks() to raise the limit of %zu.",
        count, names[on], same, site->function, site->file, site->line,
        running ? ", the last while running " : "",
        running ? running->function : "", hooks->limit);
    say(hooks, line);
    say_trace(hooks);
}

int seed__hooks_add(struct hooks *hooks, enum seed_on on, seed_hook *hook,
    void *ctx, const char *function, const char *file, int line)
{
    struct hook_list *list = &hooks->lists[on];
    seed_site like = { names[on], function, file, line, NULL, NULL };
    struct hook_entry entry = { hook, ctx, NULL };

    memcpy(&like.address, &hook, sizeof like.address);
    entry.site = find_site(hooks, &like);
    if (!entry.site || !make_room(list))
        return SEED_ENOMEM;

    list->entries[list->count++] = entry;
    set_members(list, seed__hooks_count(hooks, on) + 1);
    if (!list->warned && list->count > hooks->limit
        && seed__hooks_count(hooks, on) > hooks->limit) {
        list->warned = true;
        warn_of_leak(hooks, on, &entry);
    }
    return 0;
}

int seed__hooks_remove(struct hooks *hooks, enum seed_on on, seed_hook *hook,
    void *ctx)
{
    struct hook_list *list = &hooks->lists[on];

    for (size_t i = list->count; i-- > 0;) {
        struct hook_entry *entry = &list->entries[i];

        if (entry->hook != hook || entry->ctx != ctx)
            continue;
        set_members(list, seed__hooks_count(hooks, on) - 1);
        if (list->emitting) {
            entry->hook = NULL;
            list->holes = true;
            return 0;
        }
        list->count--;
        memmove(entry, entry + 1, (list->count - i) * sizeof *entry);
        return 0;
    }
    return SEED_EINVAL;
}

size_t seed__hooks_count(const struct hooks *hooks, enum seed_on on)
{
    return atomic_load_explicit(&hooks->lists[on].members,
        memory_order_relaxed);
}
