/* SPDX-License-Identifier: MIT */
/* Starting the next process of a program on the same listening sockets. It is
 * told of them as systemd tells, and says that it serves by a byte in a pipe;
 * the pipe's end, should it come first, is that of the process. All memory that
 * it needs is there before it is started. */
#include "base/mem.h"
#include "server/heir.h"
#include "server/server.h"

#include <seed/error.h>
#include <seed/restart.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    OWN_VARIABLES = 4,
    SERVERS_MOST = 5,
    DEFAULT_TIMEOUT = 10000
};

/* The servers that hand over, the first of them for all. */
struct estate {
    seed_server *servers[SERVERS_MOST];
    const char *names[SERVERS_MOST];
    unsigned count;
};

/* --- what it is given ----------------------------------------------------- */

static bool is_own(const char *variable)
{
    static const char *const names[OWN_VARIABLES] = {
        "LISTEN_FDS=", "LISTEN_FDNAMES=", "LISTEN_PID=", "SEED_READY_FD="
    };

    for (size_t i = 0; i < OWN_VARIABLES; i++) {
        if (!strncmp(variable, names[i], strlen(names[i])))
            return true;
    }
    return false;
}

static void close_fds(struct heir *heir)
{
    while (heir->count)
        close(heir->fds[--heir->count]);
}

/* Looks at a server's sockets, with its lock: meanwhile nobody begins to stop,
 * and no loop closes one. Returns how many, or SEED_ESTATE. */
static int look(seed_server *server, int fds[PASSED_MOST + 1])
{
    if (server->state != SERVER_RUNS || atomic_load(&server->stopping))
        return SEED_ESTATE;
    return seed__listeners_collect(server, fds, PASSED_MOST + 1);
}

/* The successor gets its descriptors by numbers below this one. */
static int find_low(const struct estate *estate, struct heir *heir)
{
    int fds[PASSED_MOST + 1], all = 0;

    for (unsigned i = 0; i < estate->count; i++) {
        seed_server *server = estate->servers[i];
        int count;

        pthread_mutex_lock(&server->lock);
        count = look(server, fds);
        pthread_mutex_unlock(&server->lock);
        if (count < 0)
            return count;
        all += count;
    }
    heir->low = PASSED_FIRST + all + 1;
    return all > PASSED_MOST ? SEED_EFULL : 0;
}

static int duplicate(seed_server *server, struct heir *heir)
{
    int fds[PASSED_MOST + 1], count, err = 0;

    pthread_mutex_lock(&server->lock);
    count = look(server, fds);
    if (count < 0)
        err = count;
    for (int i = 0; i < count && !err; i++) {
        int fd = fcntl(fds[i], F_DUPFD_CLOEXEC, heir->low);

        if (fd < 0)
            err = SEED_ESYSTEM;
        else
            heir->fds[heir->count++] = fd;
    }
    pthread_mutex_unlock(&server->lock);
    return err;
}

static char *put_name(char *at, const char *name, int times)
{
    while (times--)
        at += sprintf(at, "%s:", name);
    return at;
}

/* All sockets, and their names into the one list at `at`. */
static int gather(const struct estate *estate, struct heir *heir, char **at)
{
    int err = find_low(estate, heir);

    if (err)
        return err;
    for (unsigned i = 0; i < estate->count; i++) {
        int before = heir->count;

        err = duplicate(estate->servers[i], heir);
        if (err)
            return err;
        *at = put_name(*at, estate->names[i], heir->count - before);
    }
    if ((*at)[-1] == ':')
        --*at;
    **at = '\0';
    return 0;
}

static size_t names_room(const struct estate *estate)
{
    size_t longest = 0;

    for (unsigned i = 0; i < estate->count; i++) {
        size_t length = strlen(estate->names[i]) + 1;

        longest = length > longest ? length : longest;
    }
    return longest * PASSED_MOST;
}

/* This process's environment, but for what passes sockets. */
static int make_environment(const struct estate *estate, struct heir *heir)
{
    size_t count = 0, used = 0;
    size_t size = names_room(estate) + 4 * 32;
    char *at;
    int err;

    while (environ && environ[count])
        count++;
    count += OWN_VARIABLES + 1;
    heir->environment = seed__alloc(count * sizeof(char *) + size);
    if (!heir->environment)
        return SEED_ENOMEM;

    for (char **variable = environ; variable && *variable; variable++) {
        if (!is_own(*variable))
            heir->environment[used++] = *variable;
    }
    at = (char *)(heir->environment + count);
    heir->environment[used++] = at;
    at += sprintf(at, "LISTEN_FDNAMES=");
    err = gather(estate, heir, &at);
    if (err)
        return err;

    heir->environment[used++] = ++at;
    at += sprintf(at, "LISTEN_FDS=%d", heir->count) + 1;
    heir->environment[used++] = at;
    at += sprintf(at, "SEED_READY_FD=%d", PASSED_FIRST + heir->count) + 1;
    heir->environment[used++] = at;
    heir->pid_digits = at + sprintf(at, "LISTEN_PID=");
    heir->environment[used] = NULL;
    return 0;
}

static void clear(struct heir *heir)
{
    int number = errno;

    close_fds(heir);
    for (int i = 0; i < 2; i++) {
        if (heir->ready[i] >= 0)
            close(heir->ready[i]);
    }
    seed__release(heir->environment);
    errno = number;
}

static long run(const struct estate *estate, char *const *arguments,
    unsigned timeout)
{
    struct heir heir = { .arguments = arguments, .ready = { -1, -1 } };
    int err = make_environment(estate, &heir);

    if (!err)
        err = seed__heir_start(&heir);
    close_fds(&heir);
    if (!err && !seed__heir_serves(&heir, timeout)) {
        seed__heir_end(&heir, timeout);
        err = SEED_ECHILD;
    }
    clear(&heir);
    return err ? err : heir.pid;
}

/* --- who hands over ------------------------------------------------------- */

static void leave(const struct estate *estate, long pid)
{
    for (unsigned i = 0; i < estate->count; i++)
        seed__listeners_leave(estate->servers[i]);
    if (!estate->servers[0]->announces)
        return;

    atomic_store(&estate->servers[0]->quiet, true);
    seed_notify("MAINPID=%ld", pid);
}

static bool add(struct estate *estate, seed_server *server, const char *name)
{
    if (!name || !*name || strchr(name, ':'))
        return false;

    estate->servers[estate->count] = server;
    estate->names[estate->count++] = name;
    return true;
}

static int take_stock(struct estate *estate, seed_server *server,
    const struct seed_hand_over *how)
{
    if (!how->arguments || !how->arguments[0]
        || !add(estate, server, how->name ? how->name : "http"))
        return SEED_EINVAL;
    for (size_t i = 0; i < COUNT(how->more); i++) {
        if (how->more[i].server
            && !add(estate, how->more[i].server, how->more[i].name))
            return SEED_EINVAL;
    }
    for (unsigned i = 0; i < estate->count; i++) {
        if (seed__worker_here(estate->servers[i]))
            return SEED_ESTATE;
    }
    return 0;
}

long seed_hand_over_sized(seed_server *server,
    const struct seed_hand_over *how, size_t size)
{
    struct seed_hand_over known = { .arguments = NULL };
    struct estate estate = { .count = 0 };
    long pid;
    int err;

    if (!server || !how)
        return SEED_EINVAL;
    memcpy(&known, how, size < sizeof known ? size : sizeof known);
    err = take_stock(&estate, server, &known);
    if (err)
        return err;
    if (atomic_exchange(&server->handing, true))
        return SEED_ESTATE;

    pid = run(&estate, known.arguments,
        known.timeout ? known.timeout : DEFAULT_TIMEOUT);
    if (pid > 0)
        leave(&estate, pid);
    else
        atomic_store(&server->handing, false);
    return pid;
}
