/* SPDX-License-Identifier: MIT */
/* not under valgrind: a sleep is one in valgrind's own code there, which
 * computes beside it. */
#include "unit/server/served.h"

#include "clinic/turns.h"
#include "watch/monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static const struct {
    uint64_t whole, computed, stood;
    struct turn_parts parts;
} parts[] = {
    { 100, 40, 30, { 100, 40, 30, 30 } },
    { 100, 0, 0, { 100, 0, 0, 100 } },
    { 100, 150, 30, { 100, 100, 0, 0 } },
    { 100, 40, 90, { 100, 40, 60, 0 } },
    { 0, 40, 90, { 0, 0, 0, 0 } },
};

static void parts_make_a_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct turn_parts made = seed__turn_parts(parts[i].whole,
            parts[i].computed, parts[i].stood);

        assert_memory_equal(&parts[i].parts, &made, sizeof made);
    }
}

static struct turns turns;

static void on_listen(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_int_equal(0, seed__turns_open(&turns, event->worker));
}

static void on_turn(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seed__turns_end(&turns);
}

static void on_stop(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seed__monitor_lock();
    seed__turns_close(&turns);
    seed__monitor_unlock();
}

static seed_step wait_here(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    sleep_ms(60);
    return seed_send_text(res, 200, "waited");
}

static volatile unsigned rounds;

static seed_step compute(seed_req *req, seed_res *res, void *ctx)
{
    uint64_t end = seed_now() + 60 * MS;

    (void)req;
    (void)ctx;
    while (seed_now() < end)
        rounds = rounds * 31 + 7;
    return seed_send_text(res, 200, "computed");
}

/* A sleep is a wait; work is work, but for what the machine takes from it. */
static void knows_what_turns_are_made_of(void **state)
{
    seed_server *server = seed_server_new(NULL);
    uint64_t last[SPREAD_STEPS] = { 0 }, all[SPREAD_STEPS] = { 0 };
    uint64_t computed, waited, busy;
    struct served served;

    (void)state;
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_TURN, on_turn, NULL);
    seed_on(server, SEED_ON_STOP, on_stop, NULL);
    seed_get(server, "/wait", wait_here, NULL);
    seed_get(server, "/compute", compute, NULL);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    serve(&served, server);

    assert_string_equal("waited", get(seed_server_port(server), "/wait"));
    for (int i = 0; i < 2000 && counter_get(&turns.busy) < 59 * MS; i++)
        sleep_ms(1);
    computed = counter_get(&turns.long_computed);
    waited = counter_get(&turns.long_waited);
    busy = counter_get(&turns.busy);
    assert_true(busy >= 59 * MS);
    assert_true(waited >= 30 * MS && waited > 2 * computed);
    seed__spread_take(&turns.gross, last, all);
    assert_true(seed__spread_longest(all) >= 55 * MS);

    assert_string_equal("computed",
        get(seed_server_port(server), "/compute"));
    for (int i = 0; i < 2000 && counter_get(&turns.busy) < busy + 59 * MS;
         i++)
        sleep_ms(1);
    assert_true(counter_get(&turns.long_computed) > computed
        || counter_get(&turns.starved) > 20 * MS);
    assert_true(counter_get(&turns.done) >= 2);
    assert_int_equal(0, serve_stop(&served));
    assert_int_equal(0, seed__turns_look(&turns, seed_now()).age);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_make_a_whole),
        cmocka_unit_test(knows_what_turns_are_made_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
