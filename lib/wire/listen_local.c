/* SPDX-License-Identifier: MIT */
/* Unix sockets, sockets that are inherited, and what a socket is bound to. */
#include "wire/listen.h"

#include <seed/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

void seed__listen_url(struct listening *out, const char *host)
{
    bool brackets = strchr(host, ':') != NULL;

    snprintf(out->url, sizeof out->url, "http://%s%.70s%s:%d",
        brackets ? "[" : "", host, brackets ? "]" : "", out->port);
}

bool seed__listen_describe(struct listening *out, int fd)
{
    union address address;
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN] = "";

    memset(&address, 0, sizeof address);
    if (getsockname(fd, &address.any, &length))
        return false;
    if (address.any.sa_family == AF_UNIX) {
        snprintf(out->url, sizeof out->url, "unix:%.*s",
            (int)sizeof address.local.sun_path, address.local.sun_path);
        return true;
    }
    if (address.any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof host);
        out->port = ntohs(address.v4.sin_port);
    }
    if (address.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof host);
        out->port = ntohs(address.v6.sin6_port);
    }
    seed__listen_url(out, host);
    return true;
}

/* True for a socket file whose program is gone. */
static bool is_stale(const union address *address)
{
    struct stat file;
    bool refused;
    int fd;

    if (lstat(address->local.sun_path, &file) || !S_ISSOCK(file.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;

    refused = connect(fd, &address->any, sizeof address->local) &&
        errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static int refuse_path(struct listening *out, const char *path, int number)
{
    const char *advice = "";
    struct stat file;

    if (number == EADDRINUSE && !lstat(path, &file))
        advice = S_ISSOCK(file.st_mode)
            ? " (another program listens there; stop it, or take another path)"
            : " (the file there is no socket; remove it, or take another "
              "path)";
    return seed__listen_refuse(out, SEED_ELISTEN,
        "unix:%.108s cannot be listened on: %s%s", path, strerror(number),
        advice);
}

int seed__listen_unix(struct listening *out, const char *path)
{
    union address address = { .local = { .sun_family = AF_UNIX } };
    int number, fd;

    memset(out, 0, sizeof *out);
    if (!path || !*path)
        return seed__listen_refuse(out, SEED_EINVAL,
            "there is no path to listen on: give that of a socket file");
    if (strlen(path) >= sizeof address.local.sun_path)
        return seed__listen_refuse(out, SEED_EINVAL,
            "unix:%.100s... cannot be listened on: a socket's path has at most "
            "%zu bytes", path, sizeof address.local.sun_path - 1);

    memcpy(address.local.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return refuse_path(out, path, errno);
    if (bind(fd, &address.any, sizeof address.local)) {
        if (errno != EADDRINUSE || !is_stale(&address))
            goto fail;
        if (unlink(path) || bind(fd, &address.any, sizeof address.local))
            goto fail;
    }
    if (listen(fd, SOMAXCONN) || !seed__listen_describe(out, fd))
        goto fail;

    out->fds[out->count++] = fd;
    return 0;

fail:
    number = errno;
    close(fd);
    return refuse_path(out, path, number);
}

static int option_of(int fd, int option)
{
    int value = -1;
    socklen_t length = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &length) ? -1 : value;
}

int seed__listen_fd(struct listening *out, int fd)
{
    int flags = fcntl(fd, F_GETFL);

    memset(out, 0, sizeof *out);
    if (flags < 0)
        return seed__listen_refuse(out, SEED_EINVAL,
            "descriptor %d cannot be listened on: %s", fd, strerror(errno));
    if (option_of(fd, SO_TYPE) != SOCK_STREAM)
        return seed__listen_refuse(out, SEED_EINVAL,
            "descriptor %d cannot be listened on: it is not a stream socket",
            fd);
    if (option_of(fd, SO_ACCEPTCONN) != 1)
        return seed__listen_refuse(out, SEED_EINVAL,
            "descriptor %d cannot be listened on: call listen() on it first",
            fd);
    if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) || !seed__listen_describe(out, fd))
        return seed__listen_refuse(out, SEED_ELISTEN,
            "descriptor %d cannot be listened on: %s", fd, strerror(errno));

    out->fds[out->count++] = fd;

    /* What is inherited may lack it; without, small chunks meet Nagle. */
    if (out->port)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
            sizeof(int));
    return 0;
}
