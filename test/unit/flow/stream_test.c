/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

#define HEAD(method, minor) \
    method " / HTTP/1." #minor "\r\nHost: a\r\n\r\n"

struct open {
    struct life life;
    struct client client;
    seed_req *req;
    seed_res *res;
};

static void begin(struct open *open, const char *request)
{
    memset(open, 0, sizeof *open);
    life_init(&open->life);
    open->life.options.max_output = 1000;
    life_open(&open->life, "get=a/w");
    open->req = life_begin(&open->life, &open->client, request);
    open->res = seed_req_res(open->req);
}

static void end(struct open *open, seed_step step)
{
    seed_resume(open->req, step);
    life_run(&open->life);
    assert_true(open->client.ended);
    assert_int_equal(1, open->life.afters);
}

static void clear(struct open *open)
{
    life_close(&open->life);
    life_forget(&open->client);
}

/* "hello", then "!" in pieces, by version, method and length. */
static void frames_streams(void **state)
{
    static const struct {
        const char *what, *request;
        int status;
        size_t length;
        const char *field, *no_field, *body;
        enum sink_end how;
    } cases[] = {
        { "chunked", HEAD("GET", 1), 200, SEED_UNLIMITED,
            "\r\nTransfer-Encoding: chunked\r\n", "Content-Length",
            "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", SINK_KEEP },
        { "length", HEAD("GET", 1), 200, 6, "\r\nContent-Length: 6\r\n",
            "Transfer-Encoding", "hello!", SINK_KEEP },
        { "1.0", HEAD("GET", 0), 200, SEED_UNLIMITED,
            "\r\nConnection: close\r\n", "Transfer-Encoding", "hello!",
            SINK_CLOSE },
        { "1.0, length", HEAD("GET", 0), 200, 6, "\r\nContent-Length: 6\r\n",
            "Transfer-Encoding", "hello!", SINK_CLOSE },
        { "HEAD", HEAD("HEAD", 1), 200, SEED_UNLIMITED,
            "\r\nTransfer-Encoding: chunked\r\n", "Content-Length", "",
            SINK_KEEP },
        { "HEAD, length", HEAD("HEAD", 1), 200, 6,
            "\r\nContent-Length: 6\r\n", "Transfer-Encoding", "", SINK_KEEP },
        { "204", HEAD("GET", 1), 204, SEED_UNLIMITED, "HTTP/1.1 204 ",
            "Transfer-Encoding", "", SINK_KEEP },
        { "304", HEAD("GET", 1), 304, 6, "HTTP/1.1 304 ",
            "Transfer-Encoding", "", SINK_KEEP },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct open open;

        begin(&open, cases[i].request);
        assert_int_equal(0, seed_stream_open(open.res, cases[i].status,
            cases[i].length));
        assert_int_equal(0, seed_stream_write(open.res, "hello", 5));
        assert_int_equal(0, seed_stream_write(open.res, "", 0));
        assert_int_equal(0, seed_stream_write(open.res, "!", 1));
        end(&open, seed_stream_end(open.res));
        assert_has(life_answer(&open.client), cases[i].field);
        assert_lacks(life_answer(&open.client), cases[i].no_field);
        assert_string_equal(cases[i].body, life_body(&open.client));
        assert_int_equal(cases[i].how, open.client.how);
        clear(&open);
    }
}

/* What is promised is what is sent, or the client sees that it was cut. */
static void holds_its_length(void **state)
{
    struct open open;

    (void)state;
    begin(&open, HEAD("GET", 1));
    seed_stream_open(open.res, 200, 3);
    assert_int_equal(SEED_EFULL, seed_stream_write(open.res, "abcd", 4));
    assert_int_equal(0, seed_stream_write(open.res, "abc", 3));
    assert_int_equal(SEED_EFULL, seed_stream_write(open.res, "d", 1));
    end(&open, seed_stream_end(open.res));
    assert_int_equal(SINK_KEEP, open.client.how);
    assert_string_equal("abc", life_body(&open.client));
    clear(&open);

    begin(&open, HEAD("GET", 1));
    seed_stream_open(open.res, 200, 3);
    seed_stream_write(open.res, "ab", 2);
    end(&open, seed_stream_end(open.res));
    assert_int_equal(SINK_ABORT, open.client.how);
    clear(&open);
}

static void refuses_at_other_times(void **state)
{
    struct open open;

    (void)state;
    begin(&open, HEAD("GET", 1));
    assert_int_equal(SEED_ESTATE, seed_stream_write(open.res, "a", 1));
    assert_int_equal(SEED_STOP, seed_stream_end(open.res));
    assert_false(open.client.ended);
    assert_int_equal(SEED_EINVAL, seed_stream_open(open.res, 199, 1));
    assert_int_equal(SEED_EINVAL, seed_stream_open(open.res, 600, 1));
    assert_int_equal(0, seed_stream_open(open.res, 200, SEED_UNLIMITED));
    assert_int_equal(SEED_ESENT, seed_stream_open(open.res, 200, 1));
    assert_int_equal(SEED_STOP, seed_send_text(open.res, 200, "no"));
    assert_int_equal(2, open.life.warned);
    seed_stream_end(open.res);
    assert_int_equal(SEED_ESTATE, seed_stream_write(open.res, "a", 1));
    end(&open, seed_stream_end(open.res));
    assert_string_equal("0\r\n\r\n", life_body(&open.client));
    clear(&open);
}

/* --- back-pressure -------------------------------------------------------- */

static void note_drain(seed_res *res, void *ctx)
{
    life_note(life_of(seed_res_req(res)), "%s", (const char *)ctx);
    assert_int_equal(0, seed_stream_write(res, "+", 1));
}

static void tells_when_it_drains(void **state)
{
    static char word[] = "drain";
    struct open open;

    (void)state;
    begin(&open, HEAD("GET", 1));
    seed_on_drain(open.res, note_drain, word);
    seed_stream_open(open.res, 200, SEED_UNLIMITED);
    open.client.waiting = 1000;
    assert_int_equal(0, seed_stream_write(open.res, "a", 1));
    seed__flow_writable(open.req); /* nobody was told to wait */
    open.client.waiting = 1001;
    assert_int_equal(1, seed_stream_write(open.res, "b", 1));
    assert_string_equal("PRE ROUTED a SEND", open.life.log);
    open.client.waiting = 10;
    seed__flow_writable(open.req);
    seed__flow_writable(open.req);
    assert_string_equal("PRE ROUTED a SEND drain", open.life.log);
    end(&open, seed_stream_end(open.res));
    assert_string_equal("1\r\na\r\n1\r\nb\r\n1\r\n+\r\n0\r\n\r\n",
        life_body(&open.client));
    clear(&open);
}

static void drains_nothing_that_is_over(void **state)
{
    static char word[] = "drain";
    struct open open;

    (void)state;
    begin(&open, HEAD("GET", 1));
    seed_on_drain(open.res, note_drain, word);
    seed_stream_open(open.res, 200, SEED_UNLIMITED);
    open.client.waiting = 2000;
    assert_int_equal(1, seed_stream_write(open.res, "a", 1));
    seed_stream_end(open.res);
    seed__flow_writable(open.req);
    end(&open, SEED_STOP);
    assert_lacks(open.life.log, "drain");
    clear(&open);
}

/* --- cut ------------------------------------------------------------------ */

static void is_cut(void **state)
{
    struct open open;

    (void)state;
    for (int opened = 0; opened < 2; opened++) {
        begin(&open, HEAD("GET", 1));
        if (opened)
            seed_stream_open(open.res, 200, SEED_UNLIMITED);
        assert_int_equal(SEED_STOP, seed_stream_abort(open.res));
        assert_int_equal(SEED_STOP, seed_stream_abort(open.res));
        end(&open, SEED_STOP);
        assert_int_equal(SINK_ABORT, open.client.how);
        assert_int_equal(opened ? 200 : 0, life_status(&open.client));
        clear(&open);
    }
}

/* The stream goes on when the chain has ended: the request does, too. */
static void outlives_its_chain(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;

    (void)state;
    life_open(&life, "get=a/D");
    req = life_begin(&life, &client, HEAD("GET", 1));
    life_run(&life);
    assert_string_equal("PRE ROUTED a SEND", life.log);
    seed_stream_write(&req->res, "more", 4);
    seed_stream_end(&req->res);
    life_run(&life);
    assert_string_equal("PRE ROUTED a SEND AFTER", life.log);
    assert_string_equal("4\r\npart\r\n4\r\nmore\r\n0\r\n\r\n",
        life_body(&client));
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_streams),
        cmocka_unit_test(holds_its_length),
        cmocka_unit_test(refuses_at_other_times),
        cmocka_unit_test(tells_when_it_drains),
        cmocka_unit_test(drains_nothing_that_is_over),
        cmocka_unit_test(is_cut),
        cmocka_unit_test(outlives_its_chain),
    };

    return cmocka_run_group_tests_name("flow/stream", tests,
        life_count_memory, NULL);
}
