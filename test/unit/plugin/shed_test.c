/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/plugin/shedding.h"
#include "unit/server/served.h"

/* link: -Wl,--wrap=seed_now,--wrap=seed_worker_state */
/* link: -Wl,--wrap=seed_req_socket_wait,--wrap=seed_timer_start */
/* link: -Wl,--wrap=seed__footprint_heap,--wrap=seed__footprint_rss */

static void lets_through_and_counts(void **state)
{
    struct shedding it = start(NULL);

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(status_of(&it, "/"), 200);
    assert_int_equal(seen.handled, 5);
    assert_int_equal(seen.after, 5);
    assert_int_equal(seed_shed_state(it.shed).admitted, 5);
    assert_int_equal(seed_shed_state(it.shed).shed, 0);
    end(&it);
}

static void judges_by_the_priority_of_the_route(void **state)
{
    static const struct {
        const char *path;
        uint64_t wait;
        int status;
    } cases[] = {
        { "/", 42, 200 },
        { "/", 43, 503 },
        { "/normal", 42, 200 },
        { "/normal", 43, 503 },
        { "/sheddable", 21, 200 },
        { "/sheddable", 22, 503 },
        { "/critical", 84, 200 },
        { "/critical", 85, 503 },
        { "/health", 9000, 200 },
        { "/none", 9000, 404 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct shedding it = start(NULL);
        int status = status_after(&it, cases[i].path, cases[i].wait);

        if (status != cases[i].status)
            print_error("%s after %d ms: %d\n", cases[i].path,
                (int)cases[i].wait, status);
        assert_int_equal(status, cases[i].status);
        assert_int_equal(seen.handled, status == 200);
        end(&it);
    }
}

static void after_runs_for_all_that_was_shed(void **state)
{
    struct shedding it = start(NULL);

    (void)state;
    for (int i = 0; i < 7; i++)
        assert_int_equal(status_after(&it, "/", 100), 503);
    assert_int_equal(seen.after, 7);
    assert_int_equal(seen.handled, 0);
    assert_int_equal(seed_shed_state(it.shed).shed, 7);
    assert_int_equal(seed_shed_state(it.shed).admitted, 0);
    end(&it);
}

/* A client that waits for 100 Continue is told at once, and sends nothing. */
static void decides_before_a_body_is_read(void **state)
{
    static const char *const expect[] = { "Expect", "100-continue", NULL };
    struct shedding it = start(NULL);
    seed_reply *reply;
    size_t length;

    (void)state;
    world.turn_began = world.now - 100 * MS;
    reply = seed_inject(it.server,
        &(struct seed_injection){ .method = "POST",
            .headers = expect,
            .body = "hello",
            .length = 5 });
    assert_non_null(reply);
    assert_memory_equal(seed_reply_raw(reply, &length), "HTTP/1.1 503 ", 13);
    assert_int_equal(seen.after, 1);
    seed_reply_free(reply);
    end(&it);
}

static void other_limits(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .max_event_loop_delay = 10 });

    (void)state;
    assert_int_equal(status_after(&it, "/", 10), 200);
    assert_int_equal(status_after(&it, "/", 11), 503);
    end(&it);

    it = start(&(struct seed_shed_options){
        .max_event_loop_delay = SEED_UNLIMITED });
    assert_int_equal(status_after(&it, "/sheddable", 9000), 200);
    assert_int_equal(status_after(&it, "/", 9000), 200);
    end(&it);
}

/* --- memory --------------------------------------------------------------- */

static void memory_is_looked_at_by_a_timer(void **state)
{
    static const struct {
        uint64_t heap, rss;
        const char *text;
    } cases[] = {
        { 1000, 2000, "done" },
        { 1001, 2000, "Server experiencing heavy load: (heap)" },
        { 1000, 2001, "Server experiencing heavy load: (rss)" },
        { 1001, 2001, "Server experiencing heavy load: (heap, rss)" },
        { 1000, 2000, "done" },
    };
    struct shedding it = start(&(struct seed_shed_options){
        .max_heap_used_bytes = 1000, .max_rss_bytes = 2000 });
    struct served served;

    (void)state;
    world.heap = 5;
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    assert_int_equal(world.tick_ms, 100);
    assert_int_equal(seed_shed_state(it.shed).heap_used, 5);

    for (size_t i = 0; i < COUNT(cases); i++) {
        seed_reply *reply;

        world.heap = cases[i].heap;
        world.rss = cases[i].rss;
        assert_int_equal(status_of(&it, "/tick"), 204);
        assert_int_equal(seed_shed_state(it.shed).heap_used_overload,
            cases[i].heap > 1000);
        assert_int_equal(seed_shed_state(it.shed).rss_overload,
            cases[i].rss > 2000);

        /* What changes between two looks is not seen. */
        world.heap = world.rss = 0;
        reply = ask_for(&it, "/");
        assert_string_equal(seed_reply_body(reply, NULL), cases[i].text);
        seed_reply_free(reply);
    }
    world.heap = 1001;
    status_of(&it, "/tick");
    assert_int_equal(status_of(&it, "/critical"), 503);
    assert_int_equal(status_of(&it, "/health"), 200);

    assert_int_equal(serve_stop(&served), 0);
    end(&it);
}

static void no_timer_where_none_is_needed(void **state)
{
    struct shedding it = start(NULL);
    struct served served;

    (void)state;
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    assert_int_equal(world.tick_ms, 0);
    assert_int_equal(status_of(&it, "/"), 200);
    assert_int_equal(serve_stop(&served), 0);
    end(&it);
}

/* --- the delay mode ------------------------------------------------------- */

static int status_when_late(struct shedding *it, const char *path,
    uint64_t late)
{
    status_of(it, "/tick");
    world.now += (5 + late) * MS;
    status_of(it, "/tick");
    return status_of(it, path);
}

static void a_late_timer_refuses_all_until_it_is_not(void **state)
{
    struct shedding it = start(
        &(struct seed_shed_options){ .mode = SEED_SHED_DELAY });
    struct served served;
    struct seed_shed_state facts;

    (void)state;
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    assert_int_equal(world.tick_ms, 5);

    assert_int_equal(status_when_late(&it, "/", 42), 200);
    assert_int_equal(status_when_late(&it, "/", 43), 503);
    assert_int_equal(status_of(&it, "/"), 503);
    facts = seed_shed_state(it.shed);
    assert_true(facts.overload && facts.event_loop_overload);
    assert_int_equal(facts.event_loop_delay, 43 * MS);

    /* libevent's timer is due again at once; that says nothing. */
    world.now += 4 * MS;
    status_of(&it, "/tick");
    assert_int_equal(status_of(&it, "/"), 503);
    world.now += 1 * MS;
    status_of(&it, "/tick");
    assert_int_equal(status_of(&it, "/"), 200);
    assert_int_equal(status_when_late(&it, "/", 0), 200);
    assert_false(seed_shed_state(it.shed).overload);

    assert_int_equal(status_when_late(&it, "/sheddable", 21), 200);
    assert_int_equal(status_when_late(&it, "/sheddable", 22), 503);
    assert_int_equal(status_when_late(&it, "/critical", 84), 200);
    assert_int_equal(status_when_late(&it, "/critical", 85), 503);
    assert_int_equal(status_when_late(&it, "/health", 900), 200);

    /* A wait of its own is not this mode's business. */
    assert_int_equal(status_when_late(&it, "/", 0), 200);
    assert_int_equal(status_after(&it, "/", 500), 200);
    assert_int_equal(world.asked, 0);
    assert_int_equal(serve_stop(&served), 0);
    end(&it);
}

/* --- what is not there ---------------------------------------------------- */

static void does_nothing_without_a_server(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_null(seed_shed_new(NULL, NULL));
    seed_shed_free(NULL);
    assert_null(seed_shed_class(NULL, SEED_EXEMPT));
    assert_false(seed_shed_state(NULL).overload);

    seed_use(server, seed_shed_load, NULL);
    seed_get(server, "/", work, NULL);
    seed_reply_free(seed_inject(server, &(struct seed_injection){ 0 }));
    seed_get(server, "bad", work, NULL);
    assert_non_null(seed_server_error(server));
    assert_null(seed_shed_new(server, NULL));
    seed_server_free(server);
}

/* Two of them keep apart what they know. */
static void one_route_alone(void **state)
{
    struct shedding it = start(NULL);
    seed_shed *strict = seed_shed_new(it.server,
        &(struct seed_shed_options){ .max_event_loop_delay = 1 });

    (void)state;
    seed_route_then(seed_get(it.server, "/strict", seed_shed_load, strict),
        work, NULL);
    assert_int_equal(status_after(&it, "/strict", 2), 503);
    assert_int_equal(status_after(&it, "/", 2), 200);
    assert_int_equal(seed_shed_state(strict).shed, 1);
    assert_int_equal(seed_shed_state(it.shed).shed, 0);
    assert_int_equal(seed_shed_state(it.shed).admitted, 2);
    seed_server_free(it.server);
    seed_shed_free(it.shed);
    seed_shed_free(strict);
}

/* --- without memory ------------------------------------------------------- */

static void is_there_whole_or_not_at_all(void **state)
{
    seed_shed *shed = NULL;

    (void)state;
    for (int i = 0; !shed; i++) {
        seed_server *server = seed_server_new(NULL);
        long live = failing.live;

        assert_true(i < 20);
        failing.left = i;
        shed = seed_shed_new(server,
            &(struct seed_shed_options){ .mode = SEED_SHED_LIMIT });
        failing.left = -1;
        if (!shed && i == 0)
            assert_int_equal(failing.live, live);
        if (!shed && i > 0)
            assert_non_null(seed_server_error(server));
        seed_server_free(server);
    }
    seed_shed_free(shed);
}

/* What cannot be judged goes on. */
static void refuses_nobody_for_want_of_memory(void **state)
{
    int answered = 0;

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct shedding it = start(
            &(struct seed_shed_options){ .mode = SEED_SHED_LIMIT });
        seed_reply *reply;

        failing.left = i;
        reply = seed_inject(it.server, &(struct seed_injection){ 0 });
        failing.left = -1;
        answered += reply && seed_reply_status(reply) == 200;
        seed_reply_free(reply);
        assert_int_equal(seed_shed_state(it.shed).shed, 0);
        assert_int_equal(seed_shed_state(it.shed).in_flight, 0);
        end(&it);
    }
    assert_true(answered > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_through_and_counts),
        cmocka_unit_test(judges_by_the_priority_of_the_route),
        cmocka_unit_test(after_runs_for_all_that_was_shed),
        cmocka_unit_test(decides_before_a_body_is_read),
        cmocka_unit_test(other_limits),
        cmocka_unit_test(memory_is_looked_at_by_a_timer),
        cmocka_unit_test(no_timer_where_none_is_needed),
        cmocka_unit_test(a_late_timer_refuses_all_until_it_is_not),
        cmocka_unit_test(does_nothing_without_a_server),
        cmocka_unit_test(one_route_alone),
        cmocka_unit_test(is_there_whole_or_not_at_all),
        cmocka_unit_test(refuses_nobody_for_want_of_memory),
    };

    if (failing_install())
        return 1;

    return cmocka_run_group_tests(tests, NULL, NULL);
}
