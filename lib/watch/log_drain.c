/* SPDX-License-Identifier: MIT */
/* What pens hold goes to the descriptor. On the writer thread.
 *
 * Nothing that goes wrong here is for the caller of a log function: what cannot
 * be written stays in its chunk and is tried again, up to the number of chunks
 * that a thread may fill; then lines are dropped, counted, and told about. */
#include "watch/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

static void note_failure(struct sink *sink, int number)
{
    atomic_store(&sink->error, number);
    atomic_fetch_add(&sink->failures, 1);
}

static bool takes_some(struct sink *sink)
{
    struct pollfd fd = { .fd = sink->fd, .events = POLLOUT };

    return !sink->slow || poll(&fd, 1, 0) != 0;
}

/* One write. Returns how much it took: 0 when it must be tried again later,
 * and then `blocked` says whether the descriptor tells when. */
static size_t write_some(struct sink *sink, const char *bytes, size_t length)
{
    ssize_t count;

    sink->blocked = !takes_some(sink);
    if (sink->blocked)
        return 0;
    if (sink->slow && length > SLOW_MOST)
        length = SLOW_MOST;

    do
        count = write(sink->fd, bytes, length);
    while (count < 0 && errno == EINTR);

    if (count >= 0) {
        atomic_store(&sink->error, 0);
        atomic_fetch_add(&sink->bytes, (uint64_t)count);
        return (size_t)count;
    }
    sink->blocked = errno == EAGAIN || errno == EWOULDBLOCK;
    sink->broken = !sink->blocked;
    if (sink->broken)
        note_failure(sink, errno);
    return 0;
}

/* A crash's handler waits until nobody writes, and then writes itself. */
static bool write_chunk(struct sink *sink, struct chunk *chunk, size_t used)
{
    size_t written = atomic_load(&chunk->written), more = 1;

    while (written < used && more) {
        atomic_store(&sink->writing, true);
        more = atomic_load(&sink->crashed)
            ? 0
            : write_some(sink, chunk->bytes + written, used - written);
        written += more;
        atomic_store(&chunk->written, written);
        atomic_store(&sink->writing, false);
    }
    return written == used;
}

static bool write_tail(struct sink *sink)
{
    size_t more = 1;

    while (sink->tail_at < sink->tail_end && more) {
        more = write_some(sink, sink->tail + sink->tail_at,
            sink->tail_end - sink->tail_at);
        sink->tail_at += more;
    }
    return sink->tail_at == sink->tail_end;
}

/* Everything up to here is written, in whole lines: those that were dropped
 * would have come now. */
static bool tell_dropped(struct sink *sink, struct pen *pen)
{
    uint64_t dropped = atomic_load_explicit(&pen->dropped,
        memory_order_relaxed);
    const struct seed_log log = { SEED_LOG_WARN, 0, "", sink };
    char stamp[STAMP_DIGITS];
    struct line line;

    if (dropped == pen->told)
        return true;

    seed__stamp(stamp);
    seed__line_begin(&line, sink->tail, sink->tail + TAIL_ROOM, NULL);
    seed__log_begin(&line, &log, SEED_LOG_WARN, stamp);
    if (LINE_OPEN(&line, "dropped"))
        seed__put_uint(&line.out, dropped - pen->told);
    seed__log_end(&line, "log lines were dropped");
    pen->told = dropped;
    sink->tail_at = 0;
    sink->tail_end = (size_t)(line.out.at - sink->tail);
    return write_tail(sink);
}

/* The oldest chunk; gives it back when it is full and empty. Whether it is
 * full is asked first: then what is used will not become more. */
static bool drain_oldest(struct sink *sink, struct pen *pen, bool all)
{
    unsigned done = atomic_load_explicit(&pen->done, memory_order_relaxed);
    struct chunk *chunk = &pen->chunks[pen->ring[done % RING]];
    bool full = atomic_load_explicit(&pen->begun, memory_order_acquire)
        != done + 1;
    size_t used = atomic_load_explicit(&chunk->used, memory_order_acquire);

    if (!full && !all)
        return false;
    if (!write_chunk(sink, chunk, used) || !full)
        return false;

    atomic_store_explicit(&pen->done, done + 1, memory_order_release);
    atomic_store_explicit(&chunk->taken, false, memory_order_release);
    return true;
}

/* True when nothing is left that was asked for. */
static bool drain_pen(struct sink *sink, struct pen *pen, bool all)
{
    while (atomic_load_explicit(&pen->begun, memory_order_acquire)
        != atomic_load_explicit(&pen->done, memory_order_relaxed)) {
        if (drain_oldest(sink, pen, all))
            continue;
        if (sink->blocked || sink->broken || atomic_load(&sink->crashed))
            return false;
        break;
    }
    return tell_dropped(sink, pen);
}

bool seed__drain(struct sink *sink, bool all)
{
    struct pen *pen = atomic_load(&sink->pens);

    sink->blocked = sink->broken = false;
    if (!write_tail(sink))
        return false;
    for (; pen; pen = pen->next) {
        if (!drain_pen(sink, pen, all))
            return false;
    }
    return true;
}

/* --- the descriptor ------------------------------------------------------- */

void seed__drain_look(struct sink *sink)
{
    struct stat about;

    sink->slow = !fstat(sink->fd, &about)
        && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode)
            || isatty(sink->fd));
}

int seed__drain_open(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
        0640);
}

/* The line that was half written goes whole to the new file. */
static void rewind_lines(struct sink *sink)
{
    struct pen *pen = atomic_load(&sink->pens);

    sink->tail_at = sink->tail_at < sink->tail_end ? 0 : sink->tail_at;
    for (; pen; pen = pen->next) {
        unsigned done = atomic_load(&pen->done);
        struct chunk *chunk = &pen->chunks[pen->ring[done % RING]];
        size_t at;

        if (atomic_load(&pen->begun) == done)
            continue;
        at = atomic_load(&chunk->written);
        while (at && chunk->bytes[at - 1] != '\n')
            at--;
        atomic_store(&chunk->written, at);
    }
}

void seed__drain_reopen(struct sink *sink)
{
    int fd = sink->path ? seed__drain_open(sink->path) : -1;

    if (!sink->path)
        return;
    if (fd < 0) {
        note_failure(sink, errno);
        return;
    }

    rewind_lines(sink);
    close(sink->fd);
    sink->fd = fd;
    seed__drain_look(sink);
}
