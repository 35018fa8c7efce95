/* SPDX-License-Identifier: MIT */
/* Opens listening sockets. No resolver is ever asked: an address is numeric,
 * "localhost" or "*", so that a start never hangs on a name server and never
 * means another machine than it says. */
#include "wire/listen.h"

#include "base/str.h"

#include <seed/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_TRIES = 32 };

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Names that stand for an address of each family. */
static const struct {
    const char *name, *v4, *v6;
} pairs_of[] = {
    { "localhost", "127.0.0.1", "::1" },
    { "*", "0.0.0.0", "::" },
};

/* What helps against the usual reasons. */
static const struct {
    int number;
    const char *advice;
} advices[] = {
    { EADDRINUSE, "another program has the port; stop it, or listen on port 0 "
                  "for a free one" },
    { EACCES, "a port below 1024 needs a privilege; take a higher one" },
    { EADDRNOTAVAIL, "no interface of this machine has this address" },
    { EAFNOSUPPORT, "this machine does not speak this address family" },
    { EMFILE, "the process may open no more files; raise `ulimit -n`" },
};

int seed__listen_refuse(struct listening *out, int error, const char *format,
    ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(out->why, sizeof out->why, format, arguments);
    va_end(arguments);
    return error;
}

static int refuse_address(struct listening *out, const char *address,
    int number)
{
    const char *advice = NULL;

    for (size_t i = 0; i < COUNT(advices); i++) {
        if (advices[i].number == number)
            advice = advices[i].advice;
    }
    return seed__listen_refuse(out, SEED_ELISTEN,
        "%s cannot be listened on: %s%s%s%s", address, strerror(number),
        advice ? " (" : "", advice ? advice : "", advice ? ")" : "");
}

/* An IPv6 address may carry a zone: "fe80::1%eth0". */
static bool parse_v6(struct sockaddr_in6 *out, const char *host)
{
    const char *zone = strchr(host, '%');
    size_t length = zone ? (size_t)(zone - host) : strlen(host);
    char text[INET6_ADDRSTRLEN];

    if (length >= sizeof text)
        return false;

    memcpy(text, host, length);
    text[length] = '\0';
    if (inet_pton(AF_INET6, text, &out->sin6_addr) != 1)
        return false;
    if (!zone)
        return true;

    out->sin6_scope_id = if_nametoindex(zone + 1);
    return out->sin6_scope_id != 0;
}

/* Returns the address's length, or 0 for what is not one. */
static socklen_t parse_address(union address *out, const char *host, int port)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        return sizeof out->v4;
    }
    if (!parse_v6(&out->v6, host))
        return 0;

    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons((uint16_t)port);
    return sizeof out->v6;
}

static bool switch_on(int fd, int level, int option)
{
    return !setsockopt(fd, level, option, &(int){ 1 }, sizeof(int));
}

static bool set_options(int fd, int family, enum listen_share share)
{
    /* A restart must not wait for old connections' TIME_WAIT. */
    if (!switch_on(fd, SOL_SOCKET, SO_REUSEADDR))
        return false;

    /* "::" beside "0.0.0.0" on one port; and each family says its own. */
    if (family == AF_INET6 && !switch_on(fd, IPPROTO_IPV6, IPV6_V6ONLY))
        return false;
    if (share == LISTEN_MORE && !switch_on(fd, SOL_SOCKET, SO_REUSEPORT))
        return false;

    return switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
}

/* Returns a listening socket, or -1 with errno.
 *
 * The first of several is bound alone and shared only then: bound as shared,
 * it would join another program's sockets on that port without a word, and
 * each would serve a part of the other's clients. */
static int open_socket(const union address *address, socklen_t length,
    enum listen_share share)
{
    int family = address->any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int number;

    if (fd < 0)
        return -1;
    if (!set_options(fd, family, share))
        goto fail;
    if (bind(fd, &address->any, length))
        goto fail;
    if (share == LISTEN_FIRST && !switch_on(fd, SOL_SOCKET, SO_REUSEPORT))
        goto fail;
    if (listen(fd, SOMAXCONN))
        goto fail;
    return fd;

fail:
    number = errno;
    close(fd);
    errno = number;
    return -1;
}

void seed__listen_close(struct listening *listening)
{
    for (int i = 0; i < listening->count; i++)
        close(listening->fds[i]);
    listening->count = 0;
}

/* Adds one socket; a taken or free port is out->port from then on. Returns 0
 * or errno. */
static int add_socket(struct listening *out, const char *host, int port,
    enum listen_share share)
{
    union address address;
    socklen_t length = parse_address(&address, host, port);
    int fd = open_socket(&address, length, share);
    int number;

    if (fd < 0)
        return errno;

    if (!seed__listen_describe(out, fd)) {
        number = errno;
        close(fd);
        return number;
    }
    out->fds[out->count++] = fd;
    return 0;
}

static int listen_one(struct listening *out, const char *host, int port,
    enum listen_share share)
{
    union address address;
    char text[96];
    int number;

    if (!parse_address(&address, host, port))
        return seed__listen_refuse(out, SEED_EINVAL,
            "\"%.64s\" is not an address to listen on: give a numeric address, "
            "\"localhost\" or \"*\" (libseed asks no name server)", host);

    snprintf(text, sizeof text,
        address.any.sa_family == AF_INET6 ? "[%.70s]:%d" : "%.70s:%d", host,
        port);
    if ((number = add_socket(out, host, port, share)))
        return refuse_address(out, text, number);

    seed__listen_url(out, host);
    return 0;
}

/* A machine may lack one of the families: then the other one is enough. */
static bool family_missing(int number)
{
    return number == EAFNOSUPPORT || number == EADDRNOTAVAIL ||
        number == EPROTONOSUPPORT;
}

/* Opens both families on one port. Returns 0 or errno. */
static int listen_both(struct listening *out, size_t which, int port,
    enum listen_share share)
{
    int first = add_socket(out, pairs_of[which].v4, port, share);
    int second;

    if (first && !family_missing(first))
        return first;

    second = add_socket(out, pairs_of[which].v6, first ? port : out->port,
        share);
    if (!second || (!first && family_missing(second)))
        return 0;

    seed__listen_close(out);
    return second;
}

static int listen_pair(struct listening *out, size_t which, int port,
    enum listen_share share)
{
    char text[32];
    int number = 0;

    /* The free port of one family may be taken in the other: try again. */
    for (int i = 0; i < PORT_TRIES; i++) {
        number = listen_both(out, which, port, share);
        if (number != EADDRINUSE || port)
            break;
    }
    if (number) {
        snprintf(text, sizeof text, "%s:%d", pairs_of[which].name, port);
        return refuse_address(out, text, number);
    }

    /* "*" is no name in a URL, and the loopbacks are among what it means. */
    seed__listen_url(out, "localhost");
    return 0;
}

int seed__listen_tcp(struct listening *out, const char *host, int port,
    enum listen_share share)
{
    memset(out, 0, sizeof *out);
    if (!host)
        return seed__listen_refuse(out, SEED_EINVAL,
            "there is no address to listen on: give a numeric address, "
            "\"localhost\" or \"*\"");
    if (port < 0 || port > 65535)
        return seed__listen_refuse(out, SEED_EINVAL,
            "%.64s:%d cannot be listened on: a port is a number from 0 to "
            "65535", host, port);

    for (size_t i = 0; i < COUNT(pairs_of); i++) {
        if (!strcmp(host, pairs_of[i].name))
            return listen_pair(out, i, port, share);
    }
    return listen_one(out, host, port, share);
}
