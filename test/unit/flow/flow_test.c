/* SPDX-License-Identifier: MIT */
/* The order of a request's way, as a table: script, request, what happened. */
#include "unit/flow/harness.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct {
    const char *script, *request, *log;
    int status;
    const char *fault;
} ways[] = {
    /* stages in their order */
    { "get=a/t", GET, "PRE ROUTED a SEND AFTER", 200, "" },
    { "pre=p/n pre=q/n use=u/n use=v/n get=a/n get=b/t", GET,
        "PRE p q ROUTED u v a b SEND AFTER", 200, "" },

    /* answers in each stage end the chains */
    { "pre=p/t use=u/n get=a/t", GET, "PRE p SEND AFTER", 200, "" },
    { "pre=p/n use=u/t get=a/t", GET, "PRE p ROUTED u SEND AFTER", 200, "" },
    { "get=a/t get=b/t", GET, "PRE ROUTED a SEND AFTER", 200, "" },

    /* waits in each stage; the stage's event is told once */
    { "pre=p/w pre=q/n get=a/t", GET, "PRE p ~ q ROUTED a SEND AFTER", 200,
        "" },
    { "use=u/w use=v/n get=a/t", GET, "PRE ROUTED u ~ v a SEND AFTER", 200,
        "" },
    { "get=a/w get=b/t", GET, "PRE ROUTED a ~ b SEND AFTER", 200, "" },
    { "pre=p/w use=u/w get=a/w get=b/a", GET,
        "PRE p ~ ROUTED u ~ a ~ b ~ SEND AFTER", 200, "" },

    /* resumed before the handler returned */
    { "pre=p/r use=u/r get=a/r get=b/t", GET,
        "PRE p ROUTED u a b SEND AFTER", 200, "" },

    /* an end without an answer */
    { "get=a/n", GET, "PRE ROUTED a SEND AFTER", 500, "InternalServer" },
    { "get=a/s", GET, "PRE ROUTED a SEND AFTER", 500, "InternalServer" },
    { "pre=p/s get=a/t", GET, "PRE p SEND AFTER", 500, "InternalServer" },
    { "use=u/s get=a/t", GET, "PRE ROUTED u SEND AFTER", 500,
        "InternalServer" },
    { "get=a/W", GET, "PRE ROUTED a ~ SEND AFTER", 500, "InternalServer" },
    { "get=a/r", GET, "PRE ROUTED a SEND AFTER", 500, "InternalServer" },

    /* failures in each stage */
    { "pre=p/f get=a/t", GET, "PRE p SEND AFTER", 400, "Own" },
    { "use=u/f get=a/t", GET, "PRE ROUTED u SEND AFTER", 400, "Own" },
    { "get=a/f get=b/t", GET, "PRE ROUTED a SEND AFTER", 400, "Own" },
    { "get=a/x get=b/t", GET, "PRE ROUTED a ~ SEND AFTER", 400, "Own" },
    { "put=a/t", GET, "PRE SEND AFTER", 405, "MethodNotAllowed" },
    { "get=a/t", "GET /no HTTP/1.1\r\nHost: a\r\n\r\n", "PRE SEND AFTER", 404,
        "NotFound" },
    { "get=a/t", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "PRE SEND AFTER",
        400, "BadRequest" },

    /* error handlers: by name or code, then general */
    { "get=a/f err=g/n err.Own=n/n err.OwnCode=c/n err.Other=o/t", GET,
        "PRE ROUTED a n c g SEND AFTER", 400, "Own" },
    { "get=a/f err.Own=n/t err=g/t", GET, "PRE ROUTED a n SEND AFTER", 200,
        "Own" },
    { "get=a/f err=g/t", GET, "PRE ROUTED a g SEND AFTER", 200, "Own" },
    { "get=a/f err=g/s err=h/t", GET, "PRE ROUTED a g SEND AFTER", 400,
        "Own" },
    { "get=a/f err=g/w err=h/t", GET, "PRE ROUTED a g ~ h SEND AFTER", 200,
        "Own" },
    { "get=a/f err=g/w", GET, "PRE ROUTED a g ~ SEND AFTER", 400, "Own" },
    { "get=a/f err=g/W err=h/t", GET, "PRE ROUTED a g ~ SEND AFTER", 400,
        "Own" },
    { "get=a/f err=g/a err=h/t", GET, "PRE ROUTED a g ~ SEND AFTER", 200,
        "Own" },
    { "get=a/n err=g/x err=h/t", GET, "PRE ROUTED a g ~ SEND AFTER", 400,
        "Own" },
    { "get=a/n err=g/f err=h/t", GET, "PRE ROUTED a g SEND AFTER", 400,
        "Own" },
    { "get=a/n err=g/r err=h/t", GET, "PRE ROUTED a g h SEND AFTER", 200,
        "InternalServer" },
    { "put=a/t err.MethodNotAllowed=m/t", GET, "PRE m SEND AFTER", 200,
        "MethodNotAllowed" },
    { "get=a/t err.ResourceNotFound=m/t",
        "GET /no HTTP/1.1\r\nHost: a\r\n\r\n", "PRE m SEND AFTER", 200,
        "NotFound" },

    /* streams */
    { "get=a/d", GET, "PRE ROUTED a SEND AFTER", 200, "" },
    { "get=a/e", GET, "PRE ROUTED a SEND ~ AFTER", 200, "" },
    { "get=a/F err=g/t", GET, "PRE ROUTED a SEND AFTER", 200, "Own" },
    { "get=a/E err=g/t", GET, "PRE ROUTED a SEND ~ AFTER", 200, "Own" },
    { "get=a/f err=g/d", GET, "PRE ROUTED a g SEND AFTER", 200, "Own" },
    { "get=a/f err=g/e", GET, "PRE ROUTED a g SEND ~ AFTER", 200, "Own" },
    { "get=a/f err=g/E err=h/t", GET, "PRE ROUTED a g SEND ~ AFTER", 200,
        "Own" },

    /* a second answer */
    { "get=a/2", GET, "PRE ROUTED a SEND AFTER", 200, "" },

    /* bodies */
    { "post=a/b post=b/c",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "PRE ROUTED a b SEND AFTER", 200, "" },
    { "pre=p/b use=u/b post=a/b post=b/c",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "PRE p ROUTED u a b SEND AFTER", 200, "" },
    { "post=a/o post=b/t",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "PRE ROUTED a <abc> <> b SEND AFTER", 200, "" },
    { "get=a/o get=b/t", GET, "PRE ROUTED a <> b SEND AFTER", 200, "" },
    { "post=a/f err=g/b err=h/c",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "PRE ROUTED a g h SEND AFTER", 200, "Own" },
};

static void goes_its_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_open(&life, ways[i].script);
        life_ask(&life, &client, ways[i].request);
        if (strcmp(ways[i].log, life.log) || ways[i].status != life.status)
            print_error("%s: %s", ways[i].script, ways[i].request);
        assert_string_equal(ways[i].log, life.log);
        assert_int_equal(ways[i].status, life.status);
        assert_int_equal(ways[i].status, life_status(&client));
        assert_string_equal(ways[i].fault, life.fault);
        assert_int_equal(1, life.afters);
        life_close(&life);
        life_forget(&client);
    }
}

/* Wherever it is when its client goes, its `after` comes once, at once, and
 * nothing else of it runs. */
static const struct {
    const char *script, *log;
    int status;
} departures[] = {
    { "pre=p/w get=a/t", "PRE p AFTER", 444 },
    { "use=u/w get=a/t", "PRE ROUTED u AFTER", 444 },
    { "get=a/w get=b/t", "PRE ROUTED a AFTER", 444 },
    { "get=a/a get=b/t", "PRE ROUTED a AFTER", 444 },
    { "get=a/x err=g/t", "PRE ROUTED a AFTER", 444 },
    { "get=a/f err=g/w", "PRE ROUTED a g AFTER", 444 },
    { "get=a/e", "PRE ROUTED a SEND AFTER", 200 },
    { "get=a/D", "PRE ROUTED a SEND AFTER", 200 },
    { "get=a/o get=b/t", "PRE ROUTED a AFTER", 444 },
    { "get=a/t", "PRE ROUTED a SEND AFTER", 200 },
};

static void ends_when_its_client_goes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(departures); i++) {
        struct life life = { 0 };
        struct client client = { .slow = true };

        life_open(&life, departures[i].script);
        life_begin(&life, &client, GET);
        life_gone(&client);
        assert_string_equal(departures[i].log, life.log);
        assert_int_equal(departures[i].status, life.status);

        /* Late resumes, also with an answer: only memory. */
        life.log[0] = '\0';
        life_drive(&life);
        assert_int_equal(1, life.afters);
        assert_lacks(life.log, "AFTER");
        assert_lacks(life.log, "SEND");
        assert_lacks(life.log, "b");
        life_close(&life);
        life_forget(&client);
    }
}

/* The end of a server is one for every request. */
static void ends_when_its_server_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(departures); i++) {
        struct life life = { 0 };
        struct client clients[3] = { { .slow = true }, { .slow = true } };

        life_open(&life, departures[i].script);
        for (size_t k = 0; k < COUNT(clients); k++)
            life_begin(&life, &clients[k], GET);
        life_close_box(&life);
        life_clear_flow(&life);
        assert_int_equal(3, life.afters);
        for (unsigned k = 0; k < life.wait_count; k++)
            seed_resume(life.waits[k].req, SEED_NEXT);
        life_close(&life);
        for (size_t k = 0; k < COUNT(clients); k++)
            life_forget(&clients[k]);
    }
}

/* `after` waits for the later of the two: the chain and the flush. */
static void waits_for_chain_and_flush(void **state)
{
    static const struct {
        const char *script;
        const char *before, *flushed;
    } cases[] = {
        { "get=a/t", "PRE ROUTED a SEND", "PRE ROUTED a SEND AFTER" },
        { "get=a/e", "PRE ROUTED a SEND ~", "PRE ROUTED a SEND ~ AFTER" },
    };
    struct life life = { 0 };
    struct client client = { .slow = true };
    seed_req *req;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        memset(&life, 0, sizeof life);
        life_open(&life, cases[i].script);
        life_begin(&life, &client, GET);
        life_drive(&life);
        assert_string_equal(cases[i].before, life.log);
        life_flush(&client);
        assert_string_equal(cases[i].flushed, life.log);
        life_close(&life);
    }

    /* Flushed first: who answers from outside of a handler goes on later. */
    memset(&life, 0, sizeof life);
    client.slow = false;
    life_open(&life, "get=a/w get=b/n");
    req = life_begin(&life, &client, GET);
    seed_send_text(&req->res, 200, "early");
    life_run(&life);
    assert_true(client.flushed);
    assert_string_equal("PRE ROUTED a SEND", life.log);
    assert_string_equal("192.0.2.7:4711", seed_req_peer(req));
    life_drive(&life);
    assert_string_equal("PRE ROUTED a SEND ~ b AFTER", life.log);
    assert_int_equal(client.answer_length, life.wire_bytes);
    assert_int_equal(0, life.warned);
    life_close(&life);
    life_forget(&client);
}

static void warns_of_silence(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "get=a/n");
    life_ask(&life, &client, GET);
    assert_int_equal(1, life.warned);
    assert_has(life.warnings, "GET / ended without an answer");
    assert_string_equal("{\"code\":\"InternalServer\",\"message\":\"reached "
        "the end of the handler chain without writing a response!\"}",
        life_body(&client));
    life_close(&life);
    life_forget(&client);
}

/* HEAD by GET's route, and by its own. */
static void implies_head(void **state)
{
    static const char head[] = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    static const struct {
        bool off;
        const char *script, *log;
        int status;
    } cases[] = {
        { false, "get=a/t", "PRE ROUTED a SEND AFTER", 200 },
        { false, "get=a/t head=h/t", "PRE ROUTED h SEND AFTER", 200 },
        { true, "get=a/t head=h/t", "PRE ROUTED h SEND AFTER", 200 },
        { true, "get=a/t", "PRE SEND AFTER", 405 },
        { false, "post=a/t", "PRE SEND AFTER", 405 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_init(&life);
        life.options.no_implied_head = cases[i].off;
        life_open(&life, cases[i].script);
        life_ask(&life, &client, head);
        assert_string_equal(cases[i].log, life.log);
        assert_int_equal(cases[i].status, life_status(&client));
        assert_string_equal("", life_body(&client));
        life_close(&life);
        life_forget(&client);
    }
}

/* --- any way at all ------------------------------------------------------- */

static unsigned seed = 1;

static unsigned some(unsigned below)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % below;
}

/* Handlers with any verb in any list, b and o twice as likely. */
static void make_script(char *script)
{
    static const char verbs[] = "nnnstf2rwWaxdDFeEbobo";
    static const char *const lists[] = { "pre", "use", "post", "post", "post",
        "err", "err.Own", "err.NotFound" };
    unsigned count = 1 + some(6);

    script += sprintf(script, "post=h/%c", verbs[some(sizeof verbs - 1)]);
    for (unsigned i = 0; i < count; i++)
        script += sprintf(script, " %s=h%u/%c", lists[some(COUNT(lists))], i,
            verbs[some(sizeof verbs - 1)]);
}

static const char *some_request(void)
{
    static const char *const requests[] = {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\na\r\n2\r\nbc\r\n0\r\nX: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\na\r\nx",
        "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.0\r\nContent-Length: 2097152\r\n\r\n",
        "POST /no HTTP/1.1\r\nHost: a\r\n\r\n",
        "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
    };

    return requests[some(COUNT(requests))];
}

/* One thing that may happen to a request, or to its handlers. */
static void happen(struct life *life, struct client *client)
{
    switch (some(8)) {
    case 0:
        life_gone(client);
        return;
    case 1:
        if (client->sink.req && !client->ended)
            life_half_close(client);
        return;
    case 2:
        if (client->sink.req && !client->ended && client->wants)
            seed__flow_refuse(&life->flow, &client->sink, client->sink.req,
                400, "no");
        return;
    case 3:
        life_drive(life);
        return;
    case 4:
        if (client->ended)
            life_flush(client);
        return;
    default:
        life_run(life);
    }
}

static void wander(bool starving)
{
    struct life life = { 0 };
    struct client clients[3] = { { .slow = some(2) }, { .slow = some(2) } };
    char script[256];
    bool early;

    make_script(script);
    life_open(&life, script);
    life_start(&life);
    for (unsigned i = 0; i < 3 + some(12); i++) {
        struct client *client = &clients[some(COUNT(clients))];

        if (starving)
            atomic_store(&life_memory.fail_in, 1 + some(8));
        if (client->sink.req)
            happen(&life, client);
        else
            life_begin(&life, client, some_request());
        atomic_store(&life_memory.fail_in, 0);
    }

    /* The end, with what still waits before, in or after it. */
    early = some(2);
    if (early)
        life_drive(&life);
    life_close_box(&life);
    life_clear_flow(&life);
    for (unsigned i = 0; i < life.wait_count; i++)
        seed_resume(life.waits[i].req, SEED_NEXT);
    life_close(&life);
    for (size_t i = 0; i < COUNT(clients); i++)
        life_forget(&clients[i]);
}

/* Each of them checks that every request had one `after`, that no answer was
 * ended twice, and that all memory came back. */
static void survives_any_way(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4000; i++) {
        seed = i;
        wander(i & 1);
    }
}

/* --- in flight ------------------------------------------------------------ */

static void refuses_more_than_may_be_in_flight(void **state)
{
    struct life life = { 0 };
    struct client waiting[2] = { 0 }, client = { 0 };

    (void)state;
    life_init(&life);
    life.options.max_in_flight = 2;
    life_open(&life, "pre=p/n get=a/a err=e/n");
    for (int i = 0; i < 2; i++)
        life_begin(&life, &waiting[i],
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    life.log[0] = '\0';
    life_begin(&life, &client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    life_run(&life);
    assert_string_equal("PRE e SEND AFTER", life.log);
    assert_int_equal(503, life_status(&client));
    assert_has(life_answer(&client), "\r\nRetry-After: 1\r\n");
    assert_int_equal(SINK_KEEP, client.how);
    assert_int_equal(1,
        seed__flow_limits(&life.flow, SEED_LIMIT_IN_FLIGHT));
    life_forget(&client);

    life_drive(&life);
    assert_int_equal(200, life_status(&waiting[1]));
    client = (struct client){ 0 };
    life_ask(&life, &client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(200, life_status(&client));
    life_close(&life);
    life_forget(&client);
    life_forget(&waiting[0]);
    life_forget(&waiting[1]);
}

static void answers_exempt_routes_when_full(void **state)
{
    struct life life = { 0 };
    struct client waiting = { 0 }, client = { 0 };

    (void)state;
    life_init(&life);
    life.options.max_in_flight = 1;
    life_open(&life, "pre=p/n get=a/a");
    life.plan.routes->exempt = true;
    life_begin(&life, &waiting, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    life_begin(&life, &client, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    life_drive(&life);
    assert_int_equal(200, life_status(&client));
    life_forget(&client);

    client = (struct client){ 0 };
    life_begin(&life, &waiting, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    life_begin(&life, &client, "GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
    life_drive(&life);
    assert_int_equal(503, life_status(&client));
    life_close(&life);
    life_forget(&client);
    life_forget(&waiting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_any_way),
        cmocka_unit_test(goes_its_way),
        cmocka_unit_test(ends_when_its_client_goes),
        cmocka_unit_test(ends_when_its_server_does),
        cmocka_unit_test(waits_for_chain_and_flush),
        cmocka_unit_test(warns_of_silence),
        cmocka_unit_test(implies_head),
        cmocka_unit_test(refuses_more_than_may_be_in_flight),
        cmocka_unit_test(answers_exempt_routes_when_full),
    };

    return cmocka_run_group_tests_name("flow/flow", tests, life_count_memory,
        NULL);
}
