/* SPDX-License-Identifier: MIT */
/* System calls that fail: a program's own functions go before libc's, for
 * libevent and OpenSSL too. libc's calls among its own are not seen. */
/* The checked variants of read() and its kin would be other names. */
#undef _FORTIFY_SOURCE

#include "fate.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNTER = 8 }; /* bytes of an eventfd, which move together */

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The whole of a call that fails or is done. */
#define CALL(type, name, parameters, arguments)                               \
    type name parameters                                                      \
    {                                                                         \
        int error = fate_of(FATE_##name);                                     \
                                                                              \
        if (!error)                                                           \
            return NEXT(name) arguments;                                      \
        errno = error;                                                        \
        return (type)-1;                                                      \
    }

/* Of one that moves bytes: or moves one byte. */
#define MOVE(name, parameters, arguments, part)                               \
    ssize_t name parameters                                                   \
    {                                                                         \
        int error = fate_of(FATE_##name);                                     \
                                                                              \
        if (!error)                                                           \
            return NEXT(name) arguments;                                      \
        if (error == SHORT)                                                   \
            return NEXT(name) part;                                           \
        errno = error;                                                        \
        return -1;                                                            \
    }

CALL(int, socket, (int family, int type, int protocol),
    (family, type, protocol))
CALL(int, bind, (int fd, const struct sockaddr *at, socklen_t size),
    (fd, at, size))
CALL(int, listen, (int fd, int backlog), (fd, backlog))
CALL(int, connect, (int fd, const struct sockaddr *to, socklen_t size),
    (fd, to, size))
CALL(int, accept4,
    (int fd, struct sockaddr *from, socklen_t *size, int flags),
    (fd, from, size, flags))
CALL(int, getsockname, (int fd, struct sockaddr *name, socklen_t *size),
    (fd, name, size))
CALL(int, getpeername, (int fd, struct sockaddr *name, socklen_t *size),
    (fd, name, size))
CALL(int, getsockopt,
    (int fd, int level, int option, void *value, socklen_t *size),
    (fd, level, option, value, size))
CALL(int, setsockopt,
    (int fd, int level, int option, const void *value, socklen_t size),
    (fd, level, option, value, size))
CALL(int, shutdown, (int fd, int how), (fd, how))
CALL(int, socketpair, (int family, int type, int protocol, int pair[2]),
    (family, type, protocol, pair))
CALL(int, epoll_create1, (int flags), (flags))
CALL(int, epoll_ctl, (int fd, int what, int of, struct epoll_event *event),
    (fd, what, of, event))
CALL(int, epoll_wait,
    (int fd, struct epoll_event *events, int most, int timeout),
    (fd, events, most, timeout))
CALL(int, poll, (struct pollfd *fds, nfds_t count, int timeout),
    (fds, count, timeout))
CALL(int, eventfd, (unsigned value, int flags), (value, flags))
CALL(int, pipe, (int ends[2]), (ends))
CALL(int, pipe2, (int ends[2], int flags), (ends, flags))
CALL(int, timerfd_create, (int clock, int flags), (clock, flags))
CALL(int, timerfd_settime,
    (int fd, int flags, const struct itimerspec *to, struct itimerspec *from),
    (fd, flags, to, from))
CALL(int, unlink, (const char *path), (path))
CALL(int, getentropy, (void *bytes, size_t length), (bytes, length))
CALL(void *, mmap,
    (void *at, size_t size, int may, int flags, int fd, off_t offset),
    (at, size, may, flags, fd, offset))

MOVE(read, (int fd, void *bytes, size_t room), (fd, bytes, room),
    (fd, bytes, room > COUNTER ? 1 : room))
MOVE(readv, (int fd, const struct iovec *parts, int count),
    (fd, parts, count), (fd, parts, 1))
MOVE(pread, (int fd, void *bytes, size_t room, off_t at),
    (fd, bytes, room, at), (fd, bytes, room ? 1 : 0, at))
MOVE(recv, (int fd, void *bytes, size_t room, int flags),
    (fd, bytes, room, flags), (fd, bytes, room ? 1 : 0, flags))
MOVE(writev, (int fd, const struct iovec *parts, int count),
    (fd, parts, count), (fd, parts, 1))
MOVE(send, (int fd, const void *bytes, size_t length, int flags),
    (fd, bytes, length, flags), (fd, bytes, length ? 1 : 0, flags))
MOVE(sendfile, (int to, int from, off_t *at, size_t length),
    (to, from, at, length), (to, from, at, length ? 1 : 0))

/* To a counter that is not full, only a signal comes between. */
ssize_t write(int fd, const void *bytes, size_t length)
{
    int error = fate_of(FATE_write);

    if (length == COUNTER && error != EINTR)
        error = 0;
    if (error <= 0)
        return NEXT(write)(fd, bytes, error && length ? 1 : length);
    errno = error;
    return -1;
}

/* A byte of the first part, so that the part is left in its middle. */
static ssize_t send_byte(int fd, const struct msghdr *message, int flags)
{
    struct msghdr less = *message;
    struct iovec first = *message->msg_iov;

    first.iov_len = first.iov_len ? 1 : 0;
    less.msg_iov = &first;
    less.msg_iovlen = 1;
    return NEXT(sendmsg)(fd, &less, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    int error = fate_of(FATE_sendmsg);

    if (!error)
        return NEXT(sendmsg)(fd, message, flags);
    if (error == SHORT)
        return send_byte(fd, message, flags);
    errno = error;
    return -1;
}

/* Linux has closed it, whatever close() says. */
int close(int fd)
{
    int error = fate_of(FATE_close);
    int result = NEXT(close)(fd);

    if (!error)
        return result;
    errno = error;
    return -1;
}

int fcntl(int fd, int what, ...)
{
    int error = fate_of(FATE_fcntl);
    va_list more;
    long value;

    if (error) {
        errno = error;
        return -1;
    }
    va_start(more, what);
    value = va_arg(more, long);
    va_end(more);
    return NEXT(fcntl)(fd, what, value);
}

int ioctl(int fd, unsigned long what, ...)
{
    int error = fate_of(FATE_ioctl);
    va_list more;
    void *value;

    if (error) {
        errno = error;
        return -1;
    }
    va_start(more, what);
    value = va_arg(more, void *);
    va_end(more);
    return NEXT(ioctl)(fd, what, value);
}

int open(const char *path, int flags, ...)
{
    int error = fate_of(FATE_open);
    va_list more;
    mode_t mode;

    if (error) {
        errno = error;
        return -1;
    }
    va_start(more, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return NEXT(open)(path, flags, mode);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*begin)(void *), void *ctx)
{
    int error = fate_of(FATE_pthread_create);

    return error ? error
        : NEXT(pthread_create)(thread, attributes, begin, ctx);
}
