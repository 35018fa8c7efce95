/* SPDX-License-Identifier: MIT */
#include "unit/clinic/sick.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MB 1048576.0

static struct facts facts;
static struct findings findings;

static int found(rule *judge)
{
    findings.count = 0;
    judge(&facts, &findings);
    return findings.count ? (int)findings.list[0].severity : -1;
}

static const struct trend growing = { true, 10 * MB, 9 * MB, 50 * MB,
    130 * MB };

static void finds_memory_that_grows(void **state)
{
    (void)state;
    facts = well();
    assert_int_equal(-1, found(seed__rule_memory));
    facts.heap = growing;
    assert_int_equal(SEED_ISSUE, found(seed__rule_memory));
    assert_string_equal("M1", findings.list[0].id);
    assert_string_equal("hello", findings.list[0].function);

    facts.spans[1] = (struct span_fact){ .kind = "after", .function = "keep",
        .file = "app.c", .line = 40, .allocating = 0.4 };
    facts.span_count = 2;
    found(seed__rule_memory);
    assert_string_equal("keep", findings.list[0].function);
}

static const struct {
    const char *what;
    struct trend heap;
    double clients; /* more than there were */
    int severity;
} heaps[] = {
    { "no trend", { false, 10 * MB, 9 * MB, 50 * MB, 130 * MB }, 0, -1 },
    { "it has stopped", { true, 10 * MB, 0, 50 * MB, 130 * MB }, 0, -1 },
    { "little in all", { true, 0.1 * MB, 0.1 * MB, 50 * MB, 50.9 * MB }, 0,
        -1 },
    { "as clients come", { true, 10 * MB, 9 * MB, 50 * MB, 130 * MB }, 2000,
        -1 },
    { "little a request, much a minute",
        { true, 2 * MB, 2 * MB, 10 * MB, 26 * MB }, 0, SEED_ISSUE },
    { "little of both", { true, 2 * MB, 2 * MB, 5000 * MB, 5016 * MB }, 0,
        -1 },
};

static void knows_growth_from_a_leak(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heaps / sizeof *heaps; i++) {
        facts = well();
        facts.heap = heaps[i].heap;
        facts.clients.last = heaps[i].clients;
        if (found(seed__rule_memory) != heaps[i].severity)
            fail_msg("%s: %d", heaps[i].what, found(seed__rule_memory));
    }
}

static void finds_pressure_on_the_allocator(void **state)
{
    static const struct {
        double allocating, used, mapped;
        int severity;
    } cases[] = {
        { 0.14, 1 * MB, 2 * MB, -1 },
        { 0.15, 1 * MB, 2 * MB, SEED_WARNING },
        { 0.30, 1 * MB, 2 * MB, SEED_ISSUE },
        { 0, 40 * MB, 100 * MB, SEED_WARNING },
        { 0, 60 * MB, 100 * MB, -1 },
        { 0, 1 * MB, 60 * MB, -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        facts = well();
        facts.samples = 900;
        facts.allocating = cases[i].allocating;
        facts.heap_last = cases[i].used;
        facts.mapped_last = cases[i].mapped;
        assert_int_equal(cases[i].severity, found(seed__rule_allocator));
    }
}

/* 100 ms of waiting at 60 us of a processor. */
static struct facts waiting(void)
{
    facts = well();
    facts.ended = 9700;
    facts.busy = 600 * MS;
    facts.loop_cpu = 582 * MS;
    facts.in_flight = 97;
    facts.p50 = 100 * MS;
    facts.p90_turn = MS / 10;
    facts.spans[0].waits = 9700;
    facts.spans[0].waited = 970 * SECOND;
    return facts;
}

static void finds_what_waits(void **state)
{
    (void)state;
    facts = waiting();
    assert_int_equal(SEED_ISSUE, found(seed__rule_io));
    assert_string_equal("io", findings.list[0].category);
    assert_string_equal("GET /", findings.list[0].route);
    assert_non_null(strstr(findings.list[0].sentence, "wait 100 ms"));
}

static void knows_io_from_a_turn(void **state)
{
    (void)state;
    facts = waiting();
    facts.busy = 6 * SECOND; /* the loop is what they wait for */
    assert_int_equal(-1, found(seed__rule_io));
    facts = waiting();
    facts.in_flight = 1.5;
    assert_int_equal(-1, found(seed__rule_io));
    facts = waiting();
    facts.spans[0].waits = 0; /* nobody waits */
    assert_int_equal(-1, found(seed__rule_io));
    facts = waiting();
    facts.spans[0].waited = 9700 * MS; /* for the next turn, 1 ms */
    assert_int_equal(-1, found(seed__rule_io));
    facts = waiting();
    facts.p90_turn = 40 * MS;
    assert_int_equal(-1, found(seed__rule_io));
    facts = waiting();
    facts.p50 = MS / 2;
    assert_int_equal(-1, found(seed__rule_io));
}

static void finds_slow_clients(void **state)
{
    (void)state;
    facts = well();
    facts.backlog = growing;
    facts.backlog_most = MB / 2;
    assert_int_equal(-1, found(seed__rule_slow_clients));
    facts.backlog_most = 200 * MB;
    assert_int_equal(SEED_WARNING, found(seed__rule_slow_clients));
    facts.backlog.rises = false;
    assert_int_equal(-1, found(seed__rule_slow_clients));
}

static void finds_handles(void **state)
{
    (void)state;
    facts = well();
    assert_int_equal(-1, found(seed__rule_handles));
    facts.handles = (struct trend){ true, 5, 5, 10, 15 };
    assert_int_equal(-1, found(seed__rule_handles));
    facts.handles.last = 60;
    assert_int_equal(SEED_ISSUE, found(seed__rule_handles));
    facts.handles.late = 0;
    assert_int_equal(-1, found(seed__rule_handles));
    facts.fds_most = 820;
    assert_int_equal(SEED_WARNING, found(seed__rule_handles));
    facts.fds_limit = 0;
    assert_int_equal(-1, found(seed__rule_handles));
}

static void finds_churn_and_shedding(void **state)
{
    (void)state;
    facts = well();
    assert_int_equal(-1, found(seed__rule_churn));
    facts.opened = 95000;
    assert_int_equal(SEED_WARNING, found(seed__rule_churn));
    facts.ended = facts.opened = 300; /* 30 a second are no matter */
    assert_int_equal(-1, found(seed__rule_churn));

    facts = well();
    facts.shed = 1000;
    assert_int_equal(-1, found(seed__rule_shed));
    facts.shed = 2000;
    assert_int_equal(SEED_WARNING, found(seed__rule_shed));
    facts.shed = 6000;
    assert_int_equal(SEED_ISSUE, found(seed__rule_shed));
    assert_string_equal("overload", findings.list[0].category);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_memory_that_grows),
        cmocka_unit_test(knows_growth_from_a_leak),
        cmocka_unit_test(finds_pressure_on_the_allocator),
        cmocka_unit_test(finds_what_waits),
        cmocka_unit_test(knows_io_from_a_turn),
        cmocka_unit_test(finds_slow_clients),
        cmocka_unit_test(finds_handles),
        cmocka_unit_test(finds_churn_and_shedding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
