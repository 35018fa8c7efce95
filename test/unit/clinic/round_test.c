/* SPDX-License-Identifier: MIT */
#include "unit/clinic/clinical.h"

#include "clinic/round.h"
#include "watch/monitor.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct round round_of;

static struct step look(void)
{
    struct step step;

    seed__monitor_lock();
    seed__round_look(&round_of, seed_now(), &step);
    seed__monitor_unlock();
    return step;
}

/* Each look has what was since the last one; together they have all. */
static void tells_what_was_since(void **state)
{
    seed_server *server = clinical(1);
    struct served served;
    struct step step;

    (void)state;
    assert_int_equal(0, seed_doctor_prepare(server));
    seed__round_begin(&round_of, seed__exam_of(server));
    open_clinical(&served, server);
    look(); /* a worker is known from here on */
    assert_int_equal(1, round_of.workers);

    ask_often(server, "/", 5);
    ask_often(server, "/sleep", 1);
    sleep_ms(20);
    step = look();
    assert_int_equal(6, step.sums[SUM_BEGUN]);
    assert_int_equal(6, step.sums[SUM_ENDED]);
    assert_int_equal(6, step.sums[SUM_OPENED]);
    assert_int_equal(0, step.sums[SUM_SHED]);
    assert_true(step.sums[SUM_BUSY] >= 115000000);
    assert_true(step.delay >= 110000000);
    assert_true(step.length > 0.12);
    assert_true(step.levels[LEVEL_RSS] > 0);
    assert_true(seed__step_latency(&step, 1) >= 110000000);

    ask_often(server, "/refuse", 2);
    sleep_ms(20);
    step = look();
    assert_int_equal(2, step.sums[SUM_ENDED]);
    assert_int_equal(2, step.sums[SUM_SHED]);
    assert_int_equal(2, step.sums[SUM_ERRORS]);
    assert_true(step.delay < 110000000);

    /* A worker that has stopped is still counted. */
    assert_int_equal(0, serve_stop(&served));
    step = look();
    assert_int_equal(0, step.sums[SUM_ENDED]);
    assert_true(fabs(step.levels[LEVEL_IN_FLIGHT]) < 0.1);
    seed__round_end(&round_of);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_was_since),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
