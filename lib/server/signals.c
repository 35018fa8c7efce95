/* SPDX-License-Identifier: MIT */
/* SIGINT and SIGTERM end a server. (SIGPIPE is wire/pipe.h's.)
 *
 * Several servers may run: the first one installs the handlers, the last one
 * puts back what was there. The handler only writes a byte to the pipe of each
 * server, which worker 0's loop reads. A pipe, once made, is kept for the next
 * server: a handler on another thread may be about to write to it. */
#include "server/server.h"

#include <seed/error.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { SERVERS_MOST = 64 };

static struct line {
    int ends[2];  /* 0, 0: not made */
    bool taken;
    atomic_int wakes; /* what the handler writes to, or 0 */
} lines[SERVERS_MOST];

static struct caught {
    int number;
    struct sigaction before;
} caught[] = {
    { .number = SIGINT },
    { .number = SIGTERM },
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users;
static atomic_uint count; /* signals since the handlers were installed */

/* The loop ends at once when it reads the second signal. Should a handler keep
 * the loop from reading, then a third one does what it did before. */
static void give_back(int number)
{
    for (size_t i = 0; i < COUNT(caught); i++) {
        if (caught[i].number == number)
            sigaction(number, &caught[i].before, NULL);
    }
}

static void on_signal(int number)
{
    int saved = errno;

    for (size_t i = 0; i < SERVERS_MOST; i++) {
        int fd = atomic_load(&lines[i].wakes);

        if (fd && write(fd, "", 1) < 0)
            continue; /* full: it was told often enough */
    }
    if (atomic_fetch_add(&count, 1) == 1)
        give_back(number);
    errno = saved;
}

/* With the lock held. */
static void install(void)
{
    struct sigaction action = { .sa_flags = SA_RESTART };

    if (users++)
        return;

    atomic_store(&count, 0);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT(caught); i++) {
        sigaction(caught[i].number, NULL, &caught[i].before);
        sigaction(caught[i].number, &action, NULL);
    }
}

/* With the lock held. What the application has installed meanwhile stays. */
static void uninstall(void)
{
    struct sigaction now;

    if (--users)
        return;

    for (size_t i = 0; i < COUNT(caught); i++) {
        sigaction(caught[i].number, NULL, &now);
        if (now.sa_handler == on_signal)
            give_back(caught[i].number);
    }
}

static void on_readable(void *ctx)
{
    seed_server *server = ctx;
    char bytes[16];
    ssize_t got = read(lines[server->signals].ends[0], bytes, sizeof bytes);

    if (got <= 0)
        return;

    server->signals_seen += (unsigned)got;
    seed_stop(server,
        server->signals_seen == 1 ? server->plan.options.grace : 0);
}

static bool make_pipe(struct line *line)
{
    if (line->ends[1])
        return true;
    if (pipe(line->ends)) {
        memset(line->ends, 0, sizeof line->ends);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(line->ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(line->ends[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

/* With the lock held: returns a line's number, or -1. */
static int take_line(void)
{
    char bytes[64];

    for (int i = 0; i < SERVERS_MOST; i++) {
        if (lines[i].taken)
            continue;
        if (!make_pipe(&lines[i]))
            return -1;

        while (read(lines[i].ends[0], bytes, sizeof bytes) > 0)
            ;
        lines[i].taken = true;
        return i;
    }
    return -1;
}

/* With the lock held. */
static int listen_to_signals(seed_server *server)
{
    int err;

    server->signals = take_line();
    if (server->signals < 0)
        return seed__server_fail(server, SEED_ESYSTEM, "Signals cannot be "
            "caught: there is no pipe for them (%s).", strerror(errno));

    err = seed__watch_new(&server->watch,
        seed__loop_base(server->workers[0].loop),
        lines[server->signals].ends[0], on_readable, server);
    if (err)
        return seed__server_fail(server, err, "Signals cannot be caught: %s.",
            seed_strerror(err));

    atomic_store(&lines[server->signals].wakes, lines[server->signals].ends[1]);
    return 0;
}

/* With the lock held. */
static void leave_line(seed_server *server)
{
    seed__watch_free(server->watch);
    server->watch = NULL;
    if (server->signals < 0)
        return;

    atomic_store(&lines[server->signals].wakes, 0);
    lines[server->signals].taken = false;
    server->signals = -1;
}

int seed__signals_start(seed_server *server)
{
    int err;

    if (server->embedded || server->plan.options.no_signals)
        return 0;

    pthread_mutex_lock(&lock);
    err = listen_to_signals(server);
    if (err)
        leave_line(server);
    else
        install();
    pthread_mutex_unlock(&lock);
    return err;
}

void seed__signals_stop(seed_server *server)
{
    if (server->signals < 0)
        return;

    pthread_mutex_lock(&lock);
    uninstall();
    leave_line(server);
    pthread_mutex_unlock(&lock);
}
