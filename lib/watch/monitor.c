/* SPDX-License-Identifier: MIT */
/* The monitor's thread. It sleeps until the next tick is due, by absolute
 * time, so that being late does not add up; a condition ends that sleep when
 * a task comes or goes.
 *
 * gate   one thread at a time starts or stops tasks, and with the first and
 *        the last of them the thread
 * lock   the list, and what ticks look at; held while they run
 *
 * fork() waits for both, but not for long: a tick may tell the application's
 * own hooks, and what these wait for may be what another's fork handler holds
 * already. Where it was in vain, the child makes them anew. */
#include "watch/monitor.h"

#include "watch/pace.h"

#include <seed.h>

#include <pthread.h>
#include <signal.h>
#include <time.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static struct monitored *tasks;
static struct pace pace;
static bool made, quit;
static bool prepared; /* for fork() */
static _Thread_local bool is_monitor, has_gate, has_lock;

static const uint64_t msec = 1000000;

static struct timespec time_of(uint64_t nsec)
{
    return (struct timespec){ (time_t)(nsec / 1000000000),
        (long)(nsec % 1000000000) };
}

/* The next multiple of the period that is not yet over. */
static void set_due(struct monitored *task, uint64_t now)
{
    uint64_t period = task->period * msec;

    task->due += period;
    if (task->due <= now)
        task->due += (now - task->due) / period * period + period;
}

static void run_due(void)
{
    for (struct monitored *task = tasks; task; task = task->next) {
        uint64_t now = seed_now();

        if (task->due > now)
            continue;
        task->tick(now, task->ctx);
        set_due(task, seed_now());
    }
}

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* When the first is due; but it waits for the pace, for up to its period. */
static uint64_t next_wake(uint64_t last)
{
    uint64_t due = last + 1000 * msec, patience = due;

    for (const struct monitored *task = tasks; task; task = task->next) {
        due = least(due, task->due);
        patience = least(patience, task->due + task->period * msec);
    }
    patience = least(patience, last + pace.rest);
    return due > patience ? due : patience;
}

static void *run(void *ctx)
{
    is_monitor = true;
    pthread_mutex_lock(&lock);
    pace = (struct pace){ 0 };
    while (!quit) {
        uint64_t now = seed_now();
        struct timespec due = time_of(next_wake(now));

        seed__pace_wake(&pace, now);
        pthread_cond_timedwait(&changed, &lock, &due);
        run_due();
    }
    pthread_mutex_unlock(&lock);
    return ctx;
}

static int make_condition(void)
{
    pthread_condattr_t how;
    int error;

    if (pthread_condattr_init(&how))
        return SEED_ENOMEM;
    error = pthread_condattr_setclock(&how, CLOCK_MONOTONIC)
        || pthread_cond_init(&changed, &how);
    pthread_condattr_destroy(&how);
    return error ? SEED_ENOMEM : 0;
}

/* --- fork() --------------------------------------------------------------- */

static bool get_soon(pthread_mutex_t *mutex)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until = time_of((uint64_t)until.tv_sec * 1000 * msec
        + (uint64_t)until.tv_nsec + 200 * msec);
    return !pthread_mutex_timedlock(mutex, &until);
}

/* A hook that forks is told by the monitor, under the lock: its child is the
 * monitor, and all stays as it is. */
static void before_fork(void)
{
    if (is_monitor)
        return;
    has_gate = get_soon(&gate);
    has_lock = get_soon(&lock);
}

static void in_parent(void)
{
    if (is_monitor)
        return;
    if (has_lock)
        pthread_mutex_unlock(&lock);
    if (has_gate)
        pthread_mutex_unlock(&gate);
}

static void let_go(pthread_mutex_t *mutex, bool mine)
{
    if (mine)
        pthread_mutex_unlock(mutex);
    else
        pthread_mutex_init(mutex, NULL);
}

/* The thread stayed with the parent, and with it every task. */
static void in_child(void)
{
    if (is_monitor)
        return;
    for (; tasks; tasks = tasks->next)
        tasks->on = false;
    made = false;
    let_go(&lock, has_lock);
    let_go(&gate, has_gate);
}

/* --- the thread's life ---------------------------------------------------- */

/* The application's signals are for its own threads. */
static int make_thread(void)
{
    sigset_t all, before;
    int error;

    if (!prepared && pthread_atfork(before_fork, in_parent, in_child))
        return SEED_ENOMEM;
    prepared = true;
    if (make_condition())
        return SEED_ENOMEM;

    quit = false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        pthread_cond_destroy(&changed);
        return SEED_ENOMEM;
    }
    pthread_setname_np(thread, "seed-monitor");
    made = true;
    return 0;
}

static void end_thread(void)
{
    pthread_mutex_lock(&lock);
    quit = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);

    pthread_join(thread, NULL);
    pthread_cond_destroy(&changed);
    made = false;
}

static void link_in(struct monitored *task)
{
    uint64_t period = task->period * msec;

    /* Tasks of one period are due together: one wake-up serves all of them. */
    pthread_mutex_lock(&lock);
    task->due = (seed_now() / period + 2) * period;
    task->on = true;
    task->next = tasks;
    tasks = task;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void link_out(struct monitored *task)
{
    struct monitored **at = &tasks;

    pthread_mutex_lock(&lock);
    while (*at && *at != task)
        at = &(*at)->next;
    if (*at)
        *at = task->next;
    task->on = false;
    pthread_mutex_unlock(&lock);
}

int seed__monitor_start(struct monitored *task)
{
    int error = 0;

    pthread_mutex_lock(&gate);
    if (!task->on && !made)
        error = make_thread();
    if (!task->on && !error)
        link_in(task);
    pthread_mutex_unlock(&gate);
    return error;
}

void seed__monitor_stop(struct monitored *task)
{
    pthread_mutex_lock(&gate);
    if (task->on)
        link_out(task);
    if (made && !tasks)
        end_thread();
    pthread_mutex_unlock(&gate);
}

uint64_t seed__monitor_cpu(void)
{
    struct timespec time = { 0, 0 };
    clockid_t clock;

    pthread_mutex_lock(&gate);
    if (made && !pthread_getcpuclockid(thread, &clock))
        clock_gettime(clock, &time);
    pthread_mutex_unlock(&gate);
    return (uint64_t)time.tv_sec * 1000 * msec + (uint64_t)time.tv_nsec;
}

void seed__monitor_lock(void)
{
    pthread_mutex_lock(&lock);
}

void seed__monitor_unlock(void)
{
    pthread_mutex_unlock(&lock);
}
