/* SPDX-License-Identifier: MIT */
/* The ledger's insides: a book for each worker, a row for each registration.
 *
 * A book is written by its worker alone; others read its counters, and walk
 * its rows, which are added at the front and never taken out. */
#ifndef WATCH_LEDGER_H
#define WATCH_LEDGER_H

#include "watch/histogram.h"
#include "watch/map.h"

#include <seed/async.h>
#include <seed/ledger.h>
#include <seed/req.h>
#include <seed/trace.h>

#include <pthread.h>

enum {
    MOST_WORKERS = 256,
    MOST_NESTED = 32,   /* spans in each other; deeper ones are not counted  */
    MOST_PARTS = 16     /* entries of one Server-Timing field                */
};

/* Spans of one run follow each other with nothing in between that could take
 * time, so that the end of one is the beginning of the next. */
enum run { RUN_NONE, RUN_PRE, RUN_ROUTE, RUN_ROUTED, RUN_SEND, RUN_AFTER };

struct row {
    struct row *next;
    seed_site site; /* a copy: a worker's own hooks end with it */
    enum run run;

    counter calls, requests, wall, self, cpu, longest, waits, waited;
    struct histogram latency;

    /* The worker's alone. */
    uint64_t last_request;
    uint64_t unshared;        /* self time that has no CPU time yet          */
    struct row *next_unshared;
};

struct span {
    struct row *row;       /* NULL: no memory for it                        */
    uint64_t number;       /* of its request, or 0                          */
    uint64_t start, inner; /* when, and how long others ran inside          */
};

struct book {
    const struct seed_ledger *ledger;
    seed_worker *worker;
    struct row *_Atomic rows;
    struct map by_site;

    struct span spans[MOST_NESTED];
    unsigned depth;

    /* The span that has just ended. */
    enum run last_run;
    uint64_t last_request, last_leave;

    /* CPU time, by the clock of one thread. */
    pthread_t thread;
    uint64_t turn, cpu_mark, unshared;
    struct row *rows_unshared;
};

struct part {
    const seed_site *site;
    uint64_t nsec;
};

/* A request's own: where it waits, and its Server-Timing. */
struct visit {
    uint64_t since;
    struct timing *timing; /* NULL: not asked for */
};

struct timing {
    uint64_t waited;
    unsigned count;
    struct part parts[MOST_PARTS];
};

struct seed_ledger {
    seed_server *server;
    char *timing_field;
    bool timing;            /* for every answer                             */
    bool timed;             /* for some at least                            */
    struct book *_Atomic books[MOST_WORKERS];
};

/* The calling worker's book, or NULL without memory. */
struct book *seed__ledger_book(struct seed_ledger *ledger,
    const seed_req *req);

/* What the ledger keeps with a request, or NULL. */
struct visit *seed__ledger_visit(const struct seed_ledger *ledger,
    seed_req *req, bool make);

/* ledger_timing.c: hooks and handlers of Server-Timing. */
int seed__timing_start(struct seed_ledger *ledger);
void seed__timing_stop(struct seed_ledger *ledger);
void seed__timing_add(struct visit *visit, const seed_site *site,
    uint64_t nsec);

/* ledger_read.c: the rows of all books, those of one registration added up;
 * owned, seed_release(). `bins` are kept beside the row. */
struct entry {
    struct seed_ledger_row row;
    uint64_t bins[HISTOGRAM_BINS];
};
int seed__ledger_entries(const struct seed_ledger *ledger,
    struct entry **entries, size_t *count);

#endif
