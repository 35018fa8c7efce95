/* SPDX-License-Identifier: MIT */
#ifndef SEED_LOG_H
#define SEED_LOG_H

#include <seed/field.h>
#include <seed/metrics.h>
#include <seed/types.h>

SEED_BEGIN_C

/* A logger that writes the lines of pino, one JSON object each:
 *
 *     seed_log *log = seed_log_new(NULL);
 *
 *     seed_log_info(log, "listening", seed_str("url", url));
 *
 * Whatever reads pino's lines reads these, pino-pretty say.
 *
 * A line is put into a buffer of the calling thread. A thread of the logger
 * writes buffers that are full, and all of them each 100 ms: a slow disk or
 * reader stops nobody. When it is too slow for too long, lines are dropped and
 * counted, and a line says how many. Where the level is off, a line costs one
 * load and a branch, and its arguments are not evaluated.
 *
 * Any thread may make these calls; signal handlers only those that say so. A
 * NULL logger logs nothing. The child of a fork() logs on. */

/** A logger, or a child of one. */
typedef struct seed_log seed_log;

/** pino's levels. Any number is a level: 35 is more than info. */
enum seed_log_level {
    SEED_LOG_TRACE = 10,
    SEED_LOG_DEBUG = 20,
    SEED_LOG_INFO = 30,
    SEED_LOG_WARN = 40,
    SEED_LOG_ERROR = 50,
    SEED_LOG_FATAL = 60, /* waits until the line is written, at most 1 s    */
    SEED_LOG_SILENT = 0x7fffffff
};

/** How a logger is made. Zero in a field means its default. Copied. */
struct seed_log_options {
    /** The file that lines are appended to; made when it is not there, for
     *  its owner's eyes and its group's. NULL: the descriptor `fd`. */
    const char *path;
    int fd;           /* borrowed. 0: standard output                       */
    int level;        /* the first level that is written. 0: SEED_LOG_INFO  */
    const char *name; /* pino's "name" in every line. NULL: none            */

    /** Members that must not be written: paths, with NULL behind the last. At
     *  most 64, each of at most 16 parts. "password", "user.token",
     *  "list[0].key", "req.headers[\"x-api-key\"]"; "*" is any one member:
     *  "*.password", "users[*].token". */
    const char *const *redact;
    const char *censor; /* what is written instead. NULL: "[Redacted]"      */
    bool remove;        /* nothing is written, not even the name            */

    size_t buffer;        /* bytes of a buffer. 0: 32,768                   */
    unsigned buffers;     /* a thread may fill. 0: 128; at most 250         */
    unsigned flush_every; /* milliseconds. 0: 100                           */
    int flush_level;      /* lines from this level on do not wait for their
                           * buffer or that time. 0: SEED_LOG_FATAL         */

    /** SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT and SIGSYS first write what
     *  waits and a fatal line, then do what they did before. */
    bool flush_on_crash;

    /** SIGHUP calls seed_log_reopen(), then the handler that was there. */
    bool reopen_on_hangup;
};

/** Makes a logger. Owned: free it with seed_log_free().
 *
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns NULL and sets errno when memory is exhausted (ENOMEM), the file
 *  cannot be opened (as open(2)), a path to redact is malformed (EINVAL). */
#define seed_log_new(...) \
    seed_log_new_sized((__VA_ARGS__), sizeof(struct seed_log_options))
SEED_API seed_log *seed_log_new_sized(const struct seed_log_options *options,
    size_t size);

/** Frees a logger or a child, which nobody uses any more; NULL does nothing.
 *  When the last one of them is freed, what waits is written (for at most
 *  1 s) and the file closed. The process's exit writes what waits as well. */
SEED_API void seed_log_free(seed_log *log);

/** Makes a child: a logger whose lines have more members. They are made into
 *  text once, here:
 *
 *      seed_log *db = seed_log_child(log, seed_str("part", "database"));
 *
 *  Owned: seed_log_free(); it may outlive its parent, whose level it copies.
 *  NULL when memory is exhausted, or for a NULL parent. */
#define seed_log_child(log, ...) \
    SEED_LOG_CALL(seed_log_child_with, (log), __VA_ARGS__)
SEED_API seed_log *seed_log_child_with(seed_log *log,
    const seed_log_field *fields);

/** Changes the first level that this logger writes. */
SEED_API void seed_log_set_level(seed_log *log, int level);

/* One load, beside another thread's seed_log_set_level(). */
#if defined(__GNUC__)
#define SEED_LOG_LOAD(place) __atomic_load_n((place), __ATOMIC_RELAXED)
#else
#define SEED_LOG_LOAD(place) (*(const volatile int *)(place))
#endif

/** True when this logger writes lines of this level. Also signal handlers. */
static inline bool seed_log_on(const seed_log *log, int level)
{
    /* A logger begins with its level. */
    return log && level >= SEED_LOG_LOAD((const int *)(const void *)log);
}

/** Writes a line: a message, and as many fields as there are.
 *
 *      seed_log_error(log, "no answer", seed_as_errno("connect", errno));
 *
 *  message  NULL: a line without "msg" */
#define seed_log_trace(log, ...) SEED_LOG(log, SEED_LOG_TRACE, __VA_ARGS__)
#define seed_log_debug(log, ...) SEED_LOG(log, SEED_LOG_DEBUG, __VA_ARGS__)
#define seed_log_info(log, ...) SEED_LOG(log, SEED_LOG_INFO, __VA_ARGS__)
#define seed_log_warn(log, ...) SEED_LOG(log, SEED_LOG_WARN, __VA_ARGS__)
#define seed_log_error(log, ...) SEED_LOG(log, SEED_LOG_ERROR, __VA_ARGS__)
#define seed_log_fatal(log, ...) SEED_LOG(log, SEED_LOG_FATAL, __VA_ARGS__)

/** The same with a level of your own. */
#define SEED_LOG(log, level, ...) \
    do { \
        seed_log *seed_log_here = (log); \
        int seed_log_level_here = (level); \
        if (seed_log_on(seed_log_here, seed_log_level_here)) \
            SEED_LOG_LINE(seed_log_here, seed_log_level_here, __VA_ARGS__); \
    } while (0)

/** What the macros call: for other languages, and for lists of fields that
 *  are made at run time.
 *
 *  fields  ends with seed_no_more(); NULL: none */
SEED_API void seed_log_write(seed_log *log, int level, const char *message,
    const seed_log_field *fields);

/** Waits until all that was logged so far, by any thread, is written.
 *
 *  Returns 0, or SEED_ESYSTEM when that failed or was not done in so many
 *  milliseconds. */
SEED_API int seed_log_flush(seed_log *log, unsigned milliseconds);

/** Opens the file anew, soon, for whoever moved it away. What cannot be opened
 *  leaves the old file in use. Also signal handlers. */
SEED_API void seed_log_reopen(seed_log *log);

/** What became of the lines of a logger, its parent and its children. */
struct seed_log_stats {
    uint64_t bytes;    /* written                                           */
    uint64_t dropped;  /* lines, for want of room                           */
    uint64_t failures; /* writes that failed, and were or are tried again   */
    int error;         /* errno of the last failure; 0 when all is well     */
};
SEED_API struct seed_log_stats seed_log_stats(const seed_log *log);

/** Makes them metrics, which `log` outlives. As seed_metrics_source(). */
SEED_API int seed_log_metrics(seed_log *log, seed_metrics *metrics);

/* --- requests ------------------------------------------------------------- */

/** How requests are logged. Zero in a field means its default. Copied. */
struct seed_log_requests_options {
    int level;       /* of "request completed". 0: SEED_LOG_INFO            */
    int error_level; /* of "request errored". 0: SEED_LOG_ERROR             */
    /** The field that names a request, "X-Request-Id" say. A value of 1 to
     *  128 letters, digits and -._~+/=:@ becomes its id. NULL: no field is
     *  believed, and ids are numbers. */
    const char *id_header;

    bool trace;      /* trace_id and span_id in each line (context.h)       */
    bool brief;      /* req without query, params, headers; res without
                      * headers                                             */
    bool no_lines;   /* only seed_req_log() and warnings                    */
};

/** Logs what pino-http logs: when a request is over, one line with `reqId`,
 *  `req`, `res`, `responseTime` in milliseconds, and "request completed";
 *  "request aborted" when its client went away; or, for a status of 500 and
 *  above and for a fault with a cause, `err` and "request errored". libseed's
 *  warnings become lines of the level `warn`. Before the server runs, once.
 *
 *  log      borrowed; must outlive the server
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns 0, or SEED_ENOMEM, SEED_EDUP, SEED_ESTATE, SEED_EFULL. */
#define seed_log_requests(server, log, ...) \
    seed_log_requests_sized((server), (log), (__VA_ARGS__), \
        sizeof(struct seed_log_requests_options))
SEED_API int seed_log_requests_sized(seed_server *server, seed_log *log,
    const struct seed_log_requests_options *options, size_t size);

/** No line for requests of this route, that of a health check say, unless
 *  they fail. Returns the route. */
SEED_API seed_route *seed_log_quiet(seed_route *route);

/** A logger whose lines have the request's `reqId`, and its trace's ids where
 *  the options say so. Made when first asked for, without allocation; borrowed
 *  until the last `after`. Never NULL; silent where seed_log_requests() was not
 *  called. On the worker's thread; what is returned may be used by any. */
SEED_API seed_log *seed_req_log(seed_req *req);

/** The request's id, as its `reqId`: from the field that the options name, or
 *  seed_req_number(). Borrowed until the last `after`. */
SEED_API const char *seed_req_id(seed_req *req);

SEED_END_C

/* Lists of fields: an array in C, arguments in C++. */
#ifdef __cplusplus
#define SEED_LOG_CALL(function, log, ...) \
    seed_log_fields((function), (log), __VA_ARGS__)
#define SEED_LOG_LINE(log, level, ...) \
    seed_log_line((log), (level), __VA_ARGS__)

template <typename... Fields> inline seed_log *seed_log_fields(
    seed_log *(*function)(seed_log *, const seed_log_field *), seed_log *log,
    Fields... fields)
{
    const seed_log_field list[] = {fields..., seed_no_more()};

    return function(log, list);
}

template <typename... Fields> inline void seed_log_line(seed_log *log,
    int level, const char *message, Fields... fields)
{
    const seed_log_field list[] = {fields..., seed_no_more()};

    seed_log_write(log, level, message, list);
}
#else
#define SEED_LOG_CALL(function, log, ...) \
    function((log), (const seed_log_field[]){__VA_ARGS__, {0}})
#define SEED_LOG_LINE(log, level, ...) \
    seed_log_write((log), (level), SEED_LOG_FIRST(__VA_ARGS__, 0), \
        (const seed_log_field[]){SEED_LOG_REST(__VA_ARGS__, {0})})
#define SEED_LOG_FIRST(first, ...) first
#define SEED_LOG_REST(first, ...) __VA_ARGS__
#endif

#endif
