/* SPDX-License-Identifier: MIT */
/* Overload protection as its files see it: shed.c sets up and handles,
 * shed_judge.c decides, shed_answer.c says no, shed_state.c tells of it. */
#ifndef PLUGIN_SHED_H
#define PLUGIN_SHED_H

#include "plugin/codel.h"
#include "plugin/gradient.h"

#include <seed/hook.h>

#include <stdatomic.h>

enum { SHED_JITTER = 3, SHED_MS = 1000000, SHED_SECOND = 1000 * SHED_MS };

/* Reasons as bits, and all texts that they can make. */
enum { SHED_SETS = 1 << SEED_SHED_REASONS };

/* What one thread writes and any thread reads. */
typedef _Atomic uint64_t shed_number;

static inline uint64_t shed_get(const shed_number *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static inline void shed_put(shed_number *to, uint64_t value)
{
    atomic_store_explicit(to, value, memory_order_relaxed);
}

static inline void shed_count(shed_number *to)
{
    shed_put(to, shed_get(to) + 1);
}

/* One worker's part. It belongs to its worker's thread but for the numbers,
 * and lives as long as the seed_shed. */
struct shed_worker {
    struct shed_worker *next;
    seed_shed *shed;
    seed_worker *worker;
    struct codel codel;
    struct gradient gradient;
    uint32_t random;
    bool embedded; /* on a loop that libseed does not see the whole of */

    uint64_t last_turn;  /* how long the turn before this one took           */
    uint64_t turn_ended; /* and of those under way, that ended in it         */
    uint64_t turn;       /* its number                                       */
    uint64_t open;       /* admitted and not over                            */
    uint64_t sampled;    /* when the timer ran last                          */

    shed_number delay, delay_at; /* and when it was measured                 */
    shed_number refused_at;      /* for its wait, or by the timer            */
    shed_number heap, rss;
    shed_number limit, in_flight; /* the limit in thousandths                */
    shed_number admitted;
    shed_number refused[SEED_SHED_REASONS][SEED_PRIORITIES];
};

struct seed_shed {
    struct seed_shed_options options;
    uint64_t limit; /* max_event_loop_delay in nanoseconds                   */
    seed_server *server;
    _Atomic(struct shed_worker *) workers; /* a list that only grows         */
    _Atomic uint64_t say_at, said; /* when next, and how many were said      */

    char retry[SHED_JITTER][12];
    char text[SHED_SETS][80];
    size_t length[SHED_SETS];
};

/* --- shed_judge.c --------------------------------------------------------- */

/* Returns the reasons to refuse a request, as bits, or 0: it is admitted, and
 * counted where the limit mode needs that. */
unsigned seed__shed_judge(struct shed_worker *worker, seed_req *req,
    enum seed_priority priority, uint64_t now);

/* An `after` hook of the limit mode; ctx is the seed_shed. */
void seed__shed_end_admission(const seed_event *event, void *ctx);

void seed__shed_note_delay(struct shed_worker *worker, uint64_t now,
    uint64_t delay);

/* --- shed_answer.c -------------------------------------------------------- */

void seed__shed_write_texts(seed_shed *shed);
seed_step seed__shed_refuse(struct shed_worker *worker, seed_res *res,
    unsigned reasons);

/* --- shed_state.c --------------------------------------------------------- */

/* At most once a second, whichever worker comes first. */
void seed__shed_say(seed_shed *shed, uint64_t now);

#endif
