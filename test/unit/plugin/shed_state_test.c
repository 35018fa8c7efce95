/* SPDX-License-Identifier: MIT */
#include "plugin/shed.h"
#include "unit/plugin/shedding.h"

/* link: -Wl,--wrap=seed_now,--wrap=seed_worker_state */
/* link: -Wl,--wrap=seed_req_socket_wait,--wrap=seed_timer_start */
/* link: -Wl,--wrap=seed__footprint_heap,--wrap=seed__footprint_rss */

static void counts_by_reason_and_priority(void **state)
{
    struct shedding it = start(NULL);
    struct seed_shed_state facts;

    (void)state;
    status_after(&it, "/", 0);
    for (int i = 0; i < 3; i++)
        status_after(&it, "/", 100);
    for (int i = 0; i < 2; i++)
        status_after(&it, "/sheddable", 100);
    status_after(&it, "/critical", 100);
    status_after(&it, "/health", 100);

    facts = seed_shed_state(it.shed);
    assert_int_equal(facts.admitted, 1);
    assert_int_equal(facts.shed, 6);
    assert_int_equal(facts.shed_by[SEED_SHED_EVENT_LOOP][SEED_NORMAL], 3);
    assert_int_equal(facts.shed_by[SEED_SHED_EVENT_LOOP][SEED_SHEDDABLE], 2);
    assert_int_equal(facts.shed_by[SEED_SHED_EVENT_LOOP][SEED_CRITICAL], 1);
    assert_int_equal(facts.shed_by[SEED_SHED_EVENT_LOOP][SEED_EXEMPT], 0);
    assert_int_equal(facts.heap_used, 0);
    assert_int_equal(facts.rss, 0);
    end(&it);
}

static void overload_is_over_after_a_second(void **state)
{
    struct shedding it = start(NULL);
    struct seed_shed_state facts = seed_shed_state(it.shed);

    (void)state;
    assert_false(facts.overload);
    assert_int_equal(facts.event_loop_delay, 0);

    status_after(&it, "/", 100);
    facts = seed_shed_state(it.shed);
    assert_true(facts.overload && facts.event_loop_overload);
    assert_false(facts.heap_used_overload || facts.rss_overload);
    assert_int_equal(facts.event_loop_delay, 100 * MS);

    world.now += 999 * MS;
    assert_true(seed_shed_state(it.shed).overload);
    world.now += 1 * MS;
    facts = seed_shed_state(it.shed);
    assert_false(facts.overload || facts.event_loop_overload);
    assert_int_equal(facts.event_loop_delay, 0);
    assert_int_equal(facts.shed, 1);
    end(&it);
}

/* --- several workers ------------------------------------------------------ */

/* What two workers have noted: counts are sums, the rest is of the worst. */
static void workers_add_up(void **state)
{
    struct shedding it = start(NULL);
    struct shed_worker *mine[2];
    struct seed_shed_state facts;

    (void)state;
    for (int i = 0; i < 2; i++) {
        mine[i] = seed_resize(NULL, sizeof *mine[i]);
        memset(mine[i], 0, sizeof *mine[i]);
        mine[i]->next = i ? mine[0] : NULL;
    }
    atomic_store(&it.shed->workers, mine[1]);
    for (uint64_t i = 0; i < 2; i++) {
        shed_put(&mine[i]->admitted, 5 + i);
        shed_put(&mine[i]->refused[SEED_SHED_RSS][SEED_NORMAL], 7);
        shed_put(&mine[i]->delay, 9 - i);
        shed_put(&mine[i]->delay_at, world.now);
        shed_put(&mine[i]->heap, 100 * i);
        shed_put(&mine[i]->limit, 20500);
        shed_put(&mine[i]->in_flight, 3);
    }
    facts = seed_shed_state(it.shed);
    assert_int_equal(facts.admitted, 11);
    assert_int_equal(facts.shed, 14);
    assert_int_equal(facts.shed_by[SEED_SHED_RSS][SEED_NORMAL], 14);
    assert_int_equal(facts.event_loop_delay, 9);
    assert_int_equal(facts.heap_used, 100);
    assert_float_equal(facts.limit, 41, 0.001);
    assert_int_equal(facts.in_flight, 6);
    assert_false(facts.overload);

    shed_put(&mine[0]->refused_at, world.now);
    assert_true(seed_shed_state(it.shed).overload);
    end(&it);
}

/* --- the log -------------------------------------------------------------- */

static void says_one_line_a_second(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .logging = true });

    (void)state;
    status_after(&it, "/", 0);
    assert_int_equal(seen.said, 0);
    for (int i = 0; i < 5; i++)
        status_after(&it, "/", 100);
    assert_int_equal(seen.said, 1);
    assert_string_equal(seen.line,
        "overload protection: shed 1 (1 in all: event loop 1, heap 0, rss 0, "
        "concurrency 0), admitted 1; event loop delay 100.0 ms");

    world.now += 999 * MS;
    status_after(&it, "/", 100);
    assert_int_equal(seen.said, 1);
    world.now += 1 * MS;
    status_after(&it, "/", 50);
    assert_int_equal(seen.said, 2);
    assert_string_equal(seen.line,
        "overload protection: shed 6 (7 in all: event loop 7, heap 0, rss 0, "
        "concurrency 0), admitted 1; event loop delay 50.0 ms");
    end(&it);
}

static void says_nothing_unasked(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .log_stats_on_req = true });

    (void)state;
    status_after(&it, "/", 100);
    status_after(&it, "/", 0);
    assert_int_equal(seen.said, 0);
    end(&it);
}

static void says_how_things_are_when_asked(void **state)
{
    struct shedding it = start(&(struct seed_shed_options){
        .logging = true, .log_stats_on_req = true });

    (void)state;
    status_after(&it, "/", 0);
    status_after(&it, "/", 0);
    assert_int_equal(seen.said, 1);
    assert_non_null(strstr(seen.line, ": shed 0 (0 in all"));
    world.now += 1000 * MS;
    status_after(&it, "/", 0);
    assert_int_equal(seen.said, 2);
    end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_reason_and_priority),
        cmocka_unit_test(overload_is_over_after_a_second),
        cmocka_unit_test(workers_add_up),
        cmocka_unit_test(says_one_line_a_second),
        cmocka_unit_test(says_nothing_unasked),
        cmocka_unit_test(says_how_things_are_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
