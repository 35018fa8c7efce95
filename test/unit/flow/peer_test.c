/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/tls.h>

#include <seed/error.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static void note_peer(seed_req *req, enum seed_peer_state state, void *ctx)
{
    static const char *const words[] = { "open", "half", "gone" };

    (void)ctx;
    life_note(life_of(req), "%s", words[state]);
    assert_int_equal(state, seed_req_peer_state(req));
}

static seed_step watch_peer(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    assert_int_equal(SEED_PEER_OPEN, seed_req_peer_state(req));
    seed_on_peer(req, note_peer, NULL);
    return SEED_NEXT;
}

static void open_watched(struct life *life, const char *script)
{
    life_open(life, "");
    life_pre(life, watch_peer, NULL);
    life_script(life, script);
}

static void answers_the_half_closed(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    open_watched(&life, "get=a/a");
    life_begin(&life, &client, GET);
    life_half_close(&client);
    life_half_close(&client);
    life_drive(&life);
    assert_string_equal("PRE ROUTED a half ~ SEND AFTER", life.log);
    assert_int_equal(200, life_status(&client));
    life_close(&life);
    life_forget(&client);
}

static void tells_that_it_is_gone(void **state)
{
    static const struct {
        const char *script, *log, *fault;
        bool half;
        int status;
    } cases[] = {
        { "get=a/w get=b/t", "PRE ROUTED a gone AFTER", "RequestClose", false,
            444 },
        { "get=a/w get=b/t", "PRE ROUTED a half gone AFTER", "RequestClose",
            true, 444 },
        { "get=a/t", "PRE ROUTED a SEND gone AFTER", "RequestClose", false,
            200 },
        { "get=a/f", "PRE ROUTED a SEND gone AFTER", "Own", false, 400 },
        { "get=a/e", "PRE ROUTED a SEND gone AFTER", "RequestClose", false,
            200 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { .slow = true };

        open_watched(&life, cases[i].script);
        life_begin(&life, &client, GET);
        life_run(&life);
        if (cases[i].half)
            life_half_close(&client);
        life_gone(&client);
        assert_string_equal(cases[i].log, life.log);
        assert_string_equal(cases[i].fault, life.fault);
        assert_int_equal(cases[i].status, life.status);
        for (unsigned k = 0; k < life.wait_count; k++)
            seed_resume(life.waits[k].req, SEED_STOP);
        life_close(&life);
        life_forget(&client);
    }
}

/* All that can be said to a client that is gone changes nothing, quietly. */
static void says_nothing_to_the_gone(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;
    seed_res *res;

    (void)state;
    open_watched(&life, "get=a/w");
    req = life_begin(&life, &client, GET);
    res = seed_req_res(req);
    life_gone(&client);

    assert_int_equal(SEED_STOP, seed_send_text(res, 200, "hi"));
    assert_int_equal(SEED_STOP, seed_send_file(res, 200, "/dev/null"));
    assert_int_equal(SEED_STOP, seed_send_static(res, 200, "hi", 2));
    assert_int_equal(SEED_STOP, seed_redirect(res, 302, "/x"));
    assert_int_equal(SEED_EGONE, seed_stream_open(res, 200, 3));
    assert_int_equal(SEED_EGONE, seed_stream_write(res, "x", 1));
    assert_int_equal(SEED_STOP, seed_stream_end(res));
    assert_int_equal(SEED_STOP, seed_stream_abort(res));
    assert_int_equal(SEED_STOP, seed_read_body(req, 0));
    assert_int_equal(SEED_STOP, seed_on_body(req, 0, NULL, NULL));
    seed_body_pause(req);
    seed_body_resume(req);
    assert_int_equal(SEED_STOP, seed_fail(res, 500, "late"));
    assert_int_equal(0, seed_res_set(res, "A", "b"));
    assert_string_equal("192.0.2.7:4711", seed_req_peer(req));
    assert_int_equal(0, seed_req_socket_wait(req));
    assert_false(seed_res_sent(res));
    assert_int_equal(0, life.warned);
    assert_string_equal("", life_answer(&client));

    seed_resume(req, SEED_NEXT);
    assert_string_equal("PRE ROUTED a gone AFTER", life.log);
    life_close(&life);
    life_forget(&client);
}

/* A handler that waits when its answer was flushed is not "gone" when the
 * server ends. */
static void keeps_what_was_flushed(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;

    (void)state;
    open_watched(&life, "get=a/w");
    req = life_begin(&life, &client, GET);
    seed_send_text(&req->res, 203, "early");
    life_run(&life);
    assert_true(client.flushed);
    life_close_box(&life);
    life_clear_flow(&life);
    assert_int_equal(203, life.status);
    assert_string_equal("", life.fault);
    assert_int_equal(client.answer_length, life.wire_bytes);
    seed_resume(req, SEED_STOP);
    life_close(&life);
    life_forget(&client);
}

/* Asked once, in the request's memory, and known when the client is gone. */
static void tells_of_tls(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    const seed_tls *told;
    seed_req *req;

    (void)state;
    open_watched(&life, "get=a/w");
    req = life_begin(&life, &client, GET);
    told = seed_req_tls(req);
    assert_string_equal("TLSv1.3", told->version);
    assert_ptr_equal(told, seed_req_tls(req));
    life_gone(&client);
    assert_ptr_equal(told, seed_req_tls(req));
    seed_resume(req, SEED_STOP);
    life_close(&life);
    life_forget(&client);
}

/* A hook taken away is not called. */
static void forgets_the_hook(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;

    (void)state;
    open_watched(&life, "get=a/w");
    req = life_begin(&life, &client, GET);
    seed_on_peer(req, NULL, NULL);
    life_gone(&client);
    seed_resume(req, SEED_STOP);
    assert_string_equal("PRE ROUTED a AFTER", life.log);
    life_close(&life);
    life_forget(&client);
}

/* --- deadlines ------------------------------------------------------------ */

static void note_cancel(seed_req *req, enum seed_cancel why, void *ctx)
{
    bool resumes = ctx != NULL;

    life_note(life_of(req), why == SEED_CANCEL_GONE ? "cancel" : "deadline");
    if (resumes)
        seed_resume(req, seed_send_text(seed_req_res(req), 200, "no use"));
}

static seed_step watch_cancel(seed_req *req, seed_res *res, void *ctx)
{
    watch_peer(req, res, NULL);
    seed_on_cancel(req, note_cancel, ctx);
    return SEED_NEXT;
}

/* The state that is told is not that of the client, which is still there. */
static void note_told(seed_req *req, enum seed_peer_state state, void *ctx)
{
    (void)ctx;
    assert_int_equal(SEED_GONE, state);
    assert_int_equal(SEED_PEER_OPEN, seed_req_peer_state(req));
    life_note(life_of(req), "told");
}

#define BODY "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"

static void ends_what_is_late(void **state)
{
    static const struct {
        const char *script, *ask, *log;
        int status;
        enum sink_end how;
    } cases[] = {
        { "get=a/w get=b/t", GET, "PRE ROUTED a SEND deadline AFTER", 503,
            SINK_CLOSE },
        { "get=a/e", GET, "PRE ROUTED a SEND deadline AFTER", 200,
            SINK_ABORT },
        { "get=a/D", GET, "PRE ROUTED a SEND deadline AFTER", 200,
            SINK_ABORT },
        { "post=a/b err=e/n", BODY, "PRE ROUTED a e SEND deadline AFTER", 503,
            SINK_CLOSE },
        { "post=a/b err=e/a", BODY, "PRE ROUTED a e deadline ~ SEND AFTER",
            200, SINK_CLOSE },
        { "post=a/o", BODY, "PRE ROUTED a <half> SEND deadline AFTER", 503,
            SINK_CLOSE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        seed_req *req;
        unsigned waits;

        life_open(&life, "");
        life_pre(&life, watch_cancel, NULL);
        life_script(&life, cases[i].script);
        req = life_begin(&life, &client, cases[i].ask);
        life_run(&life);
        waits = life.wait_count;
        seed__flow_expire(req);
        life_run(&life);
        if (strstr(cases[i].log, "~"))
            life_drive(&life);
        assert_string_equal(cases[i].log, life.log);
        assert_int_equal(cases[i].status, life.status);
        assert_int_equal(cases[i].how, client.how);
        for (unsigned k = 0; k < waits && !strstr(cases[i].log, "~"); k++)
            seed_resume(life.waits[k].req, SEED_NEXT);
        life_close(&life);
        life_forget(&client);
    }
}

/* The hook that resumes gives the memory back at once; what it sends is late.
 */
static void a_cancel_hook_may_resume(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_pre(&life, watch_cancel, &life);
    life_script(&life, "get=a/w");
    seed__flow_expire(life_begin(&life, &client, GET));
    life_run(&life);
    assert_string_equal("PRE ROUTED a SEND deadline AFTER", life.log);
    assert_int_equal(503, life_status(&client));
    assert_has(life_answer(&client), "Connection: close");
    assert_int_equal(0, life.warned);
    life_close(&life);
    life_forget(&client);
}

/* One of the hooks is told, once, and only while there is work to stop. */
static void tells_one_hook_once(void **state)
{
    static const struct {
        const char *script, *log;
        bool cancels, expires;
    } cases[] = {
        { "get=a/w", "PRE ROUTED a cancel AFTER", true, false },
        { "get=a/w", "PRE ROUTED a gone AFTER", false, false },
        { "get=a/t", "PRE ROUTED a SEND gone AFTER", true, false },
        { "get=a/w", "PRE ROUTED a SEND deadline AFTER", true, true },
        { "get=a/w", "PRE ROUTED a SEND told AFTER", false, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { .slow = true };
        seed_req *req;

        life_open(&life, "");
        life_pre(&life, cases[i].cancels ? watch_cancel : watch_peer, NULL);
        life_script(&life, cases[i].script);
        req = life_begin(&life, &client, GET);
        life_run(&life);
        if (!cases[i].cancels && cases[i].expires)
            seed_on_peer(req, note_told, NULL);
        if (cases[i].expires)
            seed__flow_expire(req);
        life_gone(&client);
        assert_string_equal(cases[i].log, life.log);
        for (unsigned k = 0; k < life.wait_count; k++)
            seed_resume(life.waits[k].req, SEED_STOP);
        life_close(&life);
        life_forget(&client);
    }
}

static void knows_who_is_late(void **state)
{
    static const struct {
        uint64_t server, route;
        int64_t after; /* it has begun */
        bool late;
    } cases[] = {
        { NEVER, 0, INT64_MAX / 2, false },
        { 100, 0, 100, false },
        { 100, 0, 101, true },
        { 100, 0, -5, false },
        { 100, 300, 300, false },
        { 100, 300, 301, true },
        { NEVER, 300, 301, true },
        { 100, NEVER, INT64_MAX / 2, false },
    };
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;

    (void)state;
    life_open(&life, "get=a/w");
    req = life_begin(&life, &client, GET);
    for (size_t i = 0; i < COUNT(cases); i++) {
        life.plan.deadlines.handler = cases[i].server;
        ((seed_route *)(uintptr_t)req->route)->deadline = cases[i].route;
        assert_int_equal(cases[i].late, seed__flow_late(req,
            req->begun + (uint64_t)cases[i].after));
    }
    seed__flow_expire(req);
    assert_false(seed__flow_late(req, req->begun + 301));
    life_drive(&life);
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_the_half_closed),
        cmocka_unit_test(tells_that_it_is_gone),
        cmocka_unit_test(says_nothing_to_the_gone),
        cmocka_unit_test(keeps_what_was_flushed),
        cmocka_unit_test(tells_of_tls),
        cmocka_unit_test(forgets_the_hook),
        cmocka_unit_test(ends_what_is_late),
        cmocka_unit_test(a_cancel_hook_may_resume),
        cmocka_unit_test(tells_one_hook_once),
        cmocka_unit_test(knows_who_is_late),
    };

    return cmocka_run_group_tests_name("flow/peer", tests, life_count_memory,
        NULL);
}
