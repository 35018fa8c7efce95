/* SPDX-License-Identifier: MIT */
/* Which requests are refused.
 *
 * Each worker judges for itself, on its own thread, by what it has seen. What
 * a request costs here is a clock read and some comparisons; the kernel is
 * asked how long it has waited only where the answer could change what is
 * done, that is, after a long turn of the loop. */
#include "plugin/shed.h"

#include <seed/async.h>
#include <seed/hook.h>
#include <seed/req.h>
#include <seed/trace.h>

void seed__shed_note_delay(struct shed_worker *worker, uint64_t now,
    uint64_t delay)
{
    shed_put(&worker->delay, delay);
    shed_put(&worker->delay_at, now);
}

/* --- how long a request has waited ---------------------------------------- */

/* What is known for nothing: how long its turn lasts already, and with that of
 * the turn before it, in which it came, the most that it can be. */
struct wait {
    uint64_t least, most;
};

static struct wait guess_wait(const struct shed_worker *worker, uint64_t now)
{
    uint64_t since = seed_worker_state(worker->worker).busy_since;
    uint64_t age = since && now > since ? now - since : 0;

    return (struct wait){ age,
        worker->embedded ? UINT64_MAX : age + worker->last_turn };
}

static uint64_t measure_wait(const seed_req *req, struct wait wait)
{
    uint64_t measured = seed_req_socket_wait(req);

    return measured > wait.least ? measured : wait.least;
}

/* --- judging, one way a mode ---------------------------------------------- */

static bool queue_refuses(struct shed_worker *worker, seed_req *req,
    enum seed_priority priority, uint64_t now)
{
    struct wait wait = guess_wait(worker, now);

    if (seed__codel_cares(&worker->codel, now, wait.most, priority))
        wait.least = measure_wait(req, wait);
    seed__shed_note_delay(worker, now, wait.least);
    return seed__codel_refuses(&worker->codel, now, wait.least, priority);
}

/* The article's flag: what the timer found last. */
static bool delay_refuses(struct shed_worker *worker, seed_req *req,
    enum seed_priority priority, uint64_t now)
{
    uint64_t delay = shed_get(&worker->delay), limit = worker->shed->limit;

    (void)req;
    (void)now;
    if (limit == UINT64_MAX)
        return false;
    return priority == SEED_CRITICAL ? delay / 2 > limit
        : priority == SEED_SHEDDABLE ? delay > limit / 2
                                     : delay > limit;
}

/* An admitted request of the limit mode. */
struct admission {
    struct shed_worker *worker;
    uint64_t at, wait, turn;
};

static uint64_t in_flight(const struct shed_worker *worker)
{
    return worker->open + worker->turn_ended;
}

static void tell_limit(struct shed_worker *worker)
{
    shed_put(&worker->in_flight, worker->open);
    shed_put(&worker->limit, (uint64_t)(worker->gradient.limit * 1000));
}

void seed__shed_end_admission(const seed_event *event, void *ctx)
{
    struct admission *admission = seed_req_slot(event->req, ctx);
    struct shed_worker *worker;
    uint64_t now;

    if (!admission)
        return;
    worker = admission->worker;
    now = seed_now();
    worker->open--;
    worker->turn_ended += admission->turn == worker->turn;
    seed__gradient_note(&worker->gradient, now, admission->wait,
        now - admission->at);
    tell_limit(worker);
}

/* Without memory the request goes its way uncounted. */
static void begin_admission(struct shed_worker *worker, seed_req *req,
    uint64_t now, uint64_t wait)
{
    struct admission *admission = seed_req_alloc(req, sizeof *admission);

    if (!admission || seed_req_set(req, worker->shed, admission))
        return;
    *admission = (struct admission){ worker, now, wait, worker->turn };
    worker->open++;
    seed__gradient_peak(&worker->gradient, in_flight(worker));
    tell_limit(worker);
}

static bool limit_refuses(struct shed_worker *worker, seed_req *req,
    enum seed_priority priority, uint64_t now)
{
    struct wait wait = guess_wait(worker, now);

    if (!seed__gradient_admits(&worker->gradient, in_flight(worker),
            priority)) {
        seed__shed_note_delay(worker, now, wait.least);
        return true;
    }
    if (wait.most > SHED_MS)
        wait.least = measure_wait(req, wait);
    seed__shed_note_delay(worker, now, wait.least);
    begin_admission(worker, req, now, wait.least);
    return false;
}

static const struct {
    bool (*refuses)(struct shed_worker *worker, seed_req *req,
        enum seed_priority priority, uint64_t now);
    enum seed_shed_reason reason;
} modes[] = {
    [SEED_SHED_QUEUE] = { queue_refuses, SEED_SHED_EVENT_LOOP },
    [SEED_SHED_DELAY] = { delay_refuses, SEED_SHED_EVENT_LOOP },
    [SEED_SHED_LIMIT] = { limit_refuses, SEED_SHED_CONCURRENCY },
};

static bool over(const shed_number *bytes, size_t limit)
{
    return limit && shed_get(bytes) > limit;
}

unsigned seed__shed_judge(struct shed_worker *worker, seed_req *req,
    enum seed_priority priority, uint64_t now)
{
    const struct seed_shed_options *options = &worker->shed->options;
    unsigned reasons = 0;

    if (over(&worker->heap, options->max_heap_used_bytes))
        reasons |= 1u << SEED_SHED_HEAP;
    if (over(&worker->rss, options->max_rss_bytes))
        reasons |= 1u << SEED_SHED_RSS;
    if (reasons && options->mode == SEED_SHED_LIMIT)
        return reasons; /* or it would be counted as under way */
    if (modes[options->mode].refuses(worker, req, priority, now)) {
        reasons |= 1u << modes[options->mode].reason;
        shed_put(&worker->refused_at, now);
    }
    return reasons;
}
