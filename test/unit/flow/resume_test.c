/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <pthread.h>
#include <sched.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"

static void *resume_next(void *ctx)
{
    seed_resume(ctx, SEED_NEXT);
    return NULL;
}

static void on_thread(void *(*run)(void *ctx), void *ctx)
{
    pthread_t thread;

    assert_int_equal(0, pthread_create(&thread, NULL, run, ctx));
    assert_int_equal(0, pthread_join(thread, NULL));
}

static void goes_on_from_another_thread(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;

    (void)state;
    life_open(&life, "get=a/w get=b/w get=c/t");
    req = life_begin(&life, &client, GET);
    on_thread(resume_next, req);
    assert_string_equal("PRE ROUTED a", life.log); /* not on that thread */
    life_run(&life);
    assert_string_equal("PRE ROUTED a b", life.log);
    seed_resume(req, SEED_NEXT);
    life_run(&life);
    assert_string_equal("PRE ROUTED a b c SEND AFTER", life.log);
    life_close(&life);
    life_forget(&client);
}

/* A handler whose thread may be faster than its return. */
struct race {
    pthread_t thread;
    int spin;
};

static seed_step start_thread(seed_req *req, seed_res *res, void *ctx)
{
    struct race *race = ctx;

    (void)res;
    assert_int_equal(0, pthread_create(&race->thread, NULL, resume_next, req));
    for (int i = 0; i < race->spin; i++)
        sched_yield();
    return SEED_WAIT;
}

static seed_step say_hi(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hi");
}

static void meets_its_handler_anywhere(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    struct race race = { 0 };
    seed_route *route;

    (void)state;
    life_open(&life, "");
    route = life_route(&life, "GET", "/", start_thread, &race);
    seed__route_then(route, say_hi, NULL, "say_hi", "test.c", 1);
    for (race.spin = 0; race.spin < 60; race.spin++) {
        life_begin(&life, &client, GET);
        for (int i = 0; i < 1000 && !client.flushed; i++) {
            life_run(&life);
            sched_yield();
        }
        assert_int_equal(0, pthread_join(race.thread, NULL));
        life_run(&life);
        assert_int_equal(200, life_status(&client));
        assert_int_equal(race.spin + 1, life.afters);
    }
    life_close(&life);
    life_forget(&client);
}

/* Late: what is left of the server when the resume comes, and where from. */
enum left { ALL, NO_CLIENT, CLOSED_BOX, CLEARED_FLOW, NOTHING, LEFT_COUNT };

static void is_safe_however_late(void **state)
{
    (void)state;
    for (int i = 0; i < 4 * LEFT_COUNT; i++) {
        bool other_thread = i & 1, flow_first = i & 2;
        enum left left = (enum left)(i / 4);
        struct life life = { 0 };
        struct client client = { 0 };
        seed_req *req;

        life_open(&life, "get=a/w get=b/t");
        req = life_begin(&life, &client, GET);
        if (left >= NO_CLIENT)
            life_gone(&client);
        if (left >= CLOSED_BOX && !flow_first)
            life_close_box(&life);
        if (left >= CLEARED_FLOW || (left == CLOSED_BOX && flow_first))
            life_clear_flow(&life);
        if (left == NOTHING) {
            if (flow_first)
                life_close_box(&life);
            life_free(&life);
        }

        if (other_thread)
            on_thread(resume_next, req);
        else
            seed_resume(req, SEED_NEXT);
        if (left == ALL) {
            life_run(&life);
            assert_int_equal(200, life_status(&client));
        }
        assert_int_equal(left == ALL ? 200 : 444, life.status);
        if (left < NOTHING)
            life_close(&life);
        assert_int_equal(1, life.afters);
        assert_int_equal(life.living, atomic_load(&life_memory.living));
        life_forget(&client);
    }
}

/* Threads that resume while the server ends, in either order of the end. */
static void is_safe_while_the_server_ends(void **state)
{
    enum { CLIENTS = 4 };

    (void)state;
    for (int round = 0; round < 80; round++) {
        struct life life = { 0 };
        struct client clients[CLIENTS] = { 0 };
        pthread_t threads[CLIENTS];

        life_open(&life, "get=a/w get=b/t");
        for (int i = 0; i < CLIENTS; i++)
            life_begin(&life, &clients[i], GET);
        for (int i = 0; i < CLIENTS; i++)
            assert_int_equal(0, pthread_create(&threads[i], NULL, resume_next,
                life.waits[i].req));
        for (int i = 0; i < round % 8; i++)
            sched_yield();
        if (round & 1)
            life_close_box(&life);
        life_clear_flow(&life);
        if (!(round & 1))
            life_close_box(&life);
        life_free(&life);
        for (int i = 0; i < CLIENTS; i++) {
            assert_int_equal(0, pthread_join(threads[i], NULL));
            life_forget(&clients[i]);
        }
        assert_int_equal(CLIENTS, life.afters);
        assert_int_equal(life.living, atomic_load(&life_memory.living));
    }
}

/* --- from inside other calls ---------------------------------------------- */

static seed_req *other;

static seed_step resume_other(seed_req *req, seed_res *res, void *ctx)
{
    struct life *life = life_of(req);

    (void)ctx;
    life_note(life, "[");
    seed_resume(other, SEED_NEXT);
    life_note(life, "]");
    return seed_send_text(res, 200, "one");
}

static void does_not_nest_chains(void **state)
{
    struct life life = { 0 };
    struct client first = { 0 }, second = { 0 };

    (void)state;
    life_open(&life, "get=a/w get=b/t");
    life_route(&life, "GET", "/other", resume_other, NULL);
    other = life_begin(&life, &first, GET);
    life.log[0] = '\0';
    life_ask(&life, &second, "GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_has(life.log, "PRE ROUTED [ ] SEND b SEND AFTER");
    assert_int_equal(200, life_status(&first));
    assert_int_equal(200, life_status(&second));
    life.wait_count = 0;
    life_close(&life);
    life_forget(&first);
    life_forget(&second);
}

static void resume_it(seed_req *req, enum seed_peer_state state, void *ctx)
{
    (void)ctx;
    life_note(life_of(req), "peer%d", (int)state);
    if (state == SEED_GONE)
        seed_resume(req, SEED_NEXT);
}

static void resume_after(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (atomic_load(&event->req->wait) == WAIT_USER)
        seed_resume(event->req, SEED_NEXT);
}

/* A hook that hears that the client is gone may give the request back. */
static void may_come_from_hooks(void **state)
{
    static const struct {
        bool peer, after, clear, box_first;
    } cases[] = {
        { true, false, false, false },
        { false, true, false, false },
        { true, true, false, false },
        { true, false, true, false },
        { true, false, true, true },
        { false, true, true, false },
        { false, true, true, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        seed_req *req;

        life_open(&life, "get=a/w get=b/t");
        if (cases[i].after)
            life_on(&life, SEED_ON_AFTER, resume_after, NULL);
        req = life_begin(&life, &client, GET);
        if (cases[i].peer)
            seed_on_peer(req, resume_it, NULL);
        if (!cases[i].clear) {
            life_half_close(&client);
            life_gone(&client);
            life_run(&life);
            assert_string_equal(cases[i].peer
                    ? "PRE ROUTED a peer1 peer2 AFTER"
                    : "PRE ROUTED a AFTER",
                life.log);
        }
        /* Nobody tells the flow of this client: it is live when it ends. */
        client.flushed = true;
        if (cases[i].box_first)
            life_close_box(&life);
        life_clear_flow(&life);
        life_close(&life);
        client.flushed = false;
        life_forget(&client);
    }
}

/* --- what a resume may say ------------------------------------------------ */

static void can_wait_again(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;

    (void)state;
    life_open(&life, "get=a/w get=b/t post=a/w post=b/c");
    req = life_begin(&life, &client, GET);
    seed_resume(req, SEED_WAIT);
    life_run(&life);
    assert_string_equal("PRE ROUTED a", life.log);
    life_drive(&life);
    assert_int_equal(200, life_status(&client));

    /* With the body: it is waited for, and goes on by itself. */
    req = life_begin(&life, &client, POST "abc");
    life.wait_count = 0;
    seed_resume(req, seed_read_body(req, 0));
    life_run(&life);
    assert_string_equal("abc", life_body(&client));

    /* The client goes meanwhile. */
    req = life_begin(&life, &client, POST);
    life.wait_count = 0;
    seed_resume(req, seed_read_body(req, 0));
    life_gone(&client);
    assert_int_equal(3, life.afters);
    life_close(&life);
    life_forget(&client);
}

static seed_step note_then(seed_req *req, seed_res *res, void *ctx)
{
    const char *verb = ctx;

    (void)res;
    life_note(life_of(req), "then");
    return *verb == 'w' ? SEED_WAIT : *verb == 's' ? SEED_STOP : SEED_NEXT;
}

/* What seed_offload() asks for: a handler between the resume and the chain. */
static void runs_what_comes_then(void **state)
{
    static char next[] = "n", waits[] = "w", stops[] = "s";
    static const struct {
        char *verb;
        seed_step step;
        bool gone;
        const char *log;
        int status;
    } cases[] = {
        { next, SEED_NEXT, false, "PRE ROUTED a then b SEND AFTER", 200 },
        { waits, SEED_NEXT, false, "PRE ROUTED a then ~ b SEND AFTER", 200 },
        { stops, SEED_NEXT, false, "PRE ROUTED a then SEND AFTER", 500 },
        { next, SEED_STOP, false, "PRE ROUTED a SEND AFTER", 500 },
        { next, SEED_NEXT, true, "PRE ROUTED a AFTER", 444 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        seed_req *req;

        life_open(&life, "get=a/w get=b/t");
        req = life_begin(&life, &client, GET);
        req->then = note_then;
        req->then_ctx = cases[i].verb;
        if (cases[i].gone)
            life_gone(&client);
        seed_resume(req, cases[i].step);
        life.wait_count = 0;
        if (cases[i].verb == waits) {
            life_run(&life);
            life_note(&life, "~");
            seed_resume(req, SEED_NEXT);
        }
        life_run(&life);
        assert_string_equal(cases[i].log, life.log);
        assert_int_equal(cases[i].status, life.status);
        life_close(&life);
        life_forget(&client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_from_another_thread),
        cmocka_unit_test(meets_its_handler_anywhere),
        cmocka_unit_test(is_safe_however_late),
        cmocka_unit_test(is_safe_while_the_server_ends),
        cmocka_unit_test(does_not_nest_chains),
        cmocka_unit_test(may_come_from_hooks),
        cmocka_unit_test(can_wait_again),
        cmocka_unit_test(runs_what_comes_then),
    };

    return cmocka_run_group_tests_name("flow/resume", tests, life_count_memory,
        NULL);
}
