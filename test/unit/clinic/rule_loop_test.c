/* SPDX-License-Identifier: MIT */
#include "unit/clinic/sick.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct facts facts;
static struct findings findings;

/* The severity that a rule gives, -1: it finds nothing. */
static int found(rule *judge)
{
    findings.count = 0;
    judge(&facts, &findings);
    return findings.count ? (int)findings.list[0].severity : -1;
}

static const struct finding *first(void)
{
    return findings.list;
}

static void names_the_leak(void **state)
{
    (void)state;
    facts = leaking();
    assert_int_equal(SEED_ISSUE, found(seed__rule_leak));
    assert_string_equal("L1", first()->id);
    assert_string_equal("store_etag", first()->function);
    assert_string_equal("slow.c", first()->file);
    assert_int_equal(28, first()->line);
    assert_string_equal("use: etagger", first()->where);
    assert_non_null(strstr(first()->sentence, "400 times in 400 requests"));
    assert_true(first()->share > 0.96 && first()->share < 0.98);
}

/* Members, how many of them are new, requests, calls of what adds them. */
static const struct {
    const char *what;
    uint64_t members, grown, begun, calls;
    double connections;
    int severity;
} leaks[] = {
    { "one a request", 400, 400, 400, 400, 100, SEED_ISSUE },
    { "the first eleven", 25, 25, 25, 25, 1, SEED_ISSUE },
    { "ten", 10, 10, 10, 10, 1, -1 },
    { "eleven in eleven requests", 11, 11, 11, 11, 1, -1 },
    { "one route of many", 50, 50, 100000, 50, 1, SEED_ISSUE },
    { "a hook for each connection", 100, 100, 100000, 100000, 100, -1 },
    { "many that were there before", 500, 0, 400, 400, 1, -1 },
    { "half of the requests", 5000, 5000, 10000, 10000, 100, SEED_ISSUE },
    { "one of 100 requests", 1000, 1000, 100000, 100000, 100, -1 },
};

static void knows_a_leak_from_a_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof leaks / sizeof *leaks; i++) {
        facts = leaking();
        facts.begun = facts.ended = leaks[i].begun;
        facts.growths[0].members = leaks[i].members;
        facts.growths[0].grown = leaks[i].grown;
        facts.spans[1].calls = leaks[i].calls;
        facts.connections = leaks[i].connections;
        if (found(seed__rule_leak) != leaks[i].severity)
            fail_msg("%s: %d", leaks[i].what, found(seed__rule_leak));
    }
}

static void a_cheap_leak_is_a_warning(void **state)
{
    (void)state;
    facts = leaking();
    facts.growths[0].members = facts.growths[0].grown = facts.begun = 40;
    facts.spans[0].self = MS;
    assert_int_equal(SEED_WARNING, found(seed__rule_leak));
}

static void blames_who_blocks(void **state)
{
    (void)state;
    facts = blocking();
    assert_int_equal(SEED_ISSUE, found(seed__rule_blocked));
    assert_string_equal("hello", first()->function);
    assert_string_equal("GET /", first()->route);
    assert_non_null(strstr(first()->sentence, "it computes"));

    facts.long_waited = 9 * SECOND;
    facts.long_computed = SECOND;
    facts.held[0] = (struct held){ .function = "hello",
        .call = "read of /tmp/slow" };
    facts.held_count = 1;
    found(seed__rule_blocked);
    assert_non_null(strstr(first()->sentence, "waits in system calls"));
    assert_string_equal("it sleeps in read of /tmp/slow",
        first()->evidence[3]);
}

/* A timer's stalls: no handler is to blame. */
static void blames_what_is_no_handler(void **state)
{
    (void)state;
    facts = well();
    facts.over_10 = facts.over_42 = facts.over_100 = 800 * MS;
    facts.times_100 = 4;
    facts.long_computed = 800 * MS;
    facts.longest = facts.longest_net = 200 * MS;
    facts.held[0] = (struct held){ .function = "hello", .time = SECOND };
    facts.held[1] = (struct held){ .frame = "clean_up", .time = MS };
    facts.held_count = 2;
    assert_int_equal(SEED_ISSUE, found(seed__rule_blocked));
    assert_string_equal("clean_up", first()->function);
    assert_non_null(strstr(first()->where, "no handler"));

    facts.outside = (struct top_fact){ .name = "sweep", .file = "app.c",
        .line = 30, .self = 0.1 };
    found(seed__rule_blocked);
    assert_string_equal("sweep", first()->function);
    assert_int_equal(30, first()->line);
}

static const struct {
    const char *what;
    uint64_t p50, over_42, over_100;
    double times, times_42;
    int severity;
} turns[] = {
    { "short turns", MS, 0, 0, 0, 0, -1 },
    { "once 120 ms", MS, 60 * MS, 60 * MS, 0.9, 1, SEED_WARNING },
    { "one of 100 in 100 ms", MS, 100 * MS, 100 * MS, 1, 1, SEED_ISSUE },
    { "half in 10 ms", 10 * MS, 0, 0, 0, 0, SEED_ISSUE },
    { "a part in 42 ms", MS, 500 * MS, 0, 0, 2, SEED_ISSUE },
    { "less of it", MS, 400 * MS, 0, 0, 2, -1 },
    { "less, but again and again", MS, 400 * MS, 0, 0, 8, SEED_ISSUE },
    { "three in a long time", MS, 90 * MS, 0, 0, 3, -1 },
};

static void keeps_the_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        facts = blocking();
        facts.p50_net = turns[i].p50;
        facts.over_42 = turns[i].over_42;
        facts.over_100 = turns[i].over_100;
        facts.times_100 = turns[i].times;
        facts.times_42 = turns[i].times_42;
        if (found(seed__rule_blocked) != turns[i].severity)
            fail_msg("%s: %d", turns[i].what, found(seed__rule_blocked));
    }
}

/* Many connections make a long turn of many short calls. */
static void a_crowd_blocks_nothing(void **state)
{
    (void)state;
    facts = well();
    facts.connections = 5000;
    facts.p50_net = facts.longest_net = 300 * MS;
    facts.over_42 = facts.over_100 = facts.over_10 = 6 * SECOND;
    facts.times_100 = 20;
    assert_int_equal(-1, found(seed__rule_blocked));
    facts.connections = 100;
    assert_int_equal(SEED_ISSUE, found(seed__rule_blocked));
}

/* Calls that others' work made long: the machine's, and a full loop's turn. */
static void a_starved_call_is_not_slow(void **state)
{
    (void)state;
    facts = well();
    facts.busy = 10 * SECOND;
    facts.starved = 5 * SECOND;
    facts.p50_net = 15 * MS;
    facts.longest_net = 30 * MS;
    facts.over_10 = 4 * SECOND;
    facts.spans[0].self = 9 * SECOND;
    facts.spans[0].slow = 4600 * MS;
    facts.ended = 15000;
    assert_int_equal(-1, found(seed__rule_blocked));
    facts.starved = 0;
    assert_int_equal(SEED_ISSUE, found(seed__rule_blocked));
}

/* What the leak explains is not said twice. */
static void a_leak_is_not_a_blocked_loop(void **state)
{
    (void)state;
    facts = leaking();
    findings.count = 0;
    seed__rule_leak(&facts, &findings);
    seed__rule_blocked(&facts, &findings);
    seed__rule_amplified(&facts, &findings);
    assert_int_equal(1, findings.count);
}

static void notes_the_machine(void **state)
{
    static const struct {
        uint64_t starved;
        int severity;
    } shares[] = { { 0, -1 }, { 1199 * MS, -1 }, { 1200 * MS, SEED_NOTE },
        { 3 * SECOND, SEED_WARNING } };

    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        facts = well();
        facts.starved = shares[i].starved;
        assert_int_equal(shares[i].severity, found(seed__rule_starved));
    }
}

static void notes_a_full_loop(void **state)
{
    (void)state;
    facts = well();
    assert_int_equal(-1, found(seed__rule_full));
    facts.median_utilisation = 0.95;
    assert_int_equal(SEED_NOTE, found(seed__rule_full));
    assert_non_null(strstr(first()->sentence, "10000 requests a second"));

    facts = blocking();
    findings.count = 0;
    seed__rule_blocked(&facts, &findings);
    seed__rule_full(&facts, &findings);
    assert_int_equal(1, findings.count);
}

static void finds_amplification(void **state)
{
    (void)state;
    facts = well();
    facts.spans[0].calls = 300000;
    assert_int_equal(SEED_ISSUE, found(seed__rule_amplified));
    assert_non_null(strstr(first()->sentence, "3.0 times a request"));
    facts.spans[0].calls = 200000;
    assert_int_equal(-1, found(seed__rule_amplified));
    facts.spans[0].calls = 300000;
    facts.spans[0].self = 500 * MS;
    assert_int_equal(-1, found(seed__rule_amplified));
    facts.spans[0].self = SECOND;
    facts.spans[0].requests = 0; /* a hook that belongs to none */
    assert_int_equal(-1, found(seed__rule_amplified));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_leak),
        cmocka_unit_test(knows_a_leak_from_a_list),
        cmocka_unit_test(a_cheap_leak_is_a_warning),
        cmocka_unit_test(blames_who_blocks),
        cmocka_unit_test(blames_what_is_no_handler),
        cmocka_unit_test(keeps_the_limits),
        cmocka_unit_test(a_crowd_blocks_nothing),
        cmocka_unit_test(a_starved_call_is_not_slow),
        cmocka_unit_test(a_leak_is_not_a_blocked_loop),
        cmocka_unit_test(notes_the_machine),
        cmocka_unit_test(notes_a_full_loop),
        cmocka_unit_test(finds_amplification),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
