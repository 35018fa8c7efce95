/* SPDX-License-Identifier: MIT */
#include "unit/clinic/clinical.h"

#include "clinic/marks.h"
#include "watch/monitor.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct marks before, after;
static struct facts facts;

static void take(struct marks *marks, const seed_server *server)
{
    seed__monitor_lock();
    assert_int_equal(0, seed__marks_take(marks, seed__exam_of(server)));
    seed__monitor_unlock();
}

static const struct span_fact *span_of(const char *function)
{
    for (size_t i = 0; i < facts.span_count; i++)
        if (!strcmp(facts.spans[i].function, function))
            return &facts.spans[i];
    return NULL;
}

/* What was before the first of them is no fact. */
static void tells_what_was_between(void **state)
{
    seed_server *server = clinical(1);
    struct served served;

    (void)state;
    assert_int_equal(0, seed_doctor_prepare(server));
    open_clinical(&served, server);
    ask_often(server, "/leak", 7);
    ask_often(server, "/sleep", 1);
    sleep_ms(20);
    take(&before, server);
    ask_often(server, "/leak", 4);
    ask_often(server, "/", 2);
    sleep_ms(20);
    take(&after, server);
    facts.loop_time = 1000000000;
    seed__marks_facts(&before, &after, &facts);
    seed__marks_turns(&before, &after, &facts);

    assert_int_equal(6, facts.ended);
    assert_int_equal(6, facts.statuses[2]);
    assert_int_equal(6, facts.opened);
    assert_true(facts.received > 6 * 30 && facts.sent > 6 * 30);
    assert_null(span_of("sleep_here"));
    assert_null(span_of("seed_doctor"));
    assert_int_equal(4, span_of("leak")->calls);
    assert_int_equal(2, span_of("hello")->calls);
    assert_string_equal("/leak", span_of("leak")->pattern);
    /* 7 from before; the one that a request adds runs for it, too. */
    assert_int_equal(8 + 9 + 10 + 11 + 11 + 11, span_of("forget")->calls);
    for (size_t i = 1; i < facts.span_count; i++)
        assert_true(facts.spans[i].self <= facts.spans[i - 1].self);

    assert_int_equal(1, facts.growth_count);
    assert_int_equal(11, facts.growths[0].members);
    assert_int_equal(4, facts.growths[0].grown);
    assert_string_equal("leak", facts.growths[0].by);
    assert_true(facts.longest > 0 && facts.longest < 110000000);
    assert_int_equal(0, facts.over_100);
    assert_int_equal(0, facts.held_count);

    seed__marks_clear(&before);
    seed__marks_clear(&after);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_was_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
