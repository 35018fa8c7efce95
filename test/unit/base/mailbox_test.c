/* SPDX-License-Identifier: MIT */
#include "base/mailbox.h"

#include "unit/failing.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct note {
    struct task task; /* first: a task is its note */
    int number;
};

static atomic_int wakes;
static int order[64], run_count;

static void count_wake(void *ctx)
{
    (void)ctx;
    wakes++;
}

static void write_down(struct task *task)
{
    order[run_count++] = ((struct note *)(void *)task)->number;
}

static struct mailbox *open_box(void)
{
    struct mailbox *box = seed__mailbox_new(count_wake, NULL);

    assert_non_null(box);
    wakes = 0;
    run_count = 0;
    return box;
}

static void runs_tasks_in_order(void **state)
{
    struct mailbox *box = open_box();
    struct note notes[5];

    (void)state;
    seed__mailbox_run(box);
    assert_int_equal(run_count, 0);
    for (int i = 0; i < 5; i++) {
        notes[i] = (struct note){ { NULL, write_down }, i };
        assert_true(seed__mailbox_post(box, &notes[i].task));
    }
    assert_int_equal(wakes, 1);
    assert_int_equal(run_count, 0);

    seed__mailbox_run(box);
    assert_int_equal(run_count, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(order[i], i);
    seed__mailbox_run(box);
    assert_int_equal(run_count, 5);

    assert_true(seed__mailbox_post(box, &notes[0].task));
    assert_int_equal(wakes, 2);
    seed__mailbox_close(box);
    seed__mailbox_drop(box);
}

static struct {
    struct mailbox *box;
    struct note again;
} poster;

static void post_again(struct task *task)
{
    write_down(task);
    poster.again = (struct note){ { NULL, write_down }, 99 };
    assert_true(seed__mailbox_post(poster.box, &poster.again.task));
}

static void leaves_what_tasks_post_for_the_next_run(void **state)
{
    struct note note = { { NULL, post_again }, 1 };

    (void)state;
    poster.box = open_box();
    assert_true(seed__mailbox_post(poster.box, &note.task));
    seed__mailbox_run(poster.box);
    assert_int_equal(run_count, 1);
    assert_int_equal(wakes, 2);
    seed__mailbox_run(poster.box);
    assert_int_equal(run_count, 2);
    assert_int_equal(order[1], 99);
    seed__mailbox_close(poster.box);
    seed__mailbox_drop(poster.box);
}

static void runs_the_rest_when_it_closes(void **state)
{
    struct mailbox *box = open_box();
    struct note notes[2] = { { { NULL, write_down }, 1 },
        { { NULL, write_down }, 2 } };

    (void)state;
    assert_true(seed__mailbox_post(box, &notes[0].task));
    seed__mailbox_close(box);
    assert_int_equal(run_count, 1);
    assert_false(seed__mailbox_post(box, &notes[1].task));
    seed__mailbox_run(box);
    seed__mailbox_close(box);
    assert_int_equal(run_count, 1);
    assert_int_equal(wakes, 1);
    seed__mailbox_drop(box);
}

static void lives_while_it_is_held(void **state)
{
    struct mailbox *box = open_box();
    struct note note = { { NULL, write_down }, 1 };
    long live = failing.live;

    (void)state;
    seed__mailbox_hold(box);
    seed__mailbox_close(box);
    seed__mailbox_drop(box);
    assert_int_equal(failing.live, live);
    assert_false(seed__mailbox_post(box, &note.task));
    seed__mailbox_drop(box);
    assert_int_equal(failing.live, live - 1);
    seed__mailbox_drop(NULL);
}

static void tells_when_memory_is_exhausted(void **state)
{
    (void)state;
    failing.left = 0;
    assert_null(seed__mailbox_new(count_wake, NULL));
    failing.left = -1;
}

enum { POSTERS = 4, POSTS = 5000 };

static struct {
    struct mailbox *box;
    atomic_bool woken, gone;
    atomic_int late_wakes, refused, done;
    struct note notes[POSTERS][POSTS];
    int next[POSTERS];
} storm;

static void wake_storm(void *ctx)
{
    (void)ctx;
    if (storm.gone)
        storm.late_wakes++;
    storm.woken = true;
}

static void run_in_storm(struct task *task)
{
    int number = ((struct note *)(void *)task)->number;
    int who = number / POSTS;

    /* Each poster's tasks keep their order. */
    if (storm.next[who] == number % POSTS)
        storm.next[who]++;
}

static void *post_storm(void *ctx)
{
    int who = *(int *)ctx;

    for (int i = 0; i < POSTS; i++) {
        struct note *note = &storm.notes[who][i];

        *note = (struct note){ { NULL, run_in_storm }, who * POSTS + i };
        if (!seed__mailbox_post(storm.box, &note->task))
            storm.refused++;
    }
    storm.done++;
    seed__mailbox_drop(storm.box);
    return NULL;
}

/* Posters against a reader that closes after `stop` runs, or never early:
 * every task is run in order or refused, and no wake comes after close. */
static void weather(int stop)
{
    pthread_t threads[POSTERS];
    int who[POSTERS], ran = 0;

    memset(&storm, 0, sizeof storm);
    storm.box = seed__mailbox_new(wake_storm, NULL);
    assert_non_null(storm.box);
    for (int i = 0; i < POSTERS; i++) {
        who[i] = i;
        seed__mailbox_hold(storm.box);
        assert_int_equal(
            pthread_create(&threads[i], NULL, post_storm, &who[i]), 0);
    }
    while (stop-- && storm.done < POSTERS) {
        if (atomic_exchange(&storm.woken, false))
            seed__mailbox_run(storm.box);
        sched_yield();
    }
    seed__mailbox_close(storm.box);
    storm.gone = true;
    seed__mailbox_drop(storm.box);

    for (int i = 0; i < POSTERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        ran += storm.next[i];
    }
    assert_int_equal(ran + storm.refused, POSTERS * POSTS);
    assert_int_equal(storm.late_wakes, 0);
}

static void stands_a_storm_of_posts(void **state)
{
    (void)state;
    weather(-1);
    assert_int_equal(storm.refused, 0);
    for (int i = 0; i < 50; i++)
        weather(i);
}

static int start(void **state)
{
    (void)state;
    return failing_install();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_tasks_in_order),
        cmocka_unit_test(leaves_what_tasks_post_for_the_next_run),
        cmocka_unit_test(runs_the_rest_when_it_closes),
        cmocka_unit_test(lives_while_it_is_held),
        cmocka_unit_test(tells_when_memory_is_exhausted),
        cmocka_unit_test(stands_a_storm_of_posts),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
