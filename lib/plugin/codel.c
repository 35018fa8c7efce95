/* SPDX-License-Identifier: MIT */
#include "plugin/codel.h"

enum {
    INTERVAL = 100 * 1000000,
    TARGET = 5 * 1000000,
    SERVICE_SHARE = 16 /* of one turn in the mean, 1/16 */
};

void seed__codel_init(struct codel *codel, uint64_t limit)
{
    *codel = (struct codel){ .limit = limit };
}

void seed__codel_end_turn(struct codel *codel, uint64_t took)
{
    uint64_t each;

    if (!codel->admitted)
        return;

    each = took / codel->admitted;
    codel->admitted = 0;
    if (each > codel->service)
        codel->service += (each - codel->service) / SERVICE_SHARE;
    else
        codel->service -= (codel->service - each) / SERVICE_SHARE;
}

static uint64_t target_of(const struct codel *codel)
{
    return codel->service > TARGET ? codel->service : TARGET;
}

static uint64_t doubled(uint64_t time)
{
    return time > UINT64_MAX / 2 ? UINT64_MAX : 2 * time;
}

static uint64_t limit_of(const struct codel *codel,
    enum seed_priority priority)
{
    uint64_t low = 2 * target_of(codel);
    bool tight = codel->tight && codel->admitted && low < codel->limit;
    uint64_t normal = tight ? low : codel->limit;

    if (codel->limit == UINT64_MAX)
        return UINT64_MAX;
    if (priority == SEED_SHEDDABLE)
        return normal / 2;
    if (priority == SEED_CRITICAL)
        return tight ? codel->limit : doubled(codel->limit);
    return normal;
}

/* What was learned counts for one interval, not for one that follows on a
 * silence. */
static void begin_interval(struct codel *codel, uint64_t now)
{
    bool follows = now - codel->interval < INTERVAL;

    codel->tight = follows && codel->least > target_of(codel);
    codel->interval = now + INTERVAL;
    codel->least = UINT64_MAX;
}

bool seed__codel_cares(struct codel *codel, uint64_t now, uint64_t most,
    enum seed_priority priority)
{
    uint64_t target = target_of(codel);

    if (now >= codel->interval)
        begin_interval(codel, now);
    return most > limit_of(codel, priority)
        || (most > target && codel->least > target);
}

bool seed__codel_refuses(struct codel *codel, uint64_t now, uint64_t wait,
    enum seed_priority priority)
{
    if (now >= codel->interval)
        begin_interval(codel, now);
    if (wait < codel->least)
        codel->least = wait;
    if (wait > limit_of(codel, priority))
        return true;

    codel->admitted++;
    return false;
}
