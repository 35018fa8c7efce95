/* SPDX-License-Identifier: MIT */
/* Loggers and their lines. */
#include "watch/log_sink.h"

#include <seed/error.h>
#include <seed/server.h>

#include <errno.h>
#include <unistd.h>

enum { BUFFER = 32768, BUFFER_LEAST = 1024, BUFFERS = 128, BUFFERS_MOST = 250 };

/* --- lines ---------------------------------------------------------------- */

static void put_level(struct out *out, int level)
{
    static const char begin[] = "{\"level\":";

    seed__put(out, begin, sizeof begin - 1);
    if (level > 9 && level < 100) {
        seed__put_char(out, (char)('0' + level / 10));
        seed__put_char(out, (char)('0' + level % 10));
        return;
    }
    seed__put_int(out, level);
}

void seed__log_begin(struct line *line, const struct seed_log *log, int level,
    const char *stamp)
{
    struct out *out = &line->out;

    put_level(out, level);
    PUT(out, ",\"time\":");
    seed__put(out, stamp, STAMP_DIGITS);
    seed__put(out, log->sink->base, log->sink->base_length);
    seed__put(out, log->bindings, log->length);
}

void seed__log_end(struct line *line, const char *message)
{
    if (message && LINE_OPEN(line, "msg"))
        seed__line_string(line, message);
    PUT(&line->out, "}\n");
}

static bool put_line(struct pen *pen, const struct seed_log *log, int level,
    const struct filling *filling)
{
    const char *stamp = seed__pen_stamp(pen);
    struct line line;
    struct out out;
    bool room = seed__pen_room(pen, &out);

    while (room) {
        seed__line_begin(&line, out.at, out.end, log->sink->redact);
        seed__log_begin(&line, log, level, stamp);
        filling->fill(&line, filling->ctx);
        seed__log_end(&line, filling->message);
        if (!line.out.full) {
            seed__pen_commit(pen, line.out.at);
            return true;
        }
        room = seed__pen_more(pen, &out);
    }
    return false;
}

void seed__log_put(const struct seed_log *log, int level,
    const struct filling *filling)
{
    struct sink *sink = log->sink;
    struct pen *pen = sink ? seed__pen_here(sink) : NULL;

    if (!pen) {
        if (sink)
            atomic_fetch_add(&sink->lost, 1);
        return;
    }

    /* What a line is made of may warn, and a warning is a line. */
    if (pen->busy) {
        atomic_fetch_add(&pen->dropped, 1);
        return;
    }
    pen->busy = true;
    if (!put_line(pen, log, level, filling))
        atomic_fetch_add(&pen->dropped, 1);
    pen->busy = false;

    if (level >= SEED_LOG_FATAL)
        seed__writer_flush(sink, 1000);
    else if (level >= sink->flush_level)
        seed__writer_flush(sink, 0);
}

static void fill_fields(struct line *line, const void *ctx)
{
    seed__line_fields(line, ctx);
}

void seed_log_write(seed_log *log, int level, const char *message,
    const seed_log_field *fields)
{
    const struct filling filling = { message, fill_fields, fields };

    if (seed_log_on(log, level))
        seed__log_put(log, level, &filling);
}

/* --- loggers -------------------------------------------------------------- */

/* Text of fields as it stands in each line, in the memory of a new logger.
 * It is made twice where the first room is too small. */
static seed_log *make_log(struct sink *sink, const seed_log *parent,
    const seed_log_field *fields)
{
    size_t before = parent ? parent->length : 0, room = before + 256;
    seed_log *log = NULL;
    struct line line;

    do {
        seed_log *larger = seed_resize(log, sizeof *log + room);
        char *text;

        if (!larger) {
            seed_release(log);
            return NULL;
        }
        log = larger;
        text = (char *)(log + 1);
        seed__line_begin(&line, text, text + room, sink->redact);
        if (before)
            seed__put(&line.out, parent->bindings, before);
        seed__line_fields(&line, fields);
        room *= 2;
    } while (line.out.full);

    log->bindings = (char *)(log + 1);
    log->length = (size_t)(line.out.at - log->bindings);
    log->sink = sink;
    atomic_init(&log->level,
        parent ? atomic_load(&((seed_log *)(uintptr_t)parent)->level) : 0);
    atomic_fetch_add(&sink->references, 1);
    return log;
}

seed_log *seed_log_child_with(seed_log *log, const seed_log_field *fields)
{
    if (!log || !log->sink)
        return NULL;
    return make_log(log->sink, log, fields);
}

void seed_log_set_level(seed_log *log, int level)
{
    if (log && log->sink)
        atomic_store_explicit(&log->level, level, memory_order_relaxed);
}

int seed_log_flush(seed_log *log, unsigned milliseconds)
{
    if (!log || !log->sink)
        return 0;
    return seed__writer_flush(log->sink, milliseconds ? milliseconds : 1);
}

void seed_log_reopen(seed_log *log)
{
    if (!log || !log->sink)
        return;
    atomic_store(&log->sink->reopen, true);
    seed__writer_poke(log->sink);
}

struct seed_log_stats seed_log_stats(const seed_log *log)
{
    struct seed_log_stats stats = { 0 };
    struct sink *sink = log ? log->sink : NULL;
    struct pen *pen = sink ? atomic_load(&sink->pens) : NULL;

    if (!sink)
        return stats;

    stats.bytes = atomic_load(&sink->bytes);
    stats.failures = atomic_load(&sink->failures);
    stats.error = atomic_load(&sink->error);
    stats.dropped = atomic_load(&sink->lost);
    for (; pen; pen = pen->next)
        stats.dropped += atomic_load(&pen->dropped);
    return stats;
}

/* --- sinks ---------------------------------------------------------------- */

void seed__sink_base(struct sink *sink)
{
    char host[256] = "";
    struct line line;

    gethostname(host, sizeof host - 1);
    seed__line_begin(&line, sink->base, sink->base + BASE_ROOM, sink->redact);
    if (LINE_OPEN(&line, "pid"))
        seed__put_uint(&line.out, (uint64_t)getpid());
    if (LINE_OPEN(&line, "hostname"))
        seed__line_string(&line, host);
    sink->base_length = (size_t)(line.out.at - sink->base);
}

static void take_options(struct sink *sink,
    const struct seed_log_options *options)
{
    size_t room = options->buffer ? options->buffer : BUFFER;
    unsigned chunks = options->buffers ? options->buffers : BUFFERS;

    sink->chunk_room = room < BUFFER_LEAST ? BUFFER_LEAST : room;
    sink->chunks = chunks < 2 ? 2
        : chunks < BUFFERS_MOST ? chunks : BUFFERS_MOST;
    sink->flush_every = options->flush_every ? options->flush_every : 100;
    sink->flush_level = options->flush_level ? options->flush_level
                                             : SEED_LOG_FATAL;
    sink->on_crash = options->flush_on_crash;
    sink->on_hangup = options->reopen_on_hangup;
}

static int copy_path(struct sink *sink, const char *path)
{
    size_t size = path ? strlen(path) + 1 : 0;

    if (!path)
        return 0;
    sink->path = seed_resize(NULL, size);
    if (!sink->path)
        return ENOMEM;

    memcpy(sink->path, path, size);
    return 0;
}

static int open_fd(struct sink *sink, const struct seed_log_options *options)
{
    sink->fd = options->fd ? options->fd : STDOUT_FILENO;
    if (sink->path) {
        sink->fd = seed__drain_open(sink->path);
        sink->own_fd = sink->fd >= 0;
    }
    if (sink->fd < 0)
        return errno;
    seed__drain_look(sink);
    return seed__sink_pipe(sink);
}

static void free_sink(struct sink *sink)
{
    seed__sink_unpipe(sink);
    if (sink->own_fd)
        close(sink->fd);
    seed__pens_free(sink);
    seed__redact_free(sink->redact);
    seed_release(sink->path);
    pthread_cond_destroy(&sink->changed);
    pthread_mutex_destroy(&sink->lock);
    seed_release(sink);
}

/* Returns 0 or an errno. */
static int make_sink(struct sink **out, const struct seed_log_options *options)
{
    struct sink *sink = *out = seed_resize(NULL, sizeof *sink);
    int number;

    if (!sink)
        return ENOMEM;

    memset(sink, 0, sizeof *sink);
    sink->poke[0] = sink->poke[1] = -1;
    pthread_mutex_init(&sink->lock, NULL);
    pthread_cond_init(&sink->changed, NULL);
    take_options(sink, options);
    number = seed__redact_new(&sink->redact, options->redact,
        options->censor, options->remove);
    if (!number)
        number = copy_path(sink, options->path);
    if (!number)
        number = open_fd(sink, options);
    if (!number) {
        seed__sink_base(sink);
        return 0;
    }
    free_sink(sink);
    return number;
}

static seed_log *open_log(const struct seed_log_options *options)
{
    const seed_log_field name[] = { seed_str("name", options->name),
        seed_no_more() };
    struct sink *sink;
    seed_log *log;
    int number = make_sink(&sink, options);

    if (number) {
        errno = number;
        return NULL;
    }
    log = make_log(sink, NULL, options->name ? name : NULL);
    if (!log) {
        free_sink(sink);
        errno = ENOMEM;
        return NULL;
    }

    atomic_store(&log->level, options->level ? options->level
                                             : SEED_LOG_INFO);
    seed__sink_enlist(sink);
    seed__exit_watch();
    seed__signals_watch(sink);
    return log;
}

seed_log *seed_log_new_sized(const struct seed_log_options *options,
    size_t size)
{
    struct seed_log_options known = { 0 };

    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);
    return open_log(&known);
}

void seed_log_free(seed_log *log)
{
    struct sink *sink = log ? log->sink : NULL;

    if (!sink)
        return;
    seed_release(log);
    if (atomic_fetch_sub(&sink->references, 1) != 1)
        return;

    seed__sink_delist(sink);
    seed__writer_stop(sink);
    free_sink(sink);
}
