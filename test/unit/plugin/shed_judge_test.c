/* SPDX-License-Identifier: MIT */
#include "plugin/shed.h"
#include "unit/plugin/shedding.h"
#include "unit/server/served.h"

#include <sys/socket.h>
#include <unistd.h>

/* link: -Wl,--wrap=seed_now,--wrap=seed_worker_state */
/* link: -Wl,--wrap=seed_req_socket_wait,--wrap=seed_timer_start */
/* link: -Wl,--wrap=seed__footprint_heap,--wrap=seed__footprint_rss */

/* --- the queue ------------------------------------------------------------ */

static void the_kernel_is_not_asked_in_short_turns(void **state)
{
    struct shedding it = start(NULL);

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(status_after(&it, "/", 5), 200);
    assert_int_equal(world.asked, 0);
    end(&it);
}

/* What the worker knows of its turns, said right before it judges. */
static struct {
    uint64_t last_turn;
    unsigned admitted;
    bool embedded;
} turns;

static seed_step know(seed_req *req, seed_res *res, void *ctx)
{
    seed_shed *shed = ctx;
    struct shed_worker *worker = atomic_load(&shed->workers);

    (void)req;
    (void)res;
    worker->last_turn = turns.last_turn * MS;
    worker->codel.admitted = turns.admitted;
    worker->embedded = turns.embedded;
    return SEED_NEXT;
}

static struct shedding start_knowing(void)
{
    struct shedding it = start(NULL);

    turns.last_turn = turns.admitted = 0;
    turns.embedded = false;
    status_of(&it, "/"); /* which makes the worker's part */
    world.now += 500 * MS;
    seed_pre(it.server, know, it.shed);
    return it;
}

/* The turn before took long: who came during it has waited who knows how
 * long. Of two waits the longer one holds. */
static void the_kernel_is_asked_after_a_long_turn(void **state)
{
    static const struct {
        uint64_t turn, socket;
        int status;
    } cases[] = {
        { 0, 0, 200 },
        { 0, 42, 200 },
        { 0, 43, 503 },
        { 30, 43, 503 },
        { 30, 0, 200 },
        { 50, 0, 503 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct shedding it = start_knowing();

        turns.last_turn = 60;
        world.socket_wait = cases[i].socket * MS;
        assert_int_equal(status_after(&it, "/", cases[i].turn),
            cases[i].status);
        assert_int_equal(world.asked, 1);
        end(&it);
    }
}

static void it_is_asked_only_where_that_matters(void **state)
{
    struct shedding it = start_knowing();

    (void)state;
    turns.last_turn = 40;
    assert_int_equal(status_after(&it, "/", 0), 200);
    assert_int_equal(world.asked, 1);

    /* A short wait was seen in these 100 ms, and 42 cannot be reached. */
    assert_int_equal(status_after(&it, "/", 2), 200);
    assert_int_equal(world.asked, 1);
    assert_int_equal(status_after(&it, "/", 3), 200);
    assert_int_equal(world.asked, 2);

    /* Of a foreign loop's turns only a part is known. */
    turns.embedded = true;
    turns.last_turn = 0;
    assert_int_equal(status_after(&it, "/", 0), 200);
    assert_int_equal(world.asked, 3);
    end(&it);
}

static void a_standing_queue_tightens_the_limit(void **state)
{
    struct shedding it = start_knowing();

    (void)state;
    turns.admitted = 1;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(status_after(&it, "/", 20), 200);
        world.now += 10 * MS;
    }
    assert_int_equal(status_after(&it, "/", 11), 503);
    assert_int_equal(status_after(&it, "/", 10), 200);
    assert_int_equal(status_after(&it, "/critical", 42), 200);
    assert_int_equal(status_after(&it, "/sheddable", 6), 503);

    turns.admitted = 0; /* the first of its turn */
    assert_int_equal(status_after(&it, "/", 42), 200);
    assert_int_equal(status_after(&it, "/", 43), 503);
    assert_int_equal(seed_shed_state(it.shed).event_loop_delay, 43 * MS);
    end(&it);
}

/* A turn's end gives the next one a new first, and tells how long it was. */
static void the_end_of_a_turn_is_seen(void **state)
{
    struct shedding it = start(NULL);
    struct shed_worker *worker;
    struct served served;

    (void)state;
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    assert_int_equal(status_after(&it, "/", 33), 200);
    assert_int_equal(serve_stop(&served), 0);

    worker = atomic_load(&it.shed->workers);
    assert_int_equal(worker->last_turn, 33 * MS);
    assert_int_equal(worker->codel.admitted, 0);
    assert_int_equal(worker->codel.service, 33 * MS / 16);
    assert_true(worker->turn > 0);
    end(&it);
}

/* --- the limit ------------------------------------------------------------ */

enum { MOST_HELD = 8 };
static seed_req *held[MOST_HELD];
static _Atomic int held_count;

static seed_step hold(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    held[held_count++] = req;
    return SEED_WAIT;
}

static seed_step release(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    while (held_count) {
        seed_req *one = held[--held_count];

        seed_resume(one, seed_send_text(seed_req_res(one), 200, "held"));
    }
    return seed_send(res, 204);
}

/* `after` may run a moment behind the answer. */
static void await_none_under_way(const seed_shed *shed)
{
    for (int i = 0; i < 5000 && seed_shed_state(shed).in_flight; i++)
        sleep_ms(1);
    assert_int_equal(seed_shed_state(shed).in_flight, 0);
}

#define HOLD "GET /hold HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void so_many_are_under_way_and_no_more(void **state)
{
    struct shedding it = start(&(struct seed_shed_options){
        .mode = SEED_SHED_LIMIT, .min_limit = 2, .max_limit = 2 });
    struct served served;
    struct seed_shed_state facts;
    int fds[2];

    (void)state;
    seed_get(it.server, "/hold", hold, NULL);
    seed_shed_class(seed_get(it.server, "/release", release, NULL),
        SEED_EXEMPT);
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    for (int i = 0; i < 2; i++) {
        fds[i] = dial(seed_server_port(it.server));
        assert_int_equal(send(fds[i], HOLD, strlen(HOLD), 0), strlen(HOLD));
        assert_true(await_count(&held_count, i + 1));
    }
    facts = seed_shed_state(it.shed);
    assert_int_equal(facts.in_flight, 2);
    assert_float_equal(facts.limit, 2, 0.001);
    assert_false(facts.overload);

    for (int i = 0; i < 3; i++) {
        seed_reply *reply = ask_for(&it, "/");

        assert_string_equal(seed_reply_body(reply, NULL),
            "Server experiencing heavy load: (concurrency)");
        seed_reply_free(reply);
    }
    assert_int_equal(status_of(&it, "/critical"), 200);
    assert_int_equal(status_of(&it, "/health"), 200);
    facts = seed_shed_state(it.shed);
    assert_true(facts.overload);
    assert_false(facts.event_loop_overload);
    assert_int_equal(facts.shed_by[SEED_SHED_CONCURRENCY][SEED_NORMAL], 3);

    status_of(&it, "/release");
    for (int i = 0; i < 2; i++) {
        assert_non_null(strstr(ask(fds[i], "", NULL), "held"));
        close(fds[i]);
    }
    await_none_under_way(it.shed);
    assert_int_equal(status_of(&it, "/"), 200);
    assert_int_equal(serve_stop(&served), 0);
    end(&it);
}

/* A client that leaves gives its place back. */
static void a_gone_client_is_not_under_way(void **state)
{
    struct shedding it = start(&(struct seed_shed_options){
        .mode = SEED_SHED_LIMIT, .min_limit = 1, .max_limit = 1 });
    struct served served;
    int fd;

    (void)state;
    seed_get(it.server, "/hold", hold, NULL);
    seed_shed_class(seed_get(it.server, "/release", release, NULL),
        SEED_EXEMPT);
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    fd = dial(seed_server_port(it.server));
    assert_int_equal(send(fd, HOLD, strlen(HOLD), 0), strlen(HOLD));
    assert_true(await_count(&held_count, 1));
    assert_int_equal(status_of(&it, "/"), 503);

    close_with_reset(fd);
    await_none_under_way(it.shed);
    assert_int_equal(status_of(&it, "/"), 200);
    status_of(&it, "/release");
    assert_int_equal(serve_stop(&served), 0);
    end(&it);
}

/* What is answered at once was under way for whoever waits behind it: twelve
 * requests that one read brings are twelve in one turn. */
static void those_of_one_turn_count_together(void **state)
{
    static const char one[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    struct shedding it = start(&(struct seed_shed_options){
        .mode = SEED_SHED_LIMIT, .min_limit = 5, .max_limit = 5 });
    struct served served;
    char all[13 * sizeof one] = "";
    const char *at;
    int fd, good = 0, refused = 0;

    (void)state;
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    for (int i = 0; i < 11; i++)
        strcat(all, one);
    strcat(all, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    fd = dial(seed_server_port(it.server));
    at = ask(fd, all, NULL);
    for (const char *next = at; (next = strstr(next, "HTTP/1.1 ")); next++) {
        good += !strncmp(next + 9, "200", 3);
        refused += !strncmp(next + 9, "503", 3);
    }
    close(fd);
    assert_int_equal(good, 5);
    assert_int_equal(refused, 7);
    assert_int_equal(status_of(&it, "/"), 200);
    assert_int_equal(serve_stop(&served), 0);
    end(&it);
}

static void memory_alone_holds_no_place(void **state)
{
    struct shedding it = start(&(struct seed_shed_options){
        .mode = SEED_SHED_LIMIT,
        .min_limit = 1,
        .max_limit = 1,
        .max_rss_bytes = 1 });
    struct served served;

    (void)state;
    world.rss = 2;
    seed_listen(it.server, "127.0.0.1", 0);
    serve(&served, it.server);
    for (int i = 0; i < 3; i++)
        assert_int_equal(status_of(&it, "/"), 503);
    assert_int_equal(seed_shed_state(it.shed).in_flight, 0);
    world.rss = 1;
    status_of(&it, "/tick");
    assert_int_equal(status_of(&it, "/"), 200);
    assert_int_equal(serve_stop(&served), 0);
    end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_is_not_asked_in_short_turns),
        cmocka_unit_test(the_kernel_is_asked_after_a_long_turn),
        cmocka_unit_test(it_is_asked_only_where_that_matters),
        cmocka_unit_test(a_standing_queue_tightens_the_limit),
        cmocka_unit_test(the_end_of_a_turn_is_seen),
        cmocka_unit_test(so_many_are_under_way_and_no_more),
        cmocka_unit_test(a_gone_client_is_not_under_way),
        cmocka_unit_test(those_of_one_turn_count_together),
        cmocka_unit_test(memory_alone_holds_no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
