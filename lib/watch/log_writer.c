/* SPDX-License-Identifier: MIT */
/* The writer thread of a sink: it sleeps until a chunk is full, somebody asks
 * for a flush, or so much time has passed. */
#include "watch/log_sink.h"

#include <seed/async.h>
#include <seed/error.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, STOP_MS = 1000 };

static bool prepare(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) >= 0
        && fcntl(fd, F_SETFL, O_NONBLOCK) >= 0;
}

int seed__sink_pipe(struct sink *sink)
{
    if (pipe(sink->poke)) {
        sink->poke[0] = sink->poke[1] = -1;
        return errno;
    }
    return prepare(sink->poke[0]) && prepare(sink->poke[1]) ? 0 : errno;
}

void seed__sink_unpipe(struct sink *sink)
{
    for (int i = 0; i < 2; i++) {
        if (sink->poke[i] >= 0)
            close(sink->poke[i]);
        sink->poke[i] = -1;
    }
}

void seed__writer_poke(struct sink *sink)
{
    int before = errno;

    if (!atomic_exchange(&sink->poked, true)
        && write(sink->poke[1], "", 1) < 0)
        atomic_store(&sink->poked, false);
    errno = before;
}

static int milliseconds_to(uint64_t time)
{
    uint64_t now = seed_now();

    return now < time ? (int)((time - now) / NS_PER_MS) + 1 : 0;
}

/* A descriptor that takes no more says when it does. */
static void rest(struct sink *sink, uint64_t until)
{
    struct pollfd fds[] = {
        { .fd = sink->poke[0], .events = POLLIN },
        { .fd = sink->blocked ? sink->fd : -1, .events = POLLOUT },
    };
    char bytes[16];

    if (poll(fds, 2, milliseconds_to(until)) > 0 && fds[0].revents)
        while (read(sink->poke[0], bytes, sizeof bytes) > 0)
            ;
    atomic_store(&sink->poked, false);
}

static bool look_for_orders(struct sink *sink, uint64_t *asked)
{
    bool stop;

    pthread_mutex_lock(&sink->lock);
    *asked = sink->asked;
    stop = sink->stop;
    pthread_mutex_unlock(&sink->lock);
    return stop;
}

/* Who waits for a descriptor that only takes no more now goes on waiting. */
static void answer(struct sink *sink, uint64_t asked, bool done)
{
    if (!done && sink->blocked)
        return;

    pthread_mutex_lock(&sink->lock);
    if (!done)
        sink->failed = asked;
    sink->answered = asked;
    pthread_cond_broadcast(&sink->changed);
    pthread_mutex_unlock(&sink->lock);
}

/* One round. Returns whether all that there was is written. */
static bool work(struct sink *sink, uint64_t asked, bool all)
{
    bool done;

    if (atomic_exchange(&sink->reopen, false))
        seed__drain_reopen(sink);

    all = all || asked != sink->answered;
    done = seed__drain(sink, all);
    if (all)
        answer(sink, asked, done);
    return done;
}

static void end_writing(struct sink *sink)
{
    uint64_t end = seed_now() + (uint64_t)STOP_MS * NS_PER_MS;
    uint64_t asked;

    look_for_orders(sink, &asked);
    while (!work(sink, asked, true) && sink->blocked && seed_now() < end)
        rest(sink, end);
}

static void *write_on_thread(void *ctx)
{
    struct sink *sink = ctx;
    uint64_t every = (uint64_t)sink->flush_every * NS_PER_MS;
    uint64_t next = seed_now() + every, asked;

    while (!look_for_orders(sink, &asked)) {
        bool all = seed_now() >= next;

        work(sink, asked, all);
        if (all)
            next = seed_now() + every;
        rest(sink, next);
    }
    end_writing(sink);
    return NULL;
}

/* Other threads' signals are not for this one; its own mistakes are. */
static int start_thread(struct sink *sink)
{
    static const int own[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
        SIGSYS, SIGTRAP };
    sigset_t before, blocked;
    int number;

    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&blocked, own[i]);

    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    number = pthread_create(&sink->thread, NULL, write_on_thread, sink);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

bool seed__writer_start(struct sink *sink)
{
    bool started;

    pthread_mutex_lock(&sink->lock);
    if (!sink->started)
        sink->started = !start_thread(sink);
    started = sink->started;
    pthread_mutex_unlock(&sink->lock);
    return started;
}

void seed__writer_stop(struct sink *sink)
{
    bool started;

    pthread_mutex_lock(&sink->lock);
    started = sink->started;
    sink->stop = true;
    pthread_mutex_unlock(&sink->lock);

    if (!started)
        return;
    seed__writer_poke(sink);
    pthread_join(sink->thread, NULL);
}

static struct timespec wall_time_in(unsigned milliseconds)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += (long)(milliseconds % 1000) * NS_PER_MS;
    if (time.tv_nsec >= 1000L * NS_PER_MS) {
        time.tv_nsec -= 1000L * NS_PER_MS;
        time.tv_sec++;
    }
    return time;
}

int seed__writer_flush(struct sink *sink, unsigned milliseconds)
{
    struct timespec end = wall_time_in(milliseconds);
    uint64_t ticket;
    bool done;

    pthread_mutex_lock(&sink->lock);
    if (!sink->started) {
        pthread_mutex_unlock(&sink->lock);
        return 0; /* there was no line yet */
    }
    ticket = ++sink->asked;
    seed__writer_poke(sink);
    while (milliseconds && sink->answered < ticket
        && !pthread_cond_timedwait(&sink->changed, &sink->lock, &end))
        ;
    done = sink->answered >= ticket && sink->failed < ticket;
    pthread_mutex_unlock(&sink->lock);
    return done || !milliseconds ? 0 : SEED_ESYSTEM;
}
