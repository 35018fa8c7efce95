/* SPDX-License-Identifier: MIT */
/* not under valgrind: it makes frames of its own for signals. */
#include "clinic/handler.h"
#include "clinic/ring.h"
#include "clinic/timers.h"

#include "watch/symbol.h"

#include "unit/clinic/burn.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    size_t samples, here, copies;
    uint64_t weight;
} seen;

static void on_sample(const struct sample *sample, const unsigned char *copy,
    void *ctx)
{
    char name[100];

    (void)ctx;
    seen.samples++;
    seen.weight += sample->weight;
    seen.copies += copy && sample->count > 64;
    assert_string_equal(sample->span.kind, "");
    assert_int_equal(sample->tid, (long)gettid());
    for (size_t i = 0; i < (copy ? 1 : sample->count); i++) {
        if (strcmp(seed__symbol_name(sample->frames[i], name, sizeof name),
                "burn_here") == 0) {
            seen.here++;
            break;
        }
    }
}

static void burn_recorded(bool on, bool search)
{
    struct timers timers = { 0 };

    memset(&seen, 0, sizeof seen);
    seed__ring_drain(on_sample, NULL);
    memset(&seen, 0, sizeof seen);
    seed__handler_search(search);
    seed__handler_turn(on);
    seed__timers_set(&timers, seed__handler_install(), 5000000);
    assert_true(seed__timers_look(&timers));
    burn_here(300);
    seed__timers_clear(&timers, false);
    burn_here(10); /* what was on its way is here */
    seed__handler_turn(false);
    seed__ring_drain(on_sample, NULL);
}

static void takes_a_signal_and_keeps_it(void **state)
{
    struct sigaction act;
    int number = seed__handler_install();

    (void)state;
    assert_int_equal(number, SIGPROF);
    assert_int_equal(seed__handler_install(), number);
    assert_int_equal(sigaction(number, NULL, &act), 0);
    assert_true(act.sa_flags & SA_RESTART);
    assert_true(sigismember(&act.sa_mask, SIGTERM));
    assert_false(sigismember(&act.sa_mask, SIGSEGV));
    raise(number); /* nobody's: nothing happens */
    assert_int_equal(seed__ring_drain(on_sample, NULL), 0);
}

static void notes_where_the_thread_is(void **state)
{
    uint64_t spent = seed__handler_spent();

    (void)state;
    burn_recorded(true, false);
    assert_true(seen.samples >= 8);
    assert_int_equal(seen.copies, 0);
    if (!BURN_TSAN)
        assert_true(seen.here * 10 >= seen.samples * 9);

    /* Overrun makes up for what the kernel's tick leaves out. */
    assert_true(seen.weight >= 250000000 && seen.weight <= 350000000);
    assert_true(seed__handler_spent() > spent);
}

static void copies_the_stack(void **state)
{
    (void)state;
    burn_recorded(true, true);
    assert_true(seen.samples >= 8);
    assert_int_equal(seen.copies, seen.samples);
    if (!BURN_TSAN)
        assert_true(seen.here * 10 >= seen.samples * 8);
    seed__handler_search(false);
}

static void does_nothing_when_it_is_off(void **state)
{
    (void)state;
    burn_recorded(false, false);
    assert_int_equal(seen.samples, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_signal_and_keeps_it),
        cmocka_unit_test(notes_where_the_thread_is),
        cmocka_unit_test(copies_the_stack),
        cmocka_unit_test(does_nothing_when_it_is_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
