/* SPDX-License-Identifier: MIT */
/* What a server that was prepared counts, whether somebody records or not: a
 * desk for each worker, written by that worker alone; what held its loops up,
 * by the monitor; and the recordings that are under way.
 *
 * Numbers only grow. A recording reads them twice. */
#ifndef CLINIC_EXAM_H
#define CLINIC_EXAM_H

#include "clinic/facts.h"
#include "clinic/turns.h"
#include "watch/histogram.h"
#include "watch/ledger.h"

#include <seed.h>

#include <pthread.h>

enum { EXAM_OF = 64, EXAM_URLS = 16 };

/* A line of code that added hooks on one worker. */
struct growth {
    struct growth *next;
    const seed_site *key;     /* the site, which may end with the worker    */
    seed_site site, running;  /* copies. What ran when it was first added;
                               * no function: nothing did                   */
    enum seed_on on;
    counter same;             /* members that it has in the list            */
    counter added;
};

struct looked {
    uint64_t url, body, etag; /* mixed to a number each */
};

/* One request in 64 is looked at closely: was its answer the same as the last
 * one to this URL that was looked at? */
struct closely {
    counter looked, same_body, has_etag, same_etag, asked; /* If-None-Match */
    struct looked last[EXAM_URLS];
};

struct desk {
    _Atomic(seed_worker *) worker; /* NULL: it has stopped */
    struct turns turns;
    counter statuses[FACT_STATUSES]; /* 1xx to 5xx; 0: 444, the client left */
    counter shed, not_modified, sent;
    counter begun, ended, opened, closed, received; /* when it has stopped  */
    struct histogram latency;
    struct spread precise; /* the same, 3 % wide: requests by their length  */
    struct closely closely;
    struct growth *_Atomic growths;
    uint64_t number; /* of requests, to know the 64th */
};

struct exam {
    seed_server *server;
    seed_ledger *ledger;
    seed_stall_watch *stall;  /* own, or NULL: that of seed_watch() */
    seed_stall_watch *watched;
    _Atomic(struct desk *) desks[PULSE_WORKERS];

    /* What held loops up. The monitor's, under its lock. */
    struct held held[FACT_HELD];
    unsigned held_count, held_worker;
    uint64_t held_turn, held_age;

    pthread_mutex_t lock; /* of the list of recordings */
    struct seed_doctor *recordings;
};

/* The server's exam, or NULL. */
struct exam *seed__exam_of(const seed_server *server);

/* Whose function it is that a site names: the exam's own hooks are no
 * findings. */
bool seed__exam_owns(const void *address);

/* exam_count.c */
void seed__exam_count(const seed_event *event, void *ctx);

/* exam_hooked.c */
void seed__exam_hear(const struct seed_hooked *hooked, void *ctx);
void seed__exam_forget(struct desk *desk);

/* exam_held.c */
void seed__exam_held(const seed_stall *stall, void *ctx);

/* doctor.c: the server ends; who records it has seen all that there is. */
void seed__doctors_end(struct exam *exam);

#endif
