/* SPDX-License-Identifier: MIT */
/* Telling those who have started the process: a service manager by datagrams,
 * as sd_notify(3) has it, and the process before this one by a byte in a pipe,
 * whose number is in SEED_READY_FD. */
#include "server/server.h"

#include <seed/error.h>
#include <seed/hook.h>
#include <seed/restart.h>

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATE_ROOM = 1024 };

/* "/a/path", or "@name" for one without a file. Returns its length, or 0. */
static socklen_t parse(struct sockaddr_un *out, const char *text)
{
    size_t length = strlen(text);

    if ((*text != '/' && *text != '@') || length < 2
        || length >= sizeof out->sun_path)
        return 0;

    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    memcpy(out->sun_path, text, length);
    if (*text == '@')
        out->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length
        + (*text == '/'));
}

static int tell(const char *where, const char *state, size_t length)
{
    struct sockaddr_un address;
    socklen_t size = parse(&address, where);
    ssize_t sent;
    int fd, number;

    if (!size)
        return SEED_EINVAL;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return SEED_ESYSTEM;

    sent = sendto(fd, state, length, MSG_NOSIGNAL, (void *)&address, size);
    number = errno;
    close(fd);
    errno = number;
    return sent == (ssize_t)length ? 0 : SEED_ESYSTEM;
}

int seed_notify(const char *format, ...)
{
    const char *where = getenv("NOTIFY_SOCKET");
    char state[STATE_ROOM];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(state, sizeof state, format, arguments);
    va_end(arguments);
    if (length <= 0 || (size_t)length >= sizeof state)
        return SEED_EINVAL;
    return where && *where ? tell(where, state, (size_t)length) : 0;
}

/* --- a server that tells of itself ---------------------------------------- */

static void tell_or_warn(seed_server *server, const char *state)
{
    int err = seed_notify("%s", state);

    if (err)
        seed_warn(server, "%s cannot be told to the service manager at %s: %s",
            state, getenv("NOTIFY_SOCKET"),
            err == SEED_ESYSTEM ? strerror(errno) : seed_strerror(err));
}

/* Once: a number in the environment says little of what is behind it later. */
static void tell_predecessor(void)
{
    static atomic_bool told;
    const char *text = getenv("SEED_READY_FD");
    int fd = text ? atoi(text) : 0;
    struct stat file;

    if (fd <= 2 || atomic_exchange(&told, true))
        return;
    if (fstat(fd, &file) || !S_ISFIFO(file.st_mode))
        return;
    while (write(fd, "\n", 1) < 0 && errno == EINTR)
        ;
    close(fd);
}

static void on_listen(const seed_event *event, void *ctx)
{
    seed_server *server = event->server;

    (void)ctx;
    if (atomic_fetch_add(&server->announced, 1) + 1 < server->worker_count)
        return;
    tell_or_warn(server, "READY=1");
    tell_predecessor();
}

static void on_stopping(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (!atomic_exchange(&event->server->quiet, true))
        tell_or_warn(event->server, "STOPPING=1");
}

int seed_announce(seed_server *server)
{
    if (!server)
        return SEED_ENOMEM;
    if (seed__server_state(server) != SERVER_SETUP)
        return SEED_ESTATE;
    if (server->error || server->announces)
        return server->error;

    server->announces = true;
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_STOPPING, on_stopping, NULL);
    return server->error;
}
