/* SPDX-License-Identifier: MIT */
/* The kernel's clock of another thread's CPU time is made of its number (see
 * man 2 clock_getres). A number is used again only when all others were, so
 * that a thread that went and one that came are not taken for each other. */
#include "clinic/timers.h"
#include "clinic/tid.h"

#include <seed/server.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static clockid_t clock_of(long tid)
{
    return (clockid_t)((~(unsigned)tid << 3) | 6);
}

/* The first sample comes after half a period: a thread that has computed for a
 * while is neither over- nor underrated then. */
static bool make(struct timer *timer, int signal, uint64_t period)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
        .sigev_signo = signal };
    struct itimerspec spec = {
        .it_interval = { (time_t)(period / 1000000000),
            (long)(period % 1000000000) },
        .it_value = { (time_t)(period / 2 / 1000000000),
            (long)(period / 2 % 1000000000) },
    };

    event.sigev_value.sival_ptr = (void *)(uintptr_t)period;
    event.sigev_notify_thread_id = (pid_t)timer->tid;
    if (timer_create(clock_of(timer->tid), &event, &timer->timer))
        return false;
    if (!timer_settime(timer->timer, 0, &spec, NULL))
        return true;

    timer_delete(timer->timer);
    return false;
}

static struct timer *find(const struct timers *timers, long tid)
{
    for (size_t i = 0; i < timers->count; i++)
        if (timers->all[i].tid == tid)
            return &timers->all[i];
    return NULL;
}

static struct timer *add(struct timers *timers, long tid)
{
    size_t room = timers->room ? timers->room * 2 : 16;
    struct timer *all = timers->all;

    if (timers->count == timers->room) {
        all = seed_resize(all, room * sizeof *all);
        if (!all)
            return NULL;
        timers->all = all;
        timers->room = room;
    }
    all[timers->count] = (struct timer){ .tid = tid };
    return &all[timers->count++];
}

/* One for which there is no timer is tried again at the next look. */
static void see(struct timers *timers, long tid)
{
    struct timer *timer = find(timers, tid);

    if (!timer && !(timer = add(timers, tid)))
        return;
    timer->seen = true;
    if (timer->made)
        return;
    timer->made = make(timer, timers->signal, timers->period);
    timers->threads += timer->made;
}

static void drop(struct timers *timers, size_t at)
{
    if (timers->all[at].made)
        timer_delete(timers->all[at].timer);
    timers->all[at] = timers->all[--timers->count];
}

/* Not by readdir(), which allocates, ten times a second. */
static void read_tasks(struct timers *timers, int fd)
{
    _Alignas(struct dirent64) char bytes[4096];
    ssize_t length;

    while ((length = getdents64(fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0; at < length;) {
            const struct dirent64 *entry = (const void *)(bytes + at);
            long tid = strtol(entry->d_name, NULL, 10);

            if (tid > 0 && tid != timers->skip)
                see(timers, tid);
            at += entry->d_reclen;
        }
    }
}

bool seed__timers_look(struct timers *timers)
{
    int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool some = false;

    if (fd < 0)
        return false;
    for (size_t i = 0; i < timers->count; i++)
        timers->all[i].seen = false;
    read_tasks(timers, fd);
    for (size_t i = timers->count; i-- > 0;) {
        some = some || timers->all[i].made;
        if (!timers->all[i].seen)
            drop(timers, i);
    }
    close(fd);
    return some;
}

void seed__timers_set(struct timers *timers, int signal, uint64_t period)
{
    if (timers->signal == signal && timers->period == period)
        return;

    timers->signal = signal;
    timers->period = period;
    for (size_t i = 0; i < timers->count; i++) {
        struct timer *timer = &timers->all[i];

        if (timer->made)
            timer_delete(timer->timer);
        timer->made = make(timer, signal, period);
    }
}

void seed__timers_clear(struct timers *timers, bool inherited)
{
    while (timers->count > 0) {
        if (inherited)
            timers->all[timers->count - 1].made = false;
        drop(timers, timers->count - 1);
    }
    seed_release(timers->all);
    *timers = (struct timers){ 0 };
}
