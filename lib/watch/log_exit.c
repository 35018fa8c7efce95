/* SPDX-License-Identifier: MIT */
/* What happens to lines that wait when the process ends or forks. */
#include "watch/log_sink.h"

#include <stdlib.h>

enum { EXIT_MS = 1000 };

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A logger that was not freed. Sinks stay: other threads may log yet. */
static void flush_all(void)
{
    seed__sinks_lock();
    for (struct sink *sink = atomic_load(&seed__sinks); sink;
        sink = atomic_load(&sink->next))
        seed__writer_flush(sink, EXIT_MS);
    seed__sinks_unlock();
}

/* --- fork ----------------------------------------------------------------- */

static void before_fork(void)
{
    seed__sinks_lock();
    for (struct sink *sink = atomic_load(&seed__sinks); sink;
        sink = atomic_load(&sink->next))
        pthread_mutex_lock(&sink->lock);
}

static void unlock_all(void)
{
    for (struct sink *sink = atomic_load(&seed__sinks); sink;
        sink = atomic_load(&sink->next))
        pthread_mutex_unlock(&sink->lock);
    seed__sinks_unlock();
}

/* The child has no writer thread, and the pipe that wakes one is its
 * parent's. Nobody waits for a flush here. */
static void begin_anew(struct sink *sink)
{
    seed__pens_forked(sink);
    pthread_cond_init(&sink->changed, NULL);
    sink->started = false;
    sink->tail_at = sink->tail_end = 0;
    sink->asked = sink->answered = sink->failed = 0;
    atomic_store(&sink->poked, false);
    atomic_store(&sink->reopen, false);
    atomic_store(&sink->writing, false);
    seed__sink_unpipe(sink);
    seed__sink_pipe(sink);
    seed__sink_base(sink);
}

static void in_child(void)
{
    for (struct sink *sink = atomic_load(&seed__sinks); sink;
        sink = atomic_load(&sink->next))
        begin_anew(sink);
    seed__seats_forked();
    unlock_all();
}

static void watch(void)
{
    atexit(flush_all);
    pthread_atfork(before_fork, unlock_all, in_child);
}

void seed__exit_watch(void)
{
    pthread_once(&once, watch);
}
