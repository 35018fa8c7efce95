/* SPDX-License-Identifier: MIT */
/* Lists of hooks, and how many of their members each line of code added. */
#include "flow/hooks.h"

#include "base/mem.h"

#include <string.h>

struct hook_site {
    seed_site site;
    size_t members; /* that were added here and not taken away */
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
    [SEED_ON_STOPPING] = "stopping",
    [SEED_ON_STOP] = "stop",
    [SEED_ON_TURN] = "turn",
    [SEED_ON_LIMIT] = "limit",
};

const char *seed__hook_name(enum seed_on on)
{
    return names[on];
}

void seed__hooks_init(struct hooks *hooks, size_t limit)
{
    memset(hooks, 0, sizeof *hooks);
    hooks->limit = limit;
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
    seed__hooks_init(to, from->limit);
    for (enum seed_on on = 0; on < SEED_ON_COUNT; on++) {
        const struct hook_list *list = &from->lists[on];

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
static struct hook_site *find_site(struct hooks *hooks, const seed_site *like)
{
    struct hook_site *made;

    for (made = hooks->sites; made; made = made->next)
        if (made->site.address == like->address
            && made->site.line == like->line
            && made->site.kind == like->kind
            && !strcmp(made->site.file, like->file))
            return made;

    made = seed__alloc(sizeof *made);
    if (!made)
        return NULL;

    made->site = *like;
    made->members = 0;
    made->next = hooks->sites;
    hooks->sites = made;
    return made;
}

int seed__hooks_add(struct hooks *hooks, enum seed_on on, seed_hook *hook,
    void *ctx, const char *function, const char *file, int line)
{
    struct hook_list *list = &hooks->lists[on];
    seed_site like = { names[on], function, file, line, NULL, NULL };
    struct hook_site *site;

    memcpy(&like.address, &hook, sizeof like.address);
    site = find_site(hooks, &like);
    if (!site || !make_room(list))
        return SEED_ENOMEM;

    list->entries[list->count++]
        = (struct hook_entry){ hook, ctx, &site->site };
    set_members(list, seed__hooks_count(hooks, on) + 1);
    site->members++;
    return 0;
}

/* The site is not among these when it is the setup's. */
static void uncount(struct hooks *hooks, const seed_site *site)
{
    struct hook_site *at = hooks->sites;

    while (at && &at->site != site)
        at = at->next;
    if (at)
        at->members--;
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
        uncount(hooks, entry->site);
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

struct hook_newest seed__hooks_newest(const struct hooks *hooks,
    enum seed_on on)
{
    const struct hook_list *list = &hooks->lists[on];
    const struct hook_site *at = hooks->sites;
    struct hook_newest newest = { list->entries[list->count - 1].site, 0 };

    while (at && &at->site != newest.site)
        at = at->next;
    newest.same = at ? at->members : 0;
    return newest;
}
