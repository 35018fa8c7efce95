/* SPDX-License-Identifier: MIT */
#include "unit/clinic/sick.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct findings findings;
static struct verdict verdict;

static void judge(struct facts facts)
{
    seed__rules_judge(&facts, &findings, &verdict);
}

static void nothing_is_wrong_with_the_healthy(void **state)
{
    struct facts facts = well();

    (void)state;
    judge(facts);
    assert_int_equal(0, findings.count);
    assert_string_equal("none", verdict.category);
    assert_string_equal("N0", verdict.id);
    assert_int_equal(0, verdict.status);

    /* Full, and starved by the load's own program: notes. */
    facts.median_utilisation = 1;
    facts.starved = 2 * SECOND;
    facts.p99 = 400 * MS;
    judge(facts);
    assert_int_equal(2, findings.count);
    assert_string_equal("none", verdict.category);
    assert_int_equal(0, verdict.status);
}

static void the_worst_leads(void **state)
{
    struct facts facts = leaking();

    (void)state;
    facts.shed = 10;
    judge(facts);
    assert_string_equal("event-loop", verdict.category);
    assert_string_equal("L1", verdict.id);
    assert_int_equal(1, verdict.status);
    for (size_t i = 1; i < findings.count; i++)
        assert_true(findings.list[i].severity
            <= findings.list[i - 1].severity);
}

static const struct {
    const char *what;
    double to;
    uint64_t begun;
    const char *says;
} short_ones[] = {
    { "idle", 1, 0, "No load was seen in 12.0 s" },
    { "half a second", 1.5, 5000, "1.5 s more are needed" },
    { "ten requests", 11, 10, "40 more are needed" },
};

static void says_how_much_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof short_ones / sizeof *short_ones; i++) {
        struct facts facts = well();

        facts.to = short_ones[i].to;
        facts.begun = facts.ended = short_ones[i].begun;
        facts.p99 = SECOND;
        facts.shed = facts.ended;
        judge(facts);
        assert_string_equal("not-enough", verdict.category);
        assert_int_equal(0, verdict.status);
        if (!strstr(verdict.sentence, short_ones[i].says))
            fail_msg("%s: %s", short_ones[i].what, verdict.sentence);
    }
}

/* A loop that is blocked serves few requests: that is no excuse. */
static void is_sure_of_some_things_early(void **state)
{
    struct facts facts = blocking();

    (void)state;
    facts.begun = facts.ended = 5;
    judge(facts);
    assert_string_equal("E1", verdict.id);
    facts = leaking();
    facts.begun = facts.ended = facts.growths[0].grown = 30;
    judge(facts);
    assert_string_equal("L1", verdict.id);
}

static void says_when_it_does_not_know(void **state)
{
    struct facts facts = well();

    (void)state;
    facts.p99 = 260 * MS;
    judge(facts);
    assert_string_equal("unknown", verdict.category);
    assert_string_equal("U0", verdict.id);
    assert_int_equal(0, verdict.status);
    assert_int_equal(1, findings.count);

    facts.p99 = 110 * MS;
    facts.p50 = 20 * MS;
    judge(facts);
    assert_string_equal("none", verdict.category);
    facts.p50 = 5 * MS;
    judge(facts);
    assert_string_equal("unknown", verdict.category);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong_with_the_healthy),
        cmocka_unit_test(the_worst_leads),
        cmocka_unit_test(says_how_much_is_missing),
        cmocka_unit_test(is_sure_of_some_things_early),
        cmocka_unit_test(says_when_it_does_not_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
