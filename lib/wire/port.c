/* SPDX-License-Identifier: MIT */
/* Time and turns for the flow.
 *
 * soon   `pass`, an event that is activated: libevent runs it in this turn
 * defer  `next`, a timer of no time: libevent runs it in the next turn, after
 *        the sockets that are ready by then
 * mail   an eventfd, by which other threads wake the loop */
#include "wire/conn.h"

#include "base/clock.h"
#include "base/mem.h"

#include <seed/error.h>

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct port_timer {
    struct ring ring; /* in loop->timers */
    struct event event;
    struct loop *loop;
    void (*fire)(void *ctx);
    void *ctx;
};

static void add_task(struct tasks *tasks, struct task *task)
{
    task->next = NULL;
    *tasks->last = task;
    tasks->last = &task->next;
}

static struct task *take_tasks(struct tasks *tasks)
{
    struct task *first = tasks->first;

    tasks->first = NULL;
    tasks->last = &tasks->first;
    return first;
}

/* After each task, what it answered leaves at once, while its bytes are still
 * in the processor's cache. */
static void run_tasks(struct loop *loop, struct tasks *tasks)
{
    for (struct task *task = take_tasks(tasks), *next; task; task = next) {
        next = task->next;
        task->run(task);
        seed__conn_work_dirty(loop);
    }
}

static void soon(struct port *port, struct task *task)
{
    struct loop *loop = (struct loop *)port;

    add_task(&loop->soon, task);
    seed__loop_wake(loop);
}

void seed__port_next_turn(struct loop *loop)
{
    static const struct timeval at_once = { 0, 0 };

    if (loop->next_asked)
        return;
    loop->next_asked = true;
    event_add(&loop->next, &at_once);
}

static void defer(struct port *port, struct task *task)
{
    struct loop *loop = (struct loop *)port;

    add_task(&loop->deferred, task);
    seed__port_next_turn(loop);
}

static void on_next(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    struct ring later;

    (void)fd;
    (void)what;
    loop_enter(loop);
    loop->next_asked = false;
    ring_move(&later, &loop->later);
    run_tasks(loop, &loop->deferred);
    while (!ring_empty(&later)) {
        struct ring *first = later.next;

        ring_remove(first);
        seed__conn_work(RING_OWNER(first, struct conn, work));
    }
}

void seed__port_run_soon(struct loop *loop)
{
    run_tasks(loop, &loop->soon);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct port_timer *timer = ctx;

    (void)fd;
    (void)what;
    loop_enter(timer->loop);
    timer->fire(timer->ctx); /* may stop the timer */
}

static struct port_timer *timer_start(struct port *port, unsigned ms,
    bool repeat, void (*fire)(void *ctx), void *ctx)
{
    struct loop *loop = (struct loop *)port;
    struct timeval after = { ms / 1000, ms % 1000 * 1000 };
    struct port_timer *timer = seed__alloc(sizeof *timer);

    if (!timer)
        return NULL;

    timer->loop = loop;
    timer->fire = fire;
    timer->ctx = ctx;
    if (repeat && !ms)
        after.tv_usec = 1; /* libevent would never leave it again */
    event_assign(&timer->event, loop->base, -1, repeat ? EV_PERSIST : 0,
        on_timer, timer);
    if (event_add(&timer->event, &after)) {
        seed__release(timer);
        return NULL;
    }
    ring_add(&loop->timers, &timer->ring);
    return timer;
}

static void timer_stop(struct port *port, struct port_timer *timer)
{
    (void)port;
    if (!timer)
        return;

    event_del(&timer->event);
    ring_remove(&timer->ring);
    seed__release(timer);
}

static bool here(struct port *port)
{
    struct loop *loop = (struct loop *)port;

    return pthread_equal(atomic_load_explicit(&loop->thread,
        memory_order_relaxed), pthread_self());
}

static const struct port_ops ops = { soon, defer, timer_start, timer_stop,
    here };

/* From any thread. A full counter wakes as well as one more would. */
static void wake(void *ctx)
{
    struct loop *loop = ctx;
    uint64_t one = 1;

    while (write(loop->mail_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void on_mail(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    uint64_t count;

    (void)what;
    loop_enter(loop);
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        ;
    seed__mailbox_run(loop->port.box);
}

int seed__port_open(struct loop *loop)
{
    loop->port.ops = &ops;
    loop->soon.last = &loop->soon.first;
    loop->deferred.last = &loop->deferred.first;
    ring_init(&loop->timers);

    loop->mail_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->mail_fd < 0)
        return SEED_ESYSTEM;
    loop->port.box = seed__mailbox_new(wake, loop);
    if (!loop->port.box)
        return SEED_ENOMEM;

    event_assign(&loop->mail, loop->base, loop->mail_fd, EV_READ | EV_PERSIST,
        on_mail, loop);
    event_assign(&loop->next, loop->base, -1, 0, on_next, loop);
    return event_add(&loop->mail, NULL) ? SEED_ELIBEVENT : 0;
}

/* What was posted runs, and so does what that asks for. */
void seed__port_drain(struct loop *loop)
{
    if (!loop->port.box)
        return;

    seed__mailbox_run(loop->port.box);
    while (loop->soon.first || loop->deferred.first) {
        run_tasks(loop, &loop->soon);
        run_tasks(loop, &loop->deferred);
    }
}

void seed__port_close(struct loop *loop)
{
    if (loop->port.box && loop->mail_fd >= 0) {
        seed__mailbox_close(loop->port.box);
        seed__port_drain(loop);
        event_del(&loop->mail);
        event_del(&loop->next);
    }
    while (!ring_empty(&loop->timers))
        timer_stop(&loop->port,
            RING_OWNER(loop->timers.next, struct port_timer, ring));
    if (loop->mail_fd >= 0)
        close(loop->mail_fd);
    loop->mail_fd = -1;
}
