/* SPDX-License-Identifier: MIT */
/* Where the lines of a logger and of its children go.
 *
 *     thread  --> pen: chunks, one of which is being filled  --.
 *     thread  --> pen: chunks  ---------------------------------+--> the writer
 *     thread  --> pen: chunks  --------------------------------'     thread: fd
 *
 * A pen belongs to one thread, which alone fills its chunks; the writer thread
 * alone empties them. Neither waits for the other: a line is made in the chunk
 * and then published by one store of how much of it is used. Chunks that were
 * begun stand in a ring in that order; the writer gives each back when it is
 * full and empty again. A thread that finds no free one drops its line.
 *
 * A crash's signal handler reads the same numbers, and so finds every line
 * that was published and not written. */
#ifndef WATCH_LOG_SINK_H
#define WATCH_LOG_SINK_H

#include "watch/log_line.h"

#include <seed/log.h>

#include <pthread.h>
#include <stdatomic.h>

/* Where poll() says that there is room, SLOW_MOST never block (PIPE_BUF). */
enum { SLOW_MOST = 4096 };

enum { RING = 256, STAMP_DIGITS = 13, BASE_ROOM = 512, TAIL_ROOM = 1024 };

struct chunk {
    char *bytes;             /* NULL: not made yet                          */
    size_t room;
    _Atomic size_t used;     /* bytes of whole lines                        */
    _Atomic size_t written;  /* of them                                     */
    atomic_bool taken;       /* in the ring                                 */
};

enum pen_state { PEN_OWNED, PEN_LEFT };

struct pen {
    struct pen *next;        /* of its sink; pens stay until the sink goes  */
    struct sink *sink;
    _Atomic int state;       /* enum pen_state                              */
    bool busy;               /* its thread is in the middle of a line       */

    /* The owner's. */
    struct chunk *filling;   /* or NULL                                     */
    int64_t millis;          /* that `stamp` says                           */
    char stamp[STAMP_DIGITS];

    /* Both read them; the owner writes `begun`, the writer `done`. */
    _Atomic unsigned begun, done;
    unsigned char ring[RING];
    _Atomic uint64_t dropped;
    uint64_t told;           /* of dropped; the writer's                    */
    struct chunk chunks[];   /* sink->chunks of them                        */
};

struct sink {
    uint64_t id;             /* never used again                            */
    struct sink *_Atomic next; /* of all                                    */
    atomic_uint references;

    int fd;                  /* the writer's                                */
    bool own_fd, slow;       /* slow: a pipe, a socket or a terminal        */
    char *path;
    struct redact *redact;
    char base[BASE_ROOM];    /* `,"pid":1,"hostname":"..."`                 */
    size_t base_length;

    size_t chunk_room;
    unsigned chunks, flush_every;
    int flush_level;
    bool on_crash, on_hangup;

    struct pen *_Atomic pens;

    /* The writer thread and those who wait for it. */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool started, stop;
    uint64_t asked, answered; /* flushes                                    */
    uint64_t failed;          /* flushes that failed, up to this one        */
    int poke[2];              /* a byte wakes the writer                    */
    atomic_bool poked, reopen;
    atomic_bool writing;      /* in write(2), or between that and its note  */
    atomic_bool crashed;      /* the crash handler writes now               */
    bool blocked, broken;     /* the fd takes no more for now; or fails     */
    char tail[TAIL_ROOM];     /* a line of the writer's own, not all of it  */
    size_t tail_at, tail_end; /* written                                    */

    _Atomic uint64_t bytes, failures, lost;
    _Atomic int error;
};

/* A logger is a level, a sink, and text for each line. */
struct seed_log {
    _Atomic int level;       /* first: seed_log_on() reads it               */
    size_t length;
    const char *bindings;    /* `,"key":...`                                */
    struct sink *sink;       /* NULL: the silent logger                     */
};

/* --- log_pen.c: the side of those who log --------------------------------- */

/* This thread's pen, made at its first line; or NULL without memory. */
struct pen *seed__pen_here(struct sink *sink);

/* Room for a line, where the last one ended. Never too little: a chunk that is
 * full is passed on, and a line that no chunk can hold gets a larger one. */
bool seed__pen_room(struct pen *pen, struct out *out);
bool seed__pen_more(struct pen *pen, struct out *out);

/* Publishes what was written up to here. */
void seed__pen_commit(struct pen *pen, const char *end);

/* Milliseconds since 1970, as digits. Also signal handlers: the second. */
const char *seed__pen_stamp(struct pen *pen);
void seed__stamp(char out[STAMP_DIGITS]);

/* All sinks of the process. */
extern struct sink *_Atomic seed__sinks;
void seed__sink_enlist(struct sink *sink);
void seed__sink_delist(struct sink *sink);
void seed__pens_free(struct sink *sink);

/* The list of sinks stays as it is; and what a fork's child does to it. */
void seed__sinks_lock(void);
void seed__sinks_unlock(void);
void seed__pens_forked(struct sink *sink);
void seed__seats_forked(void);

/* --- log_writer.c: the side of the writer --------------------------------- */

/* Starts the thread where it does not run. False when it cannot be started. */
bool seed__writer_start(struct sink *sink);

/* Writes what can be written in a second, and ends the thread. */
void seed__writer_stop(struct sink *sink);

/* What it is woken by. Returns 0 or an errno. */
int seed__sink_pipe(struct sink *sink);
void seed__sink_unpipe(struct sink *sink);

/* Wakes it. Also signal handlers. */
void seed__writer_poke(struct sink *sink);

/* Asks for all to be written, and waits for that; 0: does not wait. */
int seed__writer_flush(struct sink *sink, unsigned milliseconds);

/* --- log_drain.c: what is written ----------------------------------------- */

/* Writes what pens hold: chunks that are full, or all there is. False when
 * something is left that cannot be written now. */
bool seed__drain(struct sink *sink, bool all);

/* Opens a file to append to. Returns -1 and errno, as open(2). */
int seed__drain_open(const char *path);

/* Finds out what the descriptor is. */
void seed__drain_look(struct sink *sink);

/* Opens the path anew. */
void seed__drain_reopen(struct sink *sink);

/* --- the process ends, or forks ------------------------------------------- */

/* log_exit.c: for the first sink, exit and fork. */
void seed__exit_watch(void);

/* log_signal.c: the handlers of signals that a sink wants. */
void seed__signals_watch(const struct sink *sink);

/* --- log.c ---------------------------------------------------------------- */

/* Makes the text that names this process. */
void seed__sink_base(struct sink *sink);

/* Begins a line: level, time, process and bindings. */
void seed__log_begin(struct line *line, const struct seed_log *log, int level,
    const char *stamp);

/* The line's message and end. */
void seed__log_end(struct line *line, const char *message);

/* What fills a line between its beginning and its message. It may be asked
 * again, for a larger room. */
struct filling {
    const char *message;
    void (*fill)(struct line *line, const void *ctx);
    const void *ctx;
};

/* Writes a line, whatever its level. */
void seed__log_put(const struct seed_log *log, int level,
    const struct filling *filling);

#endif
