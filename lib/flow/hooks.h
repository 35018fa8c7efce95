/* SPDX-License-Identifier: MIT */
/* Hook lists, one for each event: the server's setup has one set of them, and
 * each worker starts with a copy. */
#ifndef FLOW_HOOKS_H
#define FLOW_HOOKS_H

#include <seed/hook.h>
#include <seed/trace.h>

#include <stdatomic.h>

struct flow;

struct hook_entry {
    seed_hook *hook; /* NULL: taken away during an emission */
    void *ctx;
    const seed_site *site;
};

struct hook_list {
    struct hook_entry *entries;
    size_t count, room;
    _Atomic size_t members; /* without holes; written by the owner alone    */
    unsigned emitting; /* depth of emissions that walk this list            */
    bool holes;        /* some entries were taken away meanwhile            */
};

struct hooks {
    struct hook_list lists[SEED_ON_COUNT];
    struct hook_site *sites; /* all that were made for these lists           */
    size_t limit;            /* of members, for whoever warns                */
};

void seed__hooks_init(struct hooks *hooks, size_t limit);
void seed__hooks_clear(struct hooks *hooks);

/* Returns 0 or SEED_ENOMEM. */
int seed__hooks_copy(struct hooks *to, const struct hooks *from);
int seed__hooks_add(struct hooks *hooks, enum seed_on on, seed_hook *hook,
    void *ctx, const char *function, const char *file, int line);

/* Returns 0 or SEED_EINVAL. */
int seed__hooks_remove(struct hooks *hooks, enum seed_on on, seed_hook *hook,
    void *ctx);

/* What was added last to a list that is not empty, and how many of the members
 * that line of code has added to these lists, but for those of the setup when
 * they are a copy. */
struct hook_newest {
    const seed_site *site;
    size_t same;
};
struct hook_newest seed__hooks_newest(const struct hooks *hooks,
    enum seed_on on);

/* Any thread. */
size_t seed__hooks_count(const struct hooks *hooks, enum seed_on on);

/* "after", "pre", ... as the warning and seed_site.kind spell it. */
const char *seed__hook_name(enum seed_on on);

#endif
