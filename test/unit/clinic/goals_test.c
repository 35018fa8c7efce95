/* SPDX-License-Identifier: MIT */
#include "clinic/goals.h"

#include <seed/doctor.h>

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 100 requests a second for 10 s. */
static struct facts facts = { .from = 1, .to = 11, .ended = 1000,
    .p50 = 2000000, .p90 = 5000000, .p99 = 20000000, .slowest = 90000000,
    .longest = 70000000, .process_cpu = 5000000000,
    .rss_most = 50 * 1048576.0, .statuses = { [5] = 3 } };

static const struct {
    const char *goal;
    bool met;
    const char *shortfall; /* of the first that is missed */
} goals[] = {
    { "rps>=100", true, "" },
    { "rps>100", false, "rps is 100: 0 too little" },
    { "rps >= 4000 , p99<=20ms", false, "rps is 100: 3900 too little" },
    { "rps>=99.5rps,rps>=1/s", true, "" },
    { "p50<=2,p90<=5ms,p99<=0.02s,max<=90000us", true, "" },
    { "p99<20ms", false, "p99 is 20 ms: 0 ms too much" },
    { "delay<=50ms", false, "delay is 70 ms: 20 ms too much" },
    { "cpu<=50%,cpu>=50", true, "" },
    { "rss<=49MB", false, "rss is 50 MB: 1 MB too much" },
    { "rss<=1GB,rss>=1KB", true, "" },
    { "errors<=2", false, "errors is 3: 1 too much" },
};

static void judges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
        struct goals parsed;
        char why[200] = "";
        size_t missed = 0;

        if (!seed__goals_parse(&parsed, goals[i].goal, why, sizeof why))
            fail_msg("%s: %s", goals[i].goal, why);
        assert_int_equal(goals[i].met, seed__goals_judge(&parsed, &facts));
        while (missed + 1 < parsed.count && parsed.list[missed].met)
            missed++;
        assert_string_equal(goals[i].shortfall,
            parsed.list[missed].shortfall);
    }
}

static void misses_what_nobody_was_asked(void **state)
{
    static const char *const of_answers[] = { "p50<=1s", "p90<=1s", "p99<=1s",
        "max<1s", "errors<=0" };
    static const struct facts silence = { .from = 1, .to = 11, .begun = 3 };
    struct goals parsed;

    (void)state;
    for (size_t i = 0; i < sizeof of_answers / sizeof *of_answers; i++) {
        assert_true(seed__goals_parse(&parsed, of_answers[i], NULL, 0));
        assert_false(seed__goals_judge(&parsed, &silence));
        assert_non_null(strstr(parsed.list[0].shortfall, "no request ended"));
    }
    assert_true(seed__goals_parse(&parsed, "rss<=1GB,delay<=1,cpu<=1", NULL,
        0));
    assert_true(seed__goals_judge(&parsed, &silence));
}

static const struct {
    const char *goal, *why;
} wrong[] = {
    { "", "say rps" },
    { "speed>=1", "say rps" },
    { "rps=4", "say >=" },
    { "rps>=", "a number" },
    { "rps>=-1", "a number" },
    { "rps>=4000ms", "the unit" },
    { "p99<=20MB", "the unit" },
    { "rps>=4000,", "say rps" },
    { "rps>=4000 p99<=1", "the unit" },
    { "rps>=4000rps p99<=1", "commas" },
    { "rps>=1,rps>=1,rps>=1,rps>=1,rps>=1,rps>=1,rps>=1,rps>=1,rps>=1,rps>=1,"
        "rps>=1,rps>=1,rps>=1", "too many" },
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct goals parsed;
        char why[240] = "";

        assert_false(seed__goals_parse(&parsed, wrong[i].goal, why,
            sizeof why));
        if (!strstr(why, wrong[i].why) || !strstr(why, "The goal"))
            fail_msg("%s: %s", wrong[i].goal, why);
        assert_int_equal(0, parsed.count);
        assert_false(seed_doctor_check_goal(wrong[i].goal, NULL, 0));
    }
    assert_true(seed_doctor_check_goal("rps>=1", NULL, 0));
    assert_false(seed_doctor_check_goal(NULL, NULL, 0));
}

static void keeps_their_text(void **state)
{
    struct goals parsed;

    (void)state;
    assert_true(seed__goals_parse(&parsed, " rps>=1 ,\tp99 <= 2 ms ", NULL,
        0));
    assert_int_equal(2, parsed.count);
    assert_string_equal("rps>=1", parsed.list[0].text);
    assert_string_equal("p99 <= 2 ms", parsed.list[1].text);
    assert_string_equal("p99", seed__goal_metric(&parsed.list[1]));
    assert_true(seed__goals_parse(&parsed, NULL, NULL, 0));
    assert_int_equal(0, parsed.count);
    assert_true(seed__goals_judge(&parsed, &facts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges),
        cmocka_unit_test(misses_what_nobody_was_asked),
        cmocka_unit_test(refuses),
        cmocka_unit_test(keeps_their_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
