/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static seed_server one, two;
static seed_worker workers[] = { { .server = &one }, { .server = &two },
    { .server = &two } };

static void knows_the_workers_of_a_thread(void **state)
{
    (void)state;
    assert_null(seed_current_worker());
    assert_null(seed__worker_here(NULL));
    assert_null(seed__worker_here(&one));

    seed__worker_enter(&workers[0]);
    assert_ptr_equal(seed_current_worker(), &workers[0]);
    assert_ptr_equal(seed__worker_here(&one), &workers[0]);
    assert_null(seed__worker_here(&two));

    seed__worker_enter(&workers[1]);
    assert_ptr_equal(seed_current_worker(), &workers[1]);
    assert_ptr_equal(seed__worker_here(&one), &workers[0]);
    assert_ptr_equal(seed__worker_here(&two), &workers[1]);

    seed__worker_leave(&workers[0]); /* not the innermost one */
    assert_ptr_equal(seed_current_worker(), &workers[1]);
    assert_null(seed__worker_here(&one));
    seed__worker_leave(&workers[0]); /* it is not there */
    seed__worker_leave(&workers[1]);
    assert_null(seed_current_worker());
}

static void *look(void *ctx)
{
    (void)ctx;
    return seed_current_worker() ? NULL : seed__worker_here(&one);
}

static void is_silent_about_other_threads(void **state)
{
    pthread_t thread;
    void *seen = &thread;

    (void)state;
    seed__worker_enter(&workers[0]);
    pthread_create(&thread, NULL, look, NULL);
    pthread_join(thread, &seen);
    assert_null(seen);
    seed__worker_leave(&workers[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_workers_of_a_thread),
        cmocka_unit_test(is_silent_about_other_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
