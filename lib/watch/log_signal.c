/* SPDX-License-Identifier: MIT */
/* Signals: SIGHUP opens files anew, and those of a crash write what waits.
 * Whoever handled them before does so afterwards.
 *
 * A crash's handler may use nothing that the crash left half done. It reads
 * what pens have published, by the same numbers as the writer thread, and
 * calls write(2), poll(2), clock_gettime(2), nanosleep(2), sigaction(2) and
 * raise(3) alone. */
#include "watch/log_sink.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS_MOST = 64, WAIT_MS = 200, LINE_ROOM = 1024 };

static const struct {
    int number;
    const char *name;
} crashes[] = {
    { SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGILL, "SIGILL" },
    { SIGFPE, "SIGFPE" }, { SIGABRT, "SIGABRT" }, { SIGSYS, "SIGSYS" },
};

enum { CRASHES = sizeof crashes / sizeof *crashes };

static pthread_once_t hangup_once = PTHREAD_ONCE_INIT;
static pthread_once_t crash_once = PTHREAD_ONCE_INIT;
static struct sigaction before[SIGNALS_MOST];

/* --- hang-up -------------------------------------------------------------- */

static void call_before(int number, siginfo_t *about, void *context)
{
    const struct sigaction *old = &before[number];

    if (old->sa_flags & SA_SIGINFO)
        old->sa_sigaction(number, about, context);
    else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN)
        old->sa_handler(number);
}

static void on_hangup(int number, siginfo_t *about, void *context)
{
    int kept = errno;

    for (struct sink *sink = atomic_load(&seed__sinks); sink;
        sink = atomic_load(&sink->next)) {
        if (!sink->on_hangup)
            continue;
        atomic_store(&sink->reopen, true);
        seed__writer_poke(sink);
    }
    call_before(number, about, context);
    errno = kept;
}

/* --- crash ---------------------------------------------------------------- */

/* A reader that does not read holds up no crash for long. */
static void write_all(const struct sink *sink, const char *bytes,
    size_t length)
{
    struct pollfd fd = { .fd = sink->fd, .events = POLLOUT };

    while (length && (!sink->slow || poll(&fd, 1, WAIT_MS) > 0)) {
        size_t some = sink->slow && length > SLOW_MOST ? SLOW_MOST : length;
        ssize_t count = write(sink->fd, bytes, some);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        bytes += count;
        length -= (size_t)count;
    }
}

/* The writer thread may be in the middle of a write, or be what crashed. */
static void stop_writer(struct sink *sink)
{
    const struct timespec millisecond = { 0, 1000000 };

    atomic_store(&sink->crashed, true);
    for (int i = 0; i < WAIT_MS && atomic_load(&sink->writing); i++)
        nanosleep(&millisecond, NULL);
}

static void write_pen(const struct sink *sink, struct pen *pen)
{
    unsigned done = atomic_load(&pen->done);

    for (; done != atomic_load(&pen->begun); done++) {
        struct chunk *chunk = &pen->chunks[pen->ring[done % RING]];
        size_t written = atomic_load(&chunk->written);
        size_t used = atomic_load(&chunk->used);

        if (written < used)
            write_all(sink, chunk->bytes + written, used - written);
    }
}

static void write_last_line(struct sink *sink, const char *name)
{
    const struct seed_log log = { SEED_LOG_FATAL, 0, "", sink };
    char text[LINE_ROOM], stamp[STAMP_DIGITS];
    struct line line;

    seed__stamp(stamp);
    seed__line_begin(&line, text, text + sizeof text, sink->redact);
    seed__log_begin(&line, &log, SEED_LOG_FATAL, stamp);
    if (LINE_OPEN(&line, "signal"))
        seed__line_string(&line, name);
    seed__log_end(&line, "crashed");
    write_all(sink, text, (size_t)(line.out.at - text));
}

static const char *name_of(int number)
{
    for (int i = 0; i < CRASHES; i++) {
        if (crashes[i].number == number)
            return crashes[i].name;
    }
    return "?";
}

static void write_everything(int number)
{
    for (struct sink *sink = atomic_load(&seed__sinks); sink;
        sink = atomic_load(&sink->next)) {
        if (!sink->on_crash)
            continue;
        stop_writer(sink);
        write_all(sink, sink->tail + sink->tail_at,
            sink->tail_end - sink->tail_at);
        for (struct pen *pen = atomic_load(&sink->pens); pen; pen = pen->next)
            write_pen(sink, pen);
        write_last_line(sink, name_of(number));
    }
}

/* Where nobody handled it, the default does: the signal, sent once more, comes
 * when this handler returns. */
static void on_crash(int number, siginfo_t *about, void *context)
{
    static atomic_flag begun = ATOMIC_FLAG_INIT;
    const struct sigaction *old = &before[number];
    bool handled = old->sa_flags & SA_SIGINFO
        || (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN);

    if (!atomic_flag_test_and_set(&begun))
        write_everything(number);
    if (handled) {
        call_before(number, about, context);
        return;
    }
    sigaction(number, old, NULL);
    raise(number);
}

/* --- installing ----------------------------------------------------------- */

static void install(int number,
    void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = { 0 };

    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, &before[number]);
}

static void install_crash(void)
{
    for (int i = 0; i < CRASHES; i++)
        install(crashes[i].number, on_crash, SA_ONSTACK);
}

static void install_hangup(void)
{
    install(SIGHUP, on_hangup, SA_RESTART);
}

void seed__signals_watch(const struct sink *sink)
{
    if (sink->on_crash)
        pthread_once(&crash_once, install_crash);
    if (sink->on_hangup)
        pthread_once(&hangup_once, install_hangup);
}
