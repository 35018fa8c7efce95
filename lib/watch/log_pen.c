/* SPDX-License-Identifier: MIT */
/* The side of those who log: one pen for each thread and sink. */
#include "watch/log_sink.h"

#include <seed/server.h>

#include <time.h>

enum { LINE_MOST = 1 << 20 };

/* Which pens this thread has. `id` says whether the sink is still that one. */
struct seat {
    struct seat *next;
    uint64_t id;
    struct pen *pen;
};

struct sink *_Atomic seed__sinks;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

/* This thread's seats, and the pen that it used last: initial-exec, one
 * load. */
static _Thread_local struct {
    uint64_t id;
    struct pen *pen;
    struct seat *seats;
} here __attribute__((tls_model("initial-exec")));

static struct sink *find_sink(uint64_t id)
{
    struct sink *sink = atomic_load(&seed__sinks);

    while (sink && sink->id != id)
        sink = atomic_load(&sink->next);
    return sink;
}

/* The thread ends: its pens can be others'. */
static void leave_seats(void *ctx)
{
    struct seat *seat = ctx;

    here.id = 0;
    here.seats = NULL;
    pthread_mutex_lock(&list_lock);
    while (seat) {
        struct seat *next = seat->next;

        if (find_sink(seat->id))
            atomic_store(&seat->pen->state, PEN_LEFT);
        seed_release(seat);
        seat = next;
    }
    pthread_mutex_unlock(&list_lock);
}

static void make_key(void)
{
    has_key = !pthread_key_create(&key, leave_seats);
}

/* Takes away seats whose sink is gone. */
static void clean_seats(struct seat **seats)
{
    while (*seats) {
        struct seat *seat = *seats;

        if (find_sink(seat->id)) {
            seats = &seat->next;
            continue;
        }
        *seats = seat->next;
        seed_release(seat);
    }
}

static struct pen *adopt_pen(struct sink *sink)
{
    struct pen *pen = atomic_load(&sink->pens);

    for (; pen; pen = pen->next) {
        int left = PEN_LEFT;

        if (!atomic_compare_exchange_strong(&pen->state, &left, PEN_OWNED))
            continue;
        pen->busy = false;
        return pen;
    }
    return NULL;
}

/* Pens are added in front and stay, so that the writer and a crash may walk
 * the list at any time. */
static struct pen *make_pen(struct sink *sink)
{
    size_t size = sizeof(struct pen) + sink->chunks * sizeof(struct chunk);
    struct pen *pen = seed_resize(NULL, size);

    if (!pen)
        return NULL;

    memset(pen, 0, size);
    pen->sink = sink;
    pen->next = atomic_load(&sink->pens);
    while (!atomic_compare_exchange_weak(&sink->pens, &pen->next, pen))
        ;
    return pen;
}

static struct pen *take_pen(struct sink *sink)
{
    struct seat *seat = seed_resize(NULL, sizeof *seat);
    struct pen *pen = seat ? adopt_pen(sink) : NULL;

    if (seat && !pen)
        pen = make_pen(sink);
    if (!pen) {
        seed_release(seat);
        return NULL;
    }

    *seat = (struct seat){ here.seats, sink->id, pen };
    here.seats = seat;
    return pen;
}

/* This thread's first line. */
static struct pen *sit_down(struct sink *sink)
{
    struct pen *pen;

    pthread_once(&once, make_key);
    if (!has_key || !seed__writer_start(sink))
        return NULL;

    pthread_mutex_lock(&list_lock);
    clean_seats(&here.seats);
    pen = take_pen(sink);
    pthread_setspecific(key, here.seats);
    pthread_mutex_unlock(&list_lock);
    return pen;
}

static struct pen *find_pen(struct sink *sink)
{
    struct seat *seat = here.seats;
    struct pen *pen;

    while (seat && seat->id != sink->id)
        seat = seat->next;
    pen = seat ? seat->pen : sit_down(sink);
    here.id = pen ? sink->id : 0;
    here.pen = pen;
    return pen;
}

struct pen *seed__pen_here(struct sink *sink)
{
    return here.id == sink->id ? here.pen : find_pen(sink);
}

/* --- chunks --------------------------------------------------------------- */

/* The first that is free: while the writer keeps up, the same two take turns
 * and stay in the cache. */
static struct chunk *find_chunk(struct pen *pen, unsigned begun)
{
    if (begun - atomic_load_explicit(&pen->done, memory_order_relaxed)
        >= pen->sink->chunks)
        return NULL;
    for (unsigned i = 0; i < pen->sink->chunks; i++) {
        if (!atomic_load_explicit(&pen->chunks[i].taken, memory_order_acquire))
            return &pen->chunks[i];
    }
    return NULL;
}

static bool make_room(struct chunk *chunk, size_t room)
{
    char *bytes;

    if (chunk->room == room)
        return true;

    bytes = seed_resize(chunk->bytes, room);
    if (!bytes)
        return false;
    chunk->bytes = bytes;
    chunk->room = room;
    return true;
}

static bool begin_chunk(struct pen *pen)
{
    unsigned begun = atomic_load_explicit(&pen->begun, memory_order_relaxed);
    struct chunk *chunk = find_chunk(pen, begun);

    if (!chunk || !make_room(chunk, pen->sink->chunk_room))
        return false;

    atomic_store_explicit(&chunk->used, 0, memory_order_relaxed);
    atomic_store_explicit(&chunk->written, 0, memory_order_relaxed);
    atomic_store_explicit(&chunk->taken, true, memory_order_relaxed);
    pen->ring[begun % RING] = (unsigned char)(chunk - pen->chunks);
    atomic_store_explicit(&pen->begun, begun + 1, memory_order_release);
    pen->filling = chunk;
    return true;
}

bool seed__pen_room(struct pen *pen, struct out *out)
{
    struct chunk *chunk;
    size_t used;

    if (!pen->filling && !begin_chunk(pen))
        return false;

    chunk = pen->filling;
    used = atomic_load_explicit(&chunk->used, memory_order_relaxed);
    *out = (struct out){ chunk->bytes + used, chunk->bytes + chunk->room,
        false };
    return true;
}

/* A chunk that nothing was published in is seen by nobody else: it may
 * move. */
bool seed__pen_more(struct pen *pen, struct out *out)
{
    struct chunk *chunk = pen->filling;

    if (!atomic_load_explicit(&chunk->used, memory_order_relaxed)) {
        if (chunk->room >= LINE_MOST || !make_room(chunk, chunk->room * 2))
            return false;
        return seed__pen_room(pen, out);
    }

    if (!begin_chunk(pen))
        return false;
    seed__writer_poke(pen->sink);
    return seed__pen_room(pen, out);
}

void seed__pen_commit(struct pen *pen, const char *end)
{
    atomic_store_explicit(&pen->filling->used,
        (size_t)(end - pen->filling->bytes), memory_order_release);
}

static int64_t read_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void put_millis(char out[STAMP_DIGITS], int64_t millis)
{
    for (int i = STAMP_DIGITS; i-- > 0; millis /= 10)
        out[i] = (char)('0' + millis % 10);
}

/* Two lines of one millisecond are the rule under load. */
const char *seed__pen_stamp(struct pen *pen)
{
    int64_t millis = read_clock();

    if (millis != pen->millis)
        put_millis(pen->stamp, millis);
    pen->millis = millis;
    return pen->stamp;
}

void seed__stamp(char out[STAMP_DIGITS])
{
    put_millis(out, read_clock());
}

/* --- sinks ---------------------------------------------------------------- */

void seed__sinks_lock(void)
{
    pthread_mutex_lock(&list_lock);
}

void seed__sinks_unlock(void)
{
    pthread_mutex_unlock(&list_lock);
}

/* A fork's child has one thread, and what the pens hold is its parent's to
 * write. Pens are adopted anew; that of this thread as well. */
void seed__pens_forked(struct sink *sink)
{
    struct pen *pen = atomic_load(&sink->pens);

    for (; pen; pen = pen->next) {
        for (unsigned i = 0; i < sink->chunks; i++)
            atomic_store(&pen->chunks[i].taken, false);
        atomic_store(&pen->begun, 0);
        atomic_store(&pen->done, 0);
        atomic_store(&pen->dropped, 0);
        pen->told = 0;
        pen->filling = NULL;
        atomic_store(&pen->state, PEN_LEFT);
    }
}

void seed__seats_forked(void)
{
    struct seat *seat = here.seats;

    while (seat) {
        struct seat *next = seat->next;

        seed_release(seat);
        seat = next;
    }
    here.id = 0;
    here.seats = NULL;
    if (has_key)
        pthread_setspecific(key, NULL);
}

void seed__sink_enlist(struct sink *sink)
{
    static uint64_t given;

    pthread_mutex_lock(&list_lock);
    sink->id = ++given;
    atomic_store(&sink->next, atomic_load(&seed__sinks));
    atomic_store(&seed__sinks, sink);
    pthread_mutex_unlock(&list_lock);
}

void seed__sink_delist(struct sink *sink)
{
    struct sink *_Atomic *place = &seed__sinks;

    pthread_mutex_lock(&list_lock);
    while (atomic_load(place) != sink)
        place = &atomic_load(place)->next;
    atomic_store(place, atomic_load(&sink->next));
    pthread_mutex_unlock(&list_lock);
}

void seed__pens_free(struct sink *sink)
{
    struct pen *pen = atomic_load(&sink->pens);

    while (pen) {
        struct pen *next = pen->next;

        for (unsigned i = 0; i < sink->chunks; i++)
            seed_release(pen->chunks[i].bytes);
        seed_release(pen);
        pen = next;
    }
    atomic_store(&sink->pens, NULL);
}
