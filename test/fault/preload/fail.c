/* SPDX-License-Identifier: MIT */
/* Preloaded into a server: makes system calls fail as the world may.
 *
 *     FAIL="send,sendmsg,sendfile:EPIPE:7"    every seventh of these calls
 *     FAIL="accept4:EMFILE:3"                 every third
 *     FAIL="send:SHORT:2"                     sends a part of it
 *     FAIL_WHILE=PATH                         while there is such a file
 *
 * Sockets of tests alone: what is not a socket goes on. */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NO = 0, SHORT = -1 };

static const struct {
    const char *name;
    int number;
} errors[] = {
    { "SHORT", SHORT }, { "EAGAIN", EAGAIN }, { "EPIPE", EPIPE },
    { "ECONNRESET", ECONNRESET }, { "EINTR", EINTR }, { "EIO", EIO },
    { "EMFILE", EMFILE }, { "ENFILE", ENFILE }, { "EPERM", EPERM },
    { "ECONNABORTED", ECONNABORTED }, { "ENOBUFS", ENOBUFS },
};

static struct {
    char calls[64];
    int error;
    unsigned every;
    const char *file;
} order;

static atomic_uint count;

__attribute__((constructor)) static void read_order(void)
{
    const char *text = getenv("FAIL"), *error = text ? strchr(text, ':') : NULL;
    const char *every = error ? strchr(error + 1, ':') : NULL;

    order.file = getenv("FAIL_WHILE");
    if (!every || (size_t)(error - text) >= sizeof order.calls - 2)
        return;
    order.calls[0] = ',';
    memcpy(order.calls + 1, text, (size_t)(error - text));
    strcat(order.calls, ",");
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strlen(errors[i].name) == (size_t)(every - error - 1)
            && !strncmp(errors[i].name, error + 1,
                (size_t)(every - error - 1)))
            order.error = errors[i].number;
    order.every = (unsigned)atoi(every + 1);
}

/* What is to be done to this call: NO, SHORT, or the errno. */
static int verdict(const char *call)
{
    char word[32] = ",";

    if (!order.every)
        return NO;
    strcat(strcat(word, call), ",");
    if (!strstr(order.calls, word))
        return NO;
    if (order.file && access(order.file, F_OK))
        return NO;
    return atomic_fetch_add(&count, 1) % order.every == order.every - 1
        ? order.error : NO;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static ssize_t failed(int error)
{
    errno = error;
    return -1;
}

static size_t part(size_t length, int error)
{
    return error == SHORT && length > 1 ? length / 2 : length;
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    int error = verdict("send");

    if (error > 0)
        return failed(error);
    return NEXT(send)(fd, bytes, part(length, error), flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct msghdr shorter = *message;
    int error = verdict("sendmsg");

    if (error > 0)
        return failed(error);
    if (error == SHORT && shorter.msg_iovlen > 1)
        shorter.msg_iovlen--;
    return NEXT(sendmsg)(fd, &shorter, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t length)
{
    int error = verdict("sendfile");

    if (error > 0)
        return failed(error);
    return NEXT(sendfile)(to, from, offset, part(length, error));
}

ssize_t recv(int fd, void *bytes, size_t room, int flags)
{
    int error = verdict("recv");

    if (error > 0)
        return failed(error);
    return NEXT(recv)(fd, bytes, room, flags);
}

int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    int error = verdict("accept4");

    if (error > 0)
        return (int)failed(error);
    return NEXT(accept4)(fd, address, size, flags);
}
