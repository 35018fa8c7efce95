/* SPDX-License-Identifier: MIT */
/* System calls by name: those that a thread sleeps in. Not every machine has
 * each of them. FD: the first argument is a descriptor worth a name. */
#ifndef WATCH_CALLS_H
#define WATCH_CALLS_H

#include <stdbool.h>
#include <sys/syscall.h>

#define CALL(name) { SYS_##name, #name, false },
#define FD(name) { SYS_##name, #name, true },

static const struct {
    long number;
    const char *name;
    bool has_fd;
} call_names[] = {
#ifdef SYS_open
    CALL(open)
#endif
#ifdef SYS_poll
    CALL(poll)
#endif
#ifdef SYS_select
    CALL(select)
#endif
#ifdef SYS_epoll_wait
    CALL(epoll_wait)
#endif
#ifdef SYS_stat
    CALL(stat)
#endif
#ifdef SYS_unlink
    CALL(unlink)
#endif
#ifdef SYS_rename
    CALL(rename)
#endif
#ifdef SYS_pause
    CALL(pause)
#endif
    FD(read)
    FD(write)
    FD(readv)
    FD(writev)
    FD(pread64)
    FD(pwrite64)
    FD(recvfrom)
    FD(recvmsg)
    FD(sendto)
    FD(sendmsg)
    FD(connect)
    FD(accept)
    FD(accept4)
    FD(fsync)
    FD(fdatasync)
    FD(ftruncate)
    FD(fallocate)
    FD(flock)
    FD(fcntl)
    FD(ioctl)
    FD(getdents64)
    FD(close)
    CALL(openat)
    CALL(ppoll)
    CALL(pselect6)
    CALL(epoll_pwait)
    CALL(nanosleep)
    CALL(clock_nanosleep)
    CALL(futex)
    CALL(wait4)
    CALL(waitid)
    CALL(rt_sigtimedwait)
    CALL(rt_sigsuspend)
    CALL(semtimedop)
    CALL(msgrcv)
    CALL(mmap)
    CALL(munmap)
    CALL(madvise)
    CALL(msync)
    CALL(sync)
    CALL(unlinkat)
    CALL(sendfile)
};

#undef CALL
#undef FD

#endif
