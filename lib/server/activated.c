/* SPDX-License-Identifier: MIT */
/* Sockets that the process was started with. The environment stays as it is,
 * for other threads may read it; LISTEN_PID keeps children from believing it,
 * and close-on-exec from having the sockets. */
#include "server/activated.h"
#include "server/server.h"

#include <seed/error.h>
#include <seed/restart.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool taken[PASSED_MOST];

/* A decimal number and nothing else, or -1. */
static long number_of(const char *name)
{
    const char *text = getenv(name);
    size_t length = text ? strlen(text) : 0;

    if (!length || length > 9 || strspn(text, "0123456789") != length)
        return -1;
    return strtol(text, NULL, 10);
}

/* How many sockets this process was given. */
static int count_passed(void)
{
    long count = number_of("LISTEN_FDS");

    if (number_of("LISTEN_PID") != getpid() || count < 0)
        return 0;
    return count > PASSED_MOST ? PASSED_MOST : (int)count;
}

/* The names stand in one list, "http:admin"; a missing one is "unknown". */
static bool has_name(int index, const char *name)
{
    const char *at = getenv("LISTEN_FDNAMES");
    size_t length = strlen(name);

    while (at && index--) {
        at = strchr(at, ':');
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return !strcmp(name, "unknown");
    return strcspn(at, ":") == length && !memcmp(at, name, length);
}

/* Takes those of that name that nobody has. Returns how many. */
static int take(int fds[PASSED_MOST], const char *name)
{
    int passed = count_passed(), count = 0;

    pthread_mutex_lock(&lock);
    for (int i = 0; i < passed; i++) {
        /* None of them is for a child, whoever takes it. */
        fcntl(PASSED_FIRST + i, F_SETFD, FD_CLOEXEC);
        if (taken[i] || (name && !has_name(i, name)))
            continue;
        taken[i] = true;
        fds[count++] = PASSED_FIRST + i;
    }
    pthread_mutex_unlock(&lock);
    return count;
}

/* --- sockets that share an address ---------------------------------------- */

struct bound {
    struct sockaddr_storage address;
    socklen_t length;
};

static struct bound bound_to(int fd)
{
    struct bound bound = { .length = sizeof bound.address };

    memset(&bound.address, 0, sizeof bound.address);
    if (getsockname(fd, (struct sockaddr *)&bound.address, &bound.length))
        bound.length = 0;
    return bound;
}

static bool same_address(int one, int other)
{
    struct bound first = bound_to(one), second = bound_to(other);

    return first.length && first.length == second.length
        && !memcmp(&first.address, &second.address, first.length);
}

/* Moves those that share the first one's address to the front. The kernel
 * deals connections out to all of them: somebody must accept on each. */
static int gather(int *fds, int count)
{
    int same = 1;

    for (int i = 1; i < count; i++) {
        int fd = fds[i];

        if (!same_address(fds[0], fd))
            continue;
        fds[i] = fds[same];
        fds[same++] = fd;
    }
    return same;
}

int seed_listen_activated(seed_server *server, const char *name)
{
    int fds[PASSED_MOST], count, err;

    err = seed__may_listen(server);
    if (err)
        return err;

    count = take(fds, name);
    for (int i = 0; i < count && !err;) {
        int same = gather(fds + i, count - i);

        err = seed__listen_group(server, fds + i, same);
        i += same;
        while (err && i < count)
            close(fds[i++]);
    }
    return err ? err : count;
}
