/* SPDX-License-Identifier: MIT */
/* seed_listen() and its kin: opens the sockets of every worker at once, so
 * that all that can go wrong goes wrong here, and clients may connect from
 * now on. The workers take them over when they start. */
#include "server/server.h"

#include <seed/error.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns 0, or why nothing can be listened on. */
int seed__may_listen(seed_server *server)
{
    if (!server)
        return SEED_ENOMEM;
    if (seed__worker_here(server) ||
        seed__server_state(server) != SERVER_SETUP)
        return SEED_ESTATE;
    return server->error;
}

static int refuse(seed_server *server, int error, const char *sentence)
{
    error = seed__server_fail(server, error, "%s.", sentence);
    assert(error);
    return error;
}

static int out_of_memory(seed_server *server)
{
    return refuse(server, SEED_ENOMEM, seed_strerror(SEED_ENOMEM));
}

static struct door *door_new(const seed_server *server, int each)
{
    int count = each * (int)server->plan.options.workers;
    struct door *door = seed__alloc_zeroed(
        sizeof *door + 2 * (size_t)count * sizeof door->fds[0]);

    if (!door)
        return NULL;

    door->each = each;
    door->count = count;
    for (int i = 0; i < 2 * count; i++)
        door->fds[i] = -1;
    return door;
}

/* The file is removed only while it is still the one that was made here: a
 * later server may have put its own in this place. */
static void remove_file(const struct door *door)
{
    struct stat file;

    if (!stat(door->path, &file) && file.st_dev == door->device &&
        file.st_ino == door->inode)
        unlink(door->path);
}

static void door_free(struct door *door)
{
    for (int i = 0; i < door->count; i++) {
        if (door->fds[i] >= 0)
            close(door->fds[i]);
    }
    if (door->path) {
        remove_file(door);
        seed__release(door->path);
    }
    seed__tls_free(door->tls);
    seed__release(door);
}

void seed__listeners_close(seed_server *server)
{
    while (server->doors) {
        struct door *door = server->doors;

        server->doors = door->next;
        door_free(door);
    }
}

/* Sets one worker's sockets. */
static void set_fds(struct door *door, unsigned worker,
    const struct listening *sockets)
{
    memcpy(door->fds + (unsigned)door->each * worker, sockets->fds,
        (size_t)sockets->count * sizeof sockets->fds[0]);
}

static int adopt(seed_server *server, struct door *door,
    const struct listening *sockets)
{
    *server->last_door = door;
    server->last_door = &door->next;
    if (!server->port)
        server->port = sockets->port;
    if (!*server->url && door->tls && sockets->port) /* "http://..." */
        snprintf(server->url, sizeof server->url, "https%.150s",
            sockets->url + 4);
    else if (!*server->url)
        memcpy(server->url, sockets->url, sizeof server->url);

    server->plan.frozen = true;
    return 0;
}

/* One more set for each further worker, on the same addresses. */
static int share_tcp(seed_server *server, struct door *door, const char *host,
    int port)
{
    for (unsigned i = 1; i < server->plan.options.workers; i++) {
        struct listening more;
        int err = seed__listen_tcp(&more, host, port, LISTEN_MORE);

        if (err)
            return refuse(server, err, more.why);
        set_fds(door, i, &more);
    }
    return 0;
}

int seed__listeners_add(seed_server *server, const char *host, int port,
    struct tls *tls)
{
    struct listening sockets;
    struct door *door;
    int err = seed__listen_tcp(&sockets, host, port,
        server->plan.options.workers > 1 ? LISTEN_FIRST : LISTEN_ALONE);

    if (err) {
        seed__tls_free(tls);
        return refuse(server, err, sockets.why);
    }

    door = door_new(server, sockets.count);
    if (!door) {
        seed__tls_free(tls);
        seed__listen_close(&sockets);
        return out_of_memory(server);
    }
    door->tls = tls;
    set_fds(door, 0, &sockets);
    err = share_tcp(server, door, host, sockets.port);
    if (err) {
        door_free(door);
        return err;
    }
    return adopt(server, door, &sockets);
}

int seed_listen(seed_server *server, const char *host, int port)
{
    int err = seed__may_listen(server);

    return err ? err : seed__listeners_add(server, host, port, NULL);
}

/* A socket that cannot be opened twice: every worker gets a duplicate. */
static int share_fd(seed_server *server, struct door *door)
{
    for (int i = 1; i < door->count; i++) {
        door->fds[i] = fcntl(door->fds[0], F_DUPFD_CLOEXEC, 3);
        if (door->fds[i] < 0)
            return seed__server_fail(server, SEED_ESYSTEM, "A listening "
                "socket cannot be duplicated for worker %d: %s.", i,
                strerror(errno));
    }
    return 0;
}

static int open_shared(seed_server *server, struct listening *sockets,
    struct door **out)
{
    struct door *door = door_new(server, 1);
    int err;

    if (!door) {
        seed__listen_close(sockets);
        return out_of_memory(server);
    }

    door->duplicated = true;
    set_fds(door, 0, sockets);
    err = share_fd(server, door);
    if (err) {
        door_free(door);
        return err;
    }
    *out = door;
    return 0;
}

int seed_listen_unix(seed_server *server, const char *path)
{
    struct listening sockets;
    struct door *door = NULL;
    struct stat file;
    int err = seed__may_listen(server);

    if (err)
        return err;

    err = seed__listen_unix(&sockets, path);
    if (err)
        return refuse(server, err, sockets.why);
    err = open_shared(server, &sockets, &door);
    if (err)
        return err;

    assert(door);
    door->path = seed__copy_string(path);
    if (!door->path || stat(path, &file)) {
        door_free(door);
        return out_of_memory(server);
    }
    door->device = file.st_dev;
    door->inode = file.st_ino;
    return adopt(server, door, &sockets);
}

int seed__listeners_add_fd(seed_server *server, int fd, struct tls *tls)
{
    struct listening sockets;
    struct door *door = NULL;
    int err = seed__listen_fd(&sockets, fd);

    if (err) {
        refuse(server, err, sockets.why);
        if (fd >= 0)
            close(fd);
    } else {
        err = open_shared(server, &sockets, &door);
    }
    if (err) {
        seed__tls_free(tls);
        return err;
    }

    assert(door);
    door->tls = tls;
    return adopt(server, door, &sockets);
}

int seed_listen_fd(seed_server *server, int fd)
{
    int err = seed__may_listen(server);

    if (!err)
        return seed__listeners_add_fd(server, fd, NULL);
    if (fd >= 0)
        close(fd);
    return err;
}

/* Deals sockets out to the workers, so that somebody accepts on each of them.
 * When there are not enough, those that are left out get duplicates. */
static int deal(seed_server *server, struct door *door, const int *fds,
    int count)
{
    int workers = (int)server->plan.options.workers;

    assert(count > 0 && workers > 0);
    for (int i = 0; i < count; i++)
        door->fds[i % workers * door->each + i / workers] = fds[i];
    for (int i = count; i < workers; i++) {
        door->fds[i] = fcntl(fds[i % count], F_DUPFD_CLOEXEC, 3);
        if (door->fds[i] < 0)
            return seed__server_fail(server, SEED_ESYSTEM, "A listening "
                "socket cannot be duplicated for worker %d: %s.", i,
                strerror(errno));
    }
    return 0;
}

static int refuse_group(seed_server *server, const int *fds, int count,
    const char *why)
{
    for (int i = 0; i < count; i++)
        close(fds[i]);
    return why ? refuse(server, SEED_EINVAL, why) : out_of_memory(server);
}

int seed__listen_group(seed_server *server, const int *fds, int count)
{
    int workers = (int)server->plan.options.workers;
    struct listening sockets;
    struct door *door;

    assert(count > 0);
    /* Backwards, so that what remains is that of the first one. */
    for (int i = count; i--;)
        if (seed__listen_fd(&sockets, fds[i]))
            return refuse_group(server, fds, count, sockets.why);

    door = door_new(server, (count + workers - 1) / workers);
    if (!door)
        return refuse_group(server, fds, count, NULL);
    if (deal(server, door, fds, count)) {
        door_free(door);
        return server->error;
    }
    return adopt(server, door, &sockets);
}

/* Hands one worker its sockets of one door; their numbers stay, for whoever
 * passes them on while the loops have them. */
static int hand_over(seed_worker *worker, struct door *door)
{
    int *fds = door->fds + (unsigned)door->each * worker->index;

    for (int i = 0; i < door->each; i++) {
        int fd = fds[i];
        int err;

        if (fd < 0)
            continue;
        fds[i] = -1;
        fds[door->count + i] = fd;
        err = seed__loop_listen(worker->loop, fd,
            door->tls ? seed__tls_maker(door->tls) : NULL);
        if (err)
            return seed__server_fail(worker->server, err, "Worker %u cannot "
                "serve %s: %s.", worker->index, worker->server->url,
                seed_strerror(err));
    }
    return 0;
}

int seed__listeners_open(seed_server *server)
{
    for (struct door *door = server->doors; door; door = door->next) {
        for (unsigned i = 0; i < server->worker_count; i++) {
            int err = hand_over(&server->workers[i], door);

            if (err)
                return err;
        }
    }
    return 0;
}

/* One of a socket and its duplicates is enough. */
static int collect(const struct door *door, int *out, int most)
{
    const int *fds = door->fds + door->count;
    int count = 0, all = door->duplicated ? 1 : door->count;

    for (int i = 0; i < all && count < most; i++) {
        if (fds[i] >= 0)
            out[count++] = fds[i];
    }
    return count;
}

int seed__listeners_collect(const seed_server *server, int *out, int most)
{
    int count = 0;

    for (struct door *door = server->doors; door; door = door->next)
        count += collect(door, out + count, most - count);
    return count;
}

void seed__listeners_leave(seed_server *server)
{
    for (struct door *door = server->doors; door; door = door->next) {
        seed__release(door->path);
        door->path = NULL;
    }
}
