/* SPDX-License-Identifier: MIT */
#include "watch/thread.h"
#include "watch/calls.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int open_file(const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%ld/%s", (long)gettid(),
        name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void find_stack(struct thread *thread)
{
    pthread_attr_t has;
    void *low;
    size_t size;

    if (pthread_getattr_np(pthread_self(), &has))
        return;
    if (!pthread_attr_getstack(&has, &low, &size)) {
        thread->low = (uintptr_t)low;
        thread->high = (uintptr_t)low + size;
    }
    pthread_attr_destroy(&has);
}

void seed__thread_open(struct thread *thread)
{
    *thread = (struct thread){ .schedstat = open_file("schedstat"),
        .call = open_file("syscall") };
    thread->clocked = !pthread_getcpuclockid(pthread_self(), &thread->clock);
    find_stack(thread);
}

void seed__thread_close(struct thread *thread)
{
    if (thread->schedstat >= 0)
        close(thread->schedstat);
    if (thread->call >= 0)
        close(thread->call);
    *thread = (struct thread){ .schedstat = -1, .call = -1 };
}

uint64_t seed__thread_computed(const struct thread *thread)
{
    struct timespec time;

    if (!thread->clocked || clock_gettime(thread->clock, &time))
        return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static bool read_file(int fd, char *text, size_t room)
{
    ssize_t length = fd < 0 ? -1 : pread(fd, text, room - 1, 0);

    if (length <= 0)
        return false;
    text[length] = '\0';
    return true;
}

/* "ran waited slices", in nanoseconds. */
uint64_t seed__thread_starved(const struct thread *thread)
{
    char text[96];
    char *at;

    if (!read_file(thread->schedstat, text, sizeof text))
        return 0;
    strtoull(text, &at, 10);
    return strtoull(at, NULL, 10);
}

/* "running", or "number arguments... sp pc", or "-1 sp pc". */
struct thread_call seed__thread_call(const struct thread *thread)
{
    struct thread_call call = { .number = -1, .fd = -1 };
    unsigned long long words[8] = { 0 };
    char text[256], *at = text;
    int count = 0;

    if (!read_file(thread->call, text, sizeof text))
        return call;
    call.known = true;
    if (*text == 'r')
        return call;

    call.sleeps = true;
    call.number = strtol(at, &at, 10);
    while (count < 8 && *at == ' ')
        words[count++] = strtoull(at, &at, 16);
    if (call.number >= 0)
        call.fd = (long)(int)words[0];
    if (count >= 2) {
        call.stack = (uintptr_t)words[count - 2];
        call.place = (uintptr_t)words[count - 1];
    }
    return call;
}

static void add_target(long fd, char *out, size_t room)
{
    char path[64], target[PATH_MAX];
    ssize_t length;

    snprintf(path, sizeof path, "/proc/self/fd/%ld", fd);
    length = readlink(path, target, sizeof target - 1);
    if (length <= 0)
        return;
    target[length] = '\0';
    snprintf(out, room, " of %.100s", target);
}

char *seed__thread_call_name(const struct thread_call *call, char *out,
    size_t room)
{
    size_t length;

    snprintf(out, room, call->number < 0 ? "a page fault" : "system call %ld",
        call->number);
    for (size_t i = 0; i < sizeof call_names / sizeof *call_names; i++) {
        if (call_names[i].number != call->number)
            continue;
        snprintf(out, room, "%s", call_names[i].name);
        length = strlen(out);
        if (call_names[i].has_fd)
            add_target(call->fd, out + length, room - length);
        break;
    }
    return out;
}

/* The kernel stops where it cannot read; it does so by page only when the
 * pieces it is given are pages. */
size_t seed__thread_peek(const void *from, void *to, size_t length)
{
    enum { PIECES = 16 };
    struct iovec local = { to, length }, remote[PIECES];
    uintptr_t at = (uintptr_t)from, page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned count = 0;
    ssize_t done;

    while (length && count < PIECES) {
        size_t piece = page - at % page;

        piece = piece < length ? piece : length;
        remote[count++] = (struct iovec){ (void *)at, piece };
        at += piece;
        length -= piece;
    }
    local.iov_len -= length;
    done = process_vm_readv(getpid(), &local, 1, remote, count, 0);
    return done > 0 ? (size_t)done : 0;
}
