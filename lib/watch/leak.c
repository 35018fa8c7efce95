/* SPDX-License-Identifier: MIT */
/* Two rules, judged when a hook is added, and at no other time.
 *
 * The count is node's: a list that gets its 11th member is more often a leak
 * than a wish. But node says so once, and the article's server had silenced it
 * by one line. So it is said again at powers of two, and there is a second
 * rule that knows no limit: of hooks that a line of code adds as requests
 * come. A list that grows with the requests makes each of them slower than
 * the one before, whatever the application thinks of limits.
 *
 * What was said is kept for each worker, as its lists are, and nothing here
 * takes a lock but the first hook that a worker adds. */
#include "watch/leak.h"

#include <seed.h>

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Of the growth rule: members, requests, and how many of those are one of the
 * ten in which no hook was added. */
enum { LEAST = 11, REQUESTS = 10, OF_TEN = 9, SURE = 64 };

/* A hook for a request in flight may be taken away when that ends, so that so
 * many of those are not held against it. More would let a crowd of clients
 * hide a leak from the first requests. */
enum { FORGIVEN = 16 };

/* A line of code that adds hooks, and its members at two times. */
struct line {
    const seed_site *site;
    uint64_t first;       /* requests when it began                         */
    uint64_t requests;    /* when the window began that is judged now       */
    size_t same;
    size_t told;          /* how many there were when it was last said      */
    struct line *next;
};

/* What was said of one worker's lists, or of the setup's. */
struct book {
    size_t told[SEED_ON_COUNT];
    struct line *lines;
    struct book *next;
};

struct leak {
    bool growth;
    atomic_bool hinted;
    struct book setup;
    pthread_mutex_t lock; /* of `books` */
    struct book *books;
};

static void release_lines(struct book *book)
{
    while (book->lines) {
        struct line *line = book->lines;

        book->lines = line->next;
        seed_release(line);
    }
}

static void release(void *value)
{
    struct leak *leak = value;

    while (leak->books) {
        struct book *book = leak->books;

        leak->books = book->next;
        release_lines(book);
        seed_release(book);
    }
    release_lines(&leak->setup);
    pthread_mutex_destroy(&leak->lock);
    seed_release(leak);
}

/* What was said of the setup's lists is not said of their copies again. */
static struct book *open_book(struct leak *leak, seed_worker *worker)
{
    struct book *book = seed_resize(NULL, sizeof *book);

    if (!book)
        return NULL;
    memset(book, 0, sizeof *book);
    memcpy(book->told, leak->setup.told, sizeof book->told);
    if (seed_worker_set(worker, leak, book)) {
        seed_release(book);
        return NULL;
    }

    pthread_mutex_lock(&leak->lock);
    book->next = leak->books;
    leak->books = book;
    pthread_mutex_unlock(&leak->lock);
    return book;
}

static struct book *book_of(struct leak *leak, seed_worker *worker)
{
    struct book *book;

    if (!worker)
        return &leak->setup;
    book = seed_worker_slot(worker, leak);
    return book ? book : open_book(leak, worker);
}

/* --- the rules ------------------------------------------------------------ */

static bool is_due(size_t count, size_t told)
{
    return count > told && (!told || !(count & (count - 1)));
}

/* At the first one over the limit, then at powers of two. */
static bool is_over_limit(struct book *book, const struct seed_hooked *hooked)
{
    size_t *told = &book->told[hooked->on];

    if (hooked->limit == SEED_UNLIMITED || hooked->members <= hooked->limit
        || !is_due(hooked->members, *told))
        return false;
    *told = hooked->members;
    return true;
}

static struct line *find_line(struct book *book,
    const struct seed_hooked *hooked, uint64_t requests)
{
    struct line *line = book->lines;

    while (line && line->site != hooked->site)
        line = line->next;
    if (line || !(line = seed_resize(NULL, sizeof *line)))
        return line;

    requests -= requests > 0; /* the one that adds it is one of them */
    *line = (struct line){ hooked->site, requests, requests, hooked->same - 1,
        0, book->lines };
    book->lines = line;
    return line;
}

static uint64_t left_of(const struct seed_worker_counts *counts,
    enum seed_on begun, enum seed_on over)
{
    uint64_t begins = counts->events[begun], ends = counts->events[over];

    return begins > ends ? begins - ends : 0;
}

/* The hooks came with the requests of this window. One in which they did not
 * ends here, and the next begins. */
static bool came_with_requests(struct line *line, size_t same,
    uint64_t requests)
{
    uint64_t window = requests - line->requests;
    size_t grown = same > line->same ? same - line->same : 0;

    if (window < REQUESTS)
        return false;
    if (grown * 10 >= window * OF_TEN)
        return true;
    line->requests = requests;
    line->same = same;
    return false;
}

static bool is_growing(struct line *line, size_t same,
    const struct seed_worker_counts *counts)
{
    uint64_t flying = left_of(counts, SEED_ON_PRE, SEED_ON_AFTER);
    uint64_t open = left_of(counts, SEED_ON_OPEN, SEED_ON_CLOSE);
    uint64_t others = flying ? flying - 1 : 0;
    uint64_t forgiven = others < FORGIVEN ? others : FORGIVEN;

    if (came_with_requests(line, same, counts->events[SEED_ON_PRE])
        && same >= LEAST + forgiven)
        return true;
    return same > SURE + flying + open;
}

/* --- saying it ------------------------------------------------------------ */

static void say_frame(const seed_server *server, const void *place)
{
    const char *name = "?", *file = "?";
    const void *from = place;
    Dl_info info;

    if (dladdr(place, &info)) {
        file = info.dli_fname ? info.dli_fname : file;
        name = info.dli_sname ? info.dli_sname : "";
        from = info.dli_sname ? info.dli_saddr : info.dli_fbase;
    }
    seed_warn(server, "    at %s(%s+0x%zx)", file, name,
        (size_t)((const char *)place - (const char *)from));
}

static void say_trace(struct leak *leak, const seed_server *server)
{
    void *frames[32];
    int count;

    if (!secure_getenv("SEED_TRACE_WARNINGS")) {
        if (!atomic_exchange(&leak->hinted, true))
            seed_warn(server, "(Set SEED_TRACE_WARNINGS=1 to see where the "
                "warning was made)");
        return;
    }
    count = backtrace(frames, 32);
    for (int i = 0; i < count; i++)
        say_frame(server, frames[i]);
}

static void say_count(const struct seed_hooked *hooked, bool growing)
{
    const seed_site *site = hooked->site, *running = hooked->running;

    seed_warn(hooked->server,
        "MaxListenersExceededWarning: Possible hook leak detected. %zu %s"
        " hooks added to the server, %zu of them %s at %s:%d%s%s%s. Use"
        " seed_set_max_hooks() to raise the limit of %zu.",
        hooked->members, site->kind, hooked->same, site->function, site->file,
        site->line, running ? ", the last while running " : "",
        running ? running->function : "",
        growing ? ", as requests come" : "", hooked->limit);
}

static void say_growth(const struct seed_hooked *hooked, uint64_t requests)
{
    const seed_site *site = hooked->site, *running = hooked->running;

    seed_warn(hooked->server,
        "HookLeakWarning: %s was added to the %s hooks %zu times in %llu"
        " requests, at %s:%d%s%s. A list that grows with the requests slows"
        " all of them down: add a hook once, or take it away by seed_off().",
        site->function, site->kind, hooked->same, (unsigned long long)requests,
        site->file, site->line, running ? ", the last while running " : "",
        running ? running->function : "");
}

/* Requests that the growing line has seen; 0 when it is not said now. */
static uint64_t judge_growth(struct book *book,
    const struct seed_hooked *hooked)
{
    struct seed_worker_counts counts = seed_worker_counts(hooked->worker);
    uint64_t requests = counts.events[SEED_ON_PRE];
    struct line *line = find_line(book, hooked, requests);

    if (!line || !is_growing(line, hooked->same, &counts)
        || !is_due(hooked->same, line->told))
        return 0;
    line->told = hooked->same;
    return requests - line->first;
}

static void hear(const struct seed_hooked *hooked, void *ctx)
{
    struct leak *leak = ctx;
    struct book *book = book_of(leak, hooked->worker);
    uint64_t requests = 0;
    bool over_limit;

    if (!book)
        return;
    over_limit = is_over_limit(book, hooked);
    if (hooked->worker && leak->growth)
        requests = judge_growth(book, hooked);
    if (!over_limit && !requests)
        return;

    if (over_limit)
        say_count(hooked, requests > 0);
    else
        say_growth(hooked, requests);
    say_trace(leak, hooked->server);
}

int seed__leak_watch(seed_server *server, bool growth)
{
    struct leak *leak = seed_resize(NULL, sizeof *leak);

    if (!leak)
        return SEED_ENOMEM;
    memset(leak, 0, sizeof *leak);
    leak->growth = growth;
    if (pthread_mutex_init(&leak->lock, NULL)) {
        seed_release(leak);
        return SEED_ENOMEM;
    }
    if (seed_server_set(server, leak, leak, release)) {
        release(leak);
        return SEED_ENOMEM;
    }
    return seed_on_hooked(server, hear, leak);
}
