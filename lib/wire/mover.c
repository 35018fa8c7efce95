/* SPDX-License-Identifier: MIT */
/* The plain mover. */
#include "wire/mover.h"

#include "wire/pipe.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

enum { JOINED = 1024 };

static ssize_t failed(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? MOVED_AGAIN : MOVED_DEAD;
}

/* A short read has emptied the kernel's buffer, and with an edge-triggered
 * event what comes later makes an edge of its own. */
static ssize_t plain_read(struct mover *mover, void *bytes, size_t room)
{
    ssize_t count;

    do {
        count = recv(mover->fd, bytes, room, 0);
    } while (count < 0 && errno == EINTR);
    mover->drained = count < 0 || (size_t)count < room;
    if (count < 0)
        return failed();

    mover->heard += (uint64_t)count;
    return count;
}

/* One piece costs the kernel less than two: small ones, a head and a short
 * body, become one. Returns its length, or 0 when they are too large. */
static size_t join(char *bytes, const struct iovec *parts, int count)
{
    size_t length = 0;

    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    if (length > JOINED)
        return 0;

    for (int i = 0; i < count; i++) {
        memcpy(bytes, parts[i].iov_base, parts[i].iov_len);
        bytes += parts[i].iov_len;
    }
    return length;
}

static ssize_t send_parts(int fd, const struct iovec *parts, int count,
    int flags)
{
    struct msghdr message = { .msg_iov = (struct iovec *)parts,
        .msg_iovlen = (size_t)count };
    char joined[JOINED];
    size_t length = join(joined, parts, count);

    if (length)
        return send(fd, joined, length, flags);
    return sendmsg(fd, &message, flags);
}

static ssize_t plain_write(struct mover *mover, const struct iovec *parts,
    int count, bool more)
{
    int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    ssize_t sent;

    do {
        sent = count == 1
            ? send(mover->fd, parts->iov_base, parts->iov_len, flags)
            : send_parts(mover->fd, parts, count, flags);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? failed() : sent;
}

static ssize_t plain_file(struct mover *mover, int fd, uint64_t offset,
    size_t length)
{
    struct pipe_guard guard;
    off_t at = (off_t)offset;
    ssize_t sent;
    int error;

    seed__pipe_guard(&guard);
    do {
        sent = sendfile(mover->fd, fd, &at, length);
    } while (sent < 0 && errno == EINTR);
    error = errno;
    seed__pipe_unguard(&guard);
    errno = error;
    return sent < 0 ? failed() : sent;
}

static bool plain_lost(struct mover *mover)
{
    socklen_t size = sizeof(int);
    int error = 0;

    return getsockopt(mover->fd, SOL_SOCKET, SO_ERROR, &error, &size)
        || error;
}

static void plain_shut(struct mover *mover)
{
    shutdown(mover->fd, SHUT_WR);
}

/* Without a linger time close() resets; but evhttp's close sends FIN first,
 * and an answer that ends with the connection would look whole. Dissolving the
 * association resets at once where the system knows that. */
static void plain_reset(struct mover *mover)
{
    struct linger none = { 1, 0 };
    struct sockaddr nobody = { .sa_family = AF_UNSPEC };

    setsockopt(mover->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    (void)!connect(mover->fd, &nobody, sizeof nobody);
}

static void plain_free(struct mover *mover)
{
    (void)mover; /* part of its connection */
}

const struct mover_ops seed__mover_plain = {
    .read = plain_read,
    .write = plain_write,
    .file = plain_file,
    .lost = plain_lost,
    .shut = plain_shut,
    .reset = plain_reset,
    .free = plain_free,
};

void seed__mover_init_plain(struct mover *mover, int fd)
{
    *mover = (struct mover){
        .ops = &seed__mover_plain,
        .fd = fd,
        .read_on = EDGE_IN,
        .write_on = EDGE_OUT,
        .drained = true,
    };
}
