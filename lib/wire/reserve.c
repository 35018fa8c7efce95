/* SPDX-License-Identifier: MIT */
#include "wire/reserve.h"

#include <sys/socket.h>
#include <unistd.h>

enum { READS_MOST = 32 }; /* who sends faster than that is reset */

int seed__reserve_open(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); /* needs no file */
}

void seed__reserve_mind(int *reserve)
{
    if (*reserve < 0)
        *reserve = seed__reserve_open();
}

/* What the client has sent is read, since a close on top of it would be a
 * reset, which might overtake the answer. */
static void say_no(int fd)
{
    static const char no[] = "HTTP/1.1 503 Service Unavailable\r\n"
        "Retry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char scratch[8192];
    int reads = READS_MOST;

    while (reads-- && recv(fd, scratch, sizeof scratch, 0)
        == (ssize_t)sizeof scratch)
        ;
    (void)!send(fd, no, sizeof no - 1, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
}

bool seed__reserve_refuse(int *reserve, int listener, bool speaks)
{
    int fd;

    seed__reserve_mind(reserve);
    if (*reserve < 0)
        return false;

    close(*reserve);
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        if (speaks)
            say_no(fd);
        close(fd);
    }
    *reserve = seed__reserve_open();
    return fd >= 0;
}
