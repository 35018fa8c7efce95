/* SPDX-License-Identifier: MIT */
/* The meter of a server that runs, visited when the test wants it. */
#include "watch/meter.h"

#include "unit/server/served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static struct meter meter;
static uint64_t one[SPREAD_STEPS], all[SPREAD_STEPS], sum[FIGURES];
static bool visit_inside;
static _Atomic int opened;
static struct served served;

static void visit(void)
{
    memset(sum, 0, sizeof sum);
    memset(all, 0, sizeof all);
    seed__meter_visit(&meter, one, sum, all);
}

static void on_listen(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_int_equal(0, seed__meter_open(&meter, event->worker));
    opened++;
}

static void on_turn(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seed__meter_turn(&meter);
}

static void on_stop(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    seed__pulse_close(&meter.pulse);
}

static seed_step burn(seed_req *req, seed_res *res, void *ctx)
{
    uint64_t end = seed_now() + *(const unsigned *)ctx * MS;

    (void)req;
    while (seed_now() < end)
        ;
    if (visit_inside)
        visit();
    return seed_send_text(res, 200, "done");
}

static seed_server *begin(const unsigned *milliseconds)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/", burn, (void *)(uintptr_t)milliseconds);
    seed_on(server, SEED_ON_LISTEN, on_listen, NULL);
    seed_on(server, SEED_ON_TURN, on_turn, NULL);
    seed_on(server, SEED_ON_STOP, on_stop, NULL);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    opened = 0;
    visit_inside = false;
    serve(&served, server);
    assert_true(await_count(&opened, 1));
    sleep_ms(20);
    visit();
    return server;
}

static void ask_once(seed_server *server)
{
    assert_string_equal("done", get(seed_server_port(server), "/"));
    sleep_ms(20);
}

static void end(seed_server *server)
{
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

static void measures_turns(void **state)
{
    static const unsigned milliseconds = 20;
    uint64_t begun = seed_now();
    seed_server *server = begin(&milliseconds);

    (void)state;
    ask_once(server);
    visit();
    assert_true(sum[ELAPSED] >= 40 * MS);
    assert_true(sum[ELAPSED] <= seed_now() - begun);
    assert_true(sum[BUSY] >= 20 * MS);
    assert_true(sum[BUSY] <= sum[ELAPSED] - 20 * MS);
    assert_true(sum[TURNS] >= 1);
    assert_true(sum[TURNS] < 10);
    assert_true(sum[CPU] > 0);
    assert_true(sum[LONGEST] >= 19 * MS);
    assert_int_equal(sum[LONGEST], sum[P99]);

    sleep_ms(5);
    visit();
    assert_int_equal(0, sum[BUSY]); /* per interval, not since the start */
    assert_int_equal(0, sum[TURNS]);
    assert_int_equal(0, sum[LONGEST]);
    assert_true(sum[ALL_BUSY] >= 20 * MS);
    assert_true(sum[ALL_ELAPSED] >= 45 * MS);
    end(server);
}

/* What is under way at a visit counts there, and the rest of it later. */
static void measures_a_turn_that_lasts(void **state)
{
    static const unsigned milliseconds = 30;
    seed_server *server = begin(&milliseconds);
    uint64_t spread = 0, busy;

    (void)state;
    visit_inside = true;
    ask_once(server);
    busy = sum[BUSY];
    assert_true(busy >= 30 * MS);
    assert_true(sum[LONGEST] >= 29 * MS);

    visit();
    assert_true(sum[BUSY] < 20 * MS); /* nothing twice */
    assert_true(sum[ALL_BUSY] >= busy);
    for (int i = 0; i < SPREAD_STEPS; i++)
        spread += all[i];
    assert_true(spread < 20 * MS);
    end(server);
}

static void keeps_figures_of_one_moment(void **state)
{
    struct figures figures = { 0 };
    uint64_t values[FIGURES] = { 0 }, got[FIGURES];

    (void)state;
    for (int i = 0; i < FIGURES; i++)
        values[i] = 100u + (unsigned)i;
    seed__figures_put(&figures, values);
    seed__figures_get(&figures, got);
    assert_memory_equal(values, got, sizeof values);
}

struct race {
    struct figures figures;
    _Atomic bool stop;
};

static void *put_always(void *ctx)
{
    struct race *race = ctx;
    uint64_t values[FIGURES];

    for (uint64_t round = 0; !race->stop; round++) {
        for (int i = 0; i < FIGURES; i++)
            values[i] = round;
        seed__figures_put(&race->figures, values);
    }
    return NULL;
}

static void never_mixes_figures(void **state)
{
    struct race race = { 0 };
    uint64_t values[FIGURES];
    pthread_t thread;

    (void)state;
    assert_int_equal(0, pthread_create(&thread, NULL, put_always, &race));
    for (int round = 0; round < 20000; round++) {
        seed__figures_get(&race.figures, values);
        for (int i = 1; i < FIGURES; i++)
            assert_int_equal(values[0], values[i]);
    }
    race.stop = true;
    pthread_join(thread, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_turns),
        cmocka_unit_test(measures_a_turn_that_lasts),
        cmocka_unit_test(keeps_figures_of_one_moment),
        cmocka_unit_test(never_mixes_figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
