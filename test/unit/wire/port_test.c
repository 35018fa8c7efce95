/* SPDX-License-Identifier: MIT */
/* Turns, timers and what comes from other threads. */
#include "unit/wire/rig.h"

#include <pthread.h>
#include <unistd.h>

static struct rig rig;
static struct port *port;
static char order[256];

static int open_all(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    port = seed__loop_port(rig.loop);
    order[0] = '\0';
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

struct job {
    struct task task; /* first */
    char name;
    struct job *soon, *later; /* asked for when it runs */
};

static void run_job(struct task *task)
{
    struct job *job = (struct job *)task;
    size_t length = strlen(order);

    order[length] = job->name;
    order[length + 1] = '\0';
    if (job->soon)
        port->ops->soon(port, &job->soon->task);
    if (job->later)
        port->ops->defer(port, &job->later->task);
}

static void turn(void)
{
    event_base_loop(seed__loop_base(rig.loop),
        EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void on_ready(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
    strcat(order, "!");
}

/* Soon is this turn, later the next one, behind the sockets that are ready. */
static void runs_tasks_in_their_turn(void **state)
{
    struct job c = { { NULL, run_job }, 'c', NULL, NULL };
    struct job d = { { NULL, run_job }, 'd', NULL, NULL };
    struct job b = { { NULL, run_job }, 'b', NULL, &d };
    struct job a = { { NULL, run_job }, 'a', &c, &b };
    struct event ready;
    int ends[2];

    (void)state;
    assert_int_equal(0, pipe(ends));
    event_assign(&ready, seed__loop_base(rig.loop), ends[0], EV_READ,
        on_ready, NULL);
    event_add(&ready, NULL);
    port->ops->soon(port, &a.task);
    turn();
    assert_string_equal("ac", order);
    assert_int_equal(1, write(ends[1], "x", 1));
    turn();
    assert_string_equal("ac!b", order);
    turn();
    assert_string_equal("ac!bd", order);
    close(ends[0]);
    close(ends[1]);
}

static void what_is_left_runs_at_the_end(void **state)
{
    struct job b = { { NULL, run_job }, 'b', NULL, NULL };
    struct job a = { { NULL, run_job }, 'a', &b, NULL };

    (void)state;
    port->ops->defer(port, &a.task);
    seed__loop_close(rig.loop);
    assert_string_equal("ab", order);
}

struct clock_job {
    struct port_timer *timer;
    unsigned fired, stop_at;
};

static void on_time(void *ctx)
{
    struct clock_job *job = ctx;

    if (++job->fired == job->stop_at)
        port->ops->timer_stop(port, job->timer);
}

static void turn_for(unsigned ms)
{
    for (unsigned i = 0; i < ms; i++) {
        turn();
        usleep(1000);
    }
}

static void timers_fire_and_stop(void **state)
{
    struct clock_job once = { NULL, 0, 0 }, often = { NULL, 0, 3 };
    struct clock_job left = { NULL, 0, 0 }, busy = { NULL, 0, 2 };

    (void)state;
    once.timer = port->ops->timer_start(port, 2, false, on_time, &once);
    often.timer = port->ops->timer_start(port, 2, true, on_time, &often);
    busy.timer = port->ops->timer_start(port, 0, true, on_time, &busy);
    left.timer = port->ops->timer_start(port, 100000, false, on_time, &left);
    assert_non_null(left.timer);
    turn_for(60);
    assert_int_equal(1, once.fired);
    assert_int_equal(3, often.fired);
    assert_int_equal(2, busy.fired);
    assert_int_equal(0, left.fired);
    port->ops->timer_stop(port, once.timer);
    port->ops->timer_stop(port, NULL);
}

static struct job mailed = { { NULL, run_job }, 'm', NULL, NULL };
static bool there;

static void *post(void *ctx)
{
    there = port->ops->here(port);
    seed__mailbox_post(ctx, &mailed.task);
    return NULL;
}

static void other_threads_wake_the_loop(void **state)
{
    pthread_t thread;

    (void)state;
    assert_true(port->ops->here(port));
    assert_int_equal(0, pthread_create(&thread, NULL, post, port->box));
    assert_int_equal(0, seed__loop_turn(rig.loop));
    pthread_join(thread, NULL);
    assert_string_equal("m", order);
    assert_false(there);
}

static void nothing_is_posted_to_a_loop_that_ended(void **state)
{
    struct mailbox *box = port->box;

    (void)state;
    seed__mailbox_hold(box);
    rig_close(&rig);
    assert_false(seed__mailbox_post(box, &mailed.task));
    seed__mailbox_drop(box);
    open_all(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(runs_tasks_in_their_turn),
        TEST(what_is_left_runs_at_the_end),
        TEST(timers_fire_and_stop),
        TEST(other_threads_wake_the_loop),
        TEST(nothing_is_posted_to_a_loop_that_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
