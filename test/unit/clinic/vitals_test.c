/* SPDX-License-Identifier: MIT */
#include "clinic/vitals.h"

#include <seed/async.h>

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void knows_the_process(void **state)
{
    struct vitals vitals;
    uint64_t before;
    double fds;
    int opened[20];

    (void)state;
    seed__vitals_open(&vitals);
    seed__vitals_look(&vitals, seed_now());
    assert_true(vitals.rss > 100000);
    assert_true(vitals.fds >= 3 && vitals.fds < 200);
    assert_true(!isnan(vitals.heap) && vitals.mapped >= vitals.heap);
    before = vitals.cpu;
    fds = vitals.fds;

    /* What costs more is not asked again at once. */
    for (int i = 0; i < 20; i++)
        opened[i] = open("/dev/null", O_RDONLY);
    seed__vitals_look(&vitals, seed_now());
    assert_true(fabs(vitals.fds - fds) < 0.5);
    while (seed_now() < vitals.fds_due)
        usleep(1000);
    seed__vitals_look(&vitals, seed_now());
    assert_true(vitals.fds > fds + 19.5 && vitals.fds < fds + 20.5);
    assert_true(vitals.cpu > before);
    for (int i = 0; i < 20; i++)
        close(opened[i]);
    seed__vitals_close(&vitals);
    seed__vitals_close(&vitals);
    assert_true(seed__vitals_most_fds() > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(knows_the_process) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
