/* SPDX-License-Identifier: MIT */
/* A kernel that watches no more descriptors, as at fs.epoll.max_user_watches:
 * the test's own epoll_ctl() goes before libc's, for libevent too. */
#ifndef UNIT_WATCHING_H
#define UNIT_WATCHING_H

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned unwatched; /* those that ask for one of these events */

int epoll_ctl(int fd, int what, int of, struct epoll_event *event)
{
    if (what != EPOLL_CTL_ADD || !(event->events & unwatched))
        return (int)syscall(SYS_epoll_ctl, fd, what, of, event);

    errno = ENOSPC;
    return -1;
}

#endif
