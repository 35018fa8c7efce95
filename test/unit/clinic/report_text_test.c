/* SPDX-License-Identifier: MIT */
#include "clinic/report.h"

#include "unit/clinic/sick.h"
#include "unit/comma.h"

#include <seed/server.h>

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct report report;

static char *text_of(struct facts facts, const char *goal)
{
    char *text;
    size_t length;

    report.facts = facts;
    assert_true(seed__goals_parse(&report.goals, goal, NULL, 0));
    seed__report_judge(&report);
    text = seed__report_text(&report, &length);
    assert_non_null(text);
    assert_int_equal(strlen(text), length);
    return text;
}

/* 80 columns and some twenty lines at most. */
static void fits(const char *text)
{
    unsigned lines = 0;

    for (; *text; lines++) {
        size_t width = strcspn(text, "\n");

        assert_true(!width || text[width - 1] != ' ');
        if (width > 80)
            fail_msg("%zu columns: %.*s", width, (int)width, text);
        text += width + (text[width] == '\n');
    }
    assert_true(lines <= 24);
}

/* Host programs speak their users' language. */
static void ignores_the_locale(void **state)
{
    char *plain = text_of(leaking(), "p99<=1.5ms"), *text;

    (void)state;
    assert_non_null(strstr(plain, "1.5"));
    assert_true(comma_begin());
    text = text_of(leaking(), "p99<=1.5ms");
    comma_end();
    assert_string_equal(plain, text);
    seed_release(text);
    seed_release(plain);
}

static void says_who_is_to_blame(void **state)
{
    char *text = text_of(leaking(), "rps>=4000,errors<=0");

    (void)state;
    fits(text);
    assert_non_null(strstr(text, "seed doctor: Listener leak (event-loop)"));
    assert_non_null(strstr(text, "culprit:  store_etag (slow.c:28)"));
    assert_non_null(strstr(text, "share:    97 % of the loop's time"));
    assert_non_null(strstr(text, "next:     SEED_TRACE_WARNINGS=1"));
    assert_non_null(strstr(text, "rps>=4000 MISSED, rps is 40"));
    assert_non_null(strstr(text, "errors<=0 met"));
    assert_non_null(strstr(text, "400 requests, 40 a second"));
    seed_release(text);
}

static void is_short_on_the_healthy(void **state)
{
    char *text = text_of(well(), NULL);

    (void)state;
    fits(text);
    assert_non_null(strstr(text, "seed doctor: No issue (none)"));
    assert_null(strstr(text, "culprit"));
    seed_release(text);
}

/* Requests wait 30 ms each for something else. */
static struct facts waiting(void)
{
    struct facts facts = well();

    facts.busy = SECOND / 10;
    facts.in_flight = 20;
    facts.p50 = 30 * MS;
    facts.spans[0].waits = facts.spans[0].calls;
    facts.spans[0].waited = facts.spans[0].calls * 30 * MS;
    return facts;
}

/* A loop that sleeps is not what a share of its time could tell of. */
static void says_of_what_the_share_is(void **state)
{
    struct facts facts = well();
    char *text;

    (void)state;
    facts.shed = facts.ended / 10;
    text = text_of(facts, NULL);
    assert_non_null(strstr(text, "share:    10 % of the requests"));
    seed_release(text);

    text = text_of(waiting(), NULL);
    assert_non_null(strstr(text, "seed doctor: Waiting on I/O (io)"));
    assert_non_null(strstr(text,
        "share:    99 % of the time, in which the loop was idle"));
    seed_release(text);
}

/* A leak is what to mend before what only waits, though it took no samples. */
static void the_leak_comes_before_the_wait(void **state)
{
    struct facts facts = waiting();
    char *text;

    (void)state;
    facts.heap = (struct trend){ .rises = true, .slope = 20e6, .late = 20e6,
        .first = 1e6, .last = 2e8 };
    text = text_of(facts, NULL);
    assert_non_null(strstr(text, "seed doctor: Memory leak (memory)"));
    assert_null(strstr(text, "share:"));
    assert_non_null(strstr(text, "also:     Requests of GET / wait"));
    seed_release(text);
}

/* A name without a blank has a line of its own, however long. */
static void bears_long_names(void **state)
{
    struct facts facts = leaking();
    char *text;

    (void)state;
    memset(facts.growths[0].function, 'f', NAME_ROOM - 1);
    memset(facts.growths[0].file, 'g', FILE_ROOM - 1);
    text = text_of(facts, NULL);
    assert_non_null(strstr(text, "ffff"));
    seed_release(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ignores_the_locale),
        cmocka_unit_test(says_who_is_to_blame),
        cmocka_unit_test(is_short_on_the_healthy),
        cmocka_unit_test(says_of_what_the_share_is),
        cmocka_unit_test(the_leak_comes_before_the_wait),
        cmocka_unit_test(bears_long_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
