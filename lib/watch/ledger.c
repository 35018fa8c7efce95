/* SPDX-License-Identifier: MIT */
/* Measures every handler and hook by a tracer.
 *
 * Two reads of the monotonic clock a span, fewer where spans follow each other.
 * The thread's CPU clock costs twenty times as much: it is read at most once a
 * turn of the loop, when enough time has gathered to be worth it, and its
 * advance is shared out by wall time. What the loop did in between (reading,
 * writing, tasks) takes part of that advance, so that CPU time is an upper
 * bound which for a function that computes is its wall time. */
#include "watch/ledger.h"

#include <seed/error.h>
#include <seed/hook.h>
#include <seed/server.h>

#include <string.h>
#include <time.h>

enum {
    SHARE_TURNS = 50000,  /* nanoseconds of spans before the CPU clock is read
                           * in the next turn                               */
    SHARE_SPAN = 1000000  /* and after so much of one turn                  */
};

/* --- books and rows ------------------------------------------------------- */

static uint64_t read_cpu(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now))
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct book *open_book(struct seed_ledger *ledger,
    struct book *_Atomic *place, seed_worker *worker)
{
    struct book *book = seed_resize(NULL, sizeof *book);

    if (!book)
        return NULL;

    memset(book, 0, sizeof *book);
    book->ledger = ledger;
    book->worker = worker;
    book->thread = pthread_self();
    book->cpu_mark = read_cpu();
    atomic_store_explicit(place, book, memory_order_release);
    return book;
}

struct book *seed__ledger_book(struct seed_ledger *ledger,
    const seed_req *req)
{
    seed_worker *worker = req ? seed_req_worker(req) : seed_current_worker();
    struct book *_Atomic *place = ledger->books;
    struct book *book;

    /* On a loop that servers share, a hook without a request may be any of
     * them's; a server there has one worker. */
    if (!worker || (!req && seed_worker_server(worker) != ledger->server))
        return atomic_load_explicit(place, memory_order_relaxed);

    place += seed_worker_index(worker);
    book = atomic_load_explicit(place, memory_order_relaxed);
    return book ? book : open_book(ledger, place, worker);
}

static enum run run_of(const char *kind)
{
    static const struct {
        const char *kind;
        enum run run;
    } runs[] = { { "pre", RUN_PRE }, { "use", RUN_ROUTE },
        { "route", RUN_ROUTE }, { "routed", RUN_ROUTED },
        { "send", RUN_SEND }, { "after", RUN_AFTER } };

    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        if (!strcmp(runs[i].kind, kind))
            return runs[i].run;
    return RUN_NONE;
}

/* A line of code that registers a function several times has one account. */
static struct row *find_like(struct book *book, const seed_site *site)
{
    struct row *row = atomic_load_explicit(&book->rows, memory_order_relaxed);

    while (row && (row->site.line != site->line
            || row->site.route != site->route
            || strcmp(row->site.kind, site->kind)
            || strcmp(row->site.function, site->function)
            || strcmp(row->site.file, site->file)))
        row = row->next;
    return row;
}

static struct row *make_row(struct book *book, const seed_site *site)
{
    struct row *row = seed_resize(NULL, sizeof *row);

    if (!row)
        return NULL;

    memset(row, 0, sizeof *row);
    row->site = *site;
    row->run = run_of(site->kind);
    row->next = atomic_load_explicit(&book->rows, memory_order_relaxed);
    atomic_store_explicit(&book->rows, row, memory_order_release);
    return row;
}

static struct row *open_row(struct book *book, const seed_site *site)
{
    struct row *row = find_like(book, site);

    if (!row)
        row = make_row(book, site);
    return row && seed__map_put(&book->by_site, site, row) ? row : NULL;
}

/* --- CPU time ------------------------------------------------------------- */

static void share_cpu(struct book *book)
{
    uint64_t now = read_cpu(), spent = now - book->cpu_mark;
    struct row *row;

    /* Another thread's clock says nothing; a server that does not run yet may
     * be used by several. */
    if (!pthread_equal(book->thread, pthread_self())) {
        book->thread = pthread_self();
        spent = 0;
    }
    if (spent > book->unshared)
        spent = book->unshared;
    while ((row = book->rows_unshared)) {
        counter_add(&row->cpu, (uint64_t)((double)spent
            * (double)row->unshared / (double)book->unshared));
        book->rows_unshared = row->next_unshared;
        row->unshared = 0;
    }
    book->unshared = 0;
    book->cpu_mark = now;
}

static void note_unshared(struct book *book, struct row *row, uint64_t self)
{
    if (!self)
        return;
    if (!row->unshared) {
        row->next_unshared = book->rows_unshared;
        book->rows_unshared = row;
    }
    row->unshared += self;
    book->unshared += self;
}

static void mind_turn(struct book *book)
{
    uint64_t turn = seed_worker_state(book->worker).iterations;

    /* A turn may be long: that of a server that only seed_inject() drives has
     * no end at all while its answers come at once. */
    if (turn == book->turn && book->unshared < SHARE_SPAN)
        return;
    book->turn = turn;
    if (book->unshared >= SHARE_TURNS)
        share_cpu(book);
}

/* --- the tracer ----------------------------------------------------------- */

static bool follows(const struct book *book, const struct span *span)
{
    return book->last_run != RUN_NONE && span->row
        && span->row->run == book->last_run
        && span->number == book->last_request;
}

static void enter(const seed_site *site, seed_req *req, void *ctx)
{
    struct book *book = seed__ledger_book(ctx, req);
    struct span *span;

    if (!book || book->depth++ >= MOST_NESTED)
        return;
    if (book->depth == 1)
        mind_turn(book);

    span = &book->spans[book->depth - 1];
    span->inner = 0;
    span->row = map_find(&book->by_site, site);
    if (!span->row)
        span->row = open_row(book, site);
    span->number = req ? seed_req_number(req) : 0;
    span->start = follows(book, span) ? book->last_leave : seed_now();
}

static void close_span(struct book *book, const struct span *span,
    uint64_t now)
{
    uint64_t wall = now - span->start, number = span->number;
    uint64_t self = wall > span->inner ? wall - span->inner : 0;
    struct row *row = span->row;

    counter_add(&row->calls, 1);
    counter_add(&row->wall, wall);
    counter_add(&row->self, self);
    if (wall > counter_get(&row->longest))
        counter_set(&row->longest, wall);
    histogram_add(&row->latency, wall);
    if (number && number != row->last_request) {
        row->last_request = number;
        counter_add(&row->requests, 1);
    }
    note_unshared(book, row, self);
}

static void leave(const seed_site *site, seed_req *req, void *ctx)
{
    struct seed_ledger *ledger = ctx;
    uint64_t now = seed_now();
    struct book *book = seed__ledger_book(ledger, req);
    struct span *span;

    if (!book || !book->depth || --book->depth >= MOST_NESTED)
        return;

    span = &book->spans[book->depth];
    book->last_run = RUN_NONE;
    if (!span->row)
        return;

    close_span(book, span, now);
    if (book->depth)
        span[-1].inner += now - span->start;
    else if (now - span->start >= SHARE_SPAN)
        share_cpu(book);
    book->last_run = span->row->run;
    book->last_request = span->number;
    book->last_leave = now;
    if (ledger->timed && req)
        seed__timing_add(seed__ledger_visit(ledger, req, false), site,
            now - span->start);
}

static void wait(const seed_site *site, seed_req *req, void *ctx)
{
    struct seed_ledger *ledger = ctx;
    struct visit *visit = seed__ledger_visit(ledger, req, true);
    struct book *book = seed__ledger_book(ledger, req);
    struct row *row = book ? map_find(&book->by_site, site) : NULL;
    bool just_left;

    if (!row)
        return;

    counter_add(&row->waits, 1);
    just_left = book->last_run != RUN_NONE
        && book->last_request == seed_req_number(req);
    book->last_run = RUN_NONE;
    if (visit)
        visit->since = just_left ? book->last_leave : seed_now();
}

static void resume(const seed_site *site, seed_req *req, void *ctx)
{
    struct seed_ledger *ledger = ctx;
    struct visit *visit = seed__ledger_visit(ledger, req, false);
    struct book *book = seed__ledger_book(ledger, req);
    struct row *row = book ? map_find(&book->by_site, site) : NULL;
    uint64_t waited;

    if (!row || !visit || !visit->since)
        return;

    waited = seed_now() - visit->since;
    visit->since = 0;
    counter_add(&row->waited, waited);
    if (visit->timing)
        visit->timing->waited += waited;
}

struct visit *seed__ledger_visit(const struct seed_ledger *ledger,
    seed_req *req, bool make)
{
    struct visit *visit = seed_req_slot(req, ledger);

    if (visit || !make)
        return visit;

    visit = seed_req_alloc(req, sizeof *visit);
    if (!visit || seed_req_set(req, ledger, visit))
        return NULL;

    *visit = (struct visit){ 0 };
    return visit;
}

/* --- from new to free ----------------------------------------------------- */

static int set_up(struct seed_ledger *ledger,
    const struct seed_ledger_options *options)
{
    const char *field = options->timing_field;
    const seed_tracer tracer = { .enter = enter, .leave = leave,
        .ctx = ledger, .wait = wait, .resume = resume };

    ledger->timing = options->timing;
    ledger->timed = options->timing || field;
    if (field) {
        ledger->timing_field = seed_resize(NULL, strlen(field) + 1);
        if (!ledger->timing_field)
            return SEED_ENOMEM;
        strcpy(ledger->timing_field, field);
    }
    if (ledger->timed && seed__timing_start(ledger))
        return SEED_ENOMEM;
    return seed_trace(ledger->server, &tracer);
}

seed_ledger *seed_ledger_new_sized(seed_server *server,
    const struct seed_ledger_options *options, size_t size)
{
    struct seed_ledger_options known = { 0 };
    struct seed_ledger *ledger;

    if (!server)
        return NULL;
    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);

    ledger = seed_resize(NULL, sizeof *ledger);
    if (!ledger)
        return NULL;

    memset(ledger, 0, sizeof *ledger);
    ledger->server = server;
    if (set_up(ledger, &known)) {
        seed__timing_stop(ledger);
        seed_ledger_free(ledger);
        return NULL;
    }
    return ledger;
}

static void free_book(struct book *book)
{
    struct row *row = atomic_load(&book->rows);

    while (row) {
        struct row *next = row->next;

        seed_release(row);
        row = next;
    }
    seed__map_clear(&book->by_site);
    seed_release(book);
}

void seed_ledger_free(seed_ledger *ledger)
{
    if (!ledger)
        return;

    for (unsigned i = 0; i < MOST_WORKERS; i++) {
        struct book *book = atomic_load(&ledger->books[i]);

        if (book)
            free_book(book);
    }
    seed_release(ledger->timing_field);
    seed_release(ledger);
}
