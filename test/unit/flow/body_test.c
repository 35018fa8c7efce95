/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define LENGTH(n) POST "Content-Length: " #n "\r\n\r\n"

/* --- in one piece --------------------------------------------------------- */

static size_t limit;

static seed_step read_it(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    life_note(life_of(req), "read");
    return seed_read_body(req, limit);
}

static seed_step echo(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *body = seed_req_body(req, &length);

    (void)ctx;
    assert_non_null(body);
    assert_int_equal('\0', body[length]);
    return seed_send_bytes(res, 200, body, length);
}

static void open_reader(struct life *life)
{
    seed_route *route;

    life_open(life, "");
    route = life_route(life, "POST", "/", read_it, NULL);
    assert_int_equal(0, seed__route_then(route, echo, NULL, "echo", "t", 1));
}

/* A request whose body is `size` bytes, in chunks of `chunk` when not 0. */
static char *request_of(size_t size, size_t chunk, size_t *length)
{
    char *text = malloc(size * 8 + 256), *at = text;

    assert_non_null(text);
    at += chunk ? sprintf(at, CHUNKED)
                : sprintf(at, POST "Content-Length: %zu\r\n\r\n", size);
    for (size_t i = 0; i < size; i++) {
        size_t left = size - i < chunk ? size - i : chunk;

        if (chunk && i % chunk == 0)
            at += sprintf(at, "%s%zx\r\n", i ? "\r\n" : "", left);
        *at++ = (char)('a' + i % 26);
    }
    if (chunk)
        at += sprintf(at, "%s0\r\n\r\n", size ? "\r\n" : "");
    *length = (size_t)(at - text);
    return text;
}

static void reads_it_whole(void **state)
{
    static const size_t sizes[] = { 0, 1, 2047, 2048, 2049, 4095, 4096, 4097,
        20000 };
    static const size_t chunks[] = { 0, 1000, 7 };
    static const size_t pieces[] = { 0, 1, 1000 };
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    limit = 0;
    open_reader(&life);
    for (size_t i = 0; i < COUNT(sizes) * COUNT(chunks) * COUNT(pieces); i++) {
        size_t size = sizes[i / (COUNT(chunks) * COUNT(pieces))], length;
        size_t chunk = chunks[i / COUNT(pieces) % COUNT(chunks)];
        char *text = request_of(size, chunk, &length);
        const char *body;

        client.piece = pieces[i % COUNT(pieces)];
        life_begin_bytes(&life, &client, text, length);
        life_run(&life);
        body = life_body(&client);
        assert_int_equal(200, life_status(&client));
        assert_int_equal(size, strlen(body));
        for (size_t k = 0; k < size; k++)
            assert_int_equal('a' + k % 26, body[k]);
        assert_int_equal(SINK_KEEP, client.how);
        free(text);
    }
    life_close(&life);
    life_forget(&client);
}

static void holds_limits(void **state)
{
    static const struct {
        size_t limit;
        const char *request;
        int status;
        bool asked; /* for any byte */
    } cases[] = {
        { 3, LENGTH(3) "abc", 200, true },
        { 3, LENGTH(4) "abcd", 413, false },
        { 3, CHUNKED "3\r\nabc\r\n0\r\n\r\n", 200, true },
        { 3, CHUNKED "4\r\nabcd\r\n0\r\n\r\n", 413, true },
        { 3, CHUNKED "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", 413, true },
        { SEED_UNLIMITED, LENGTH(4) "abcd", 200, true },
        { 0, LENGTH(1048577), 413, false },
        { 0, LENGTH(4) "abcd", 200, true },
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        bool stream = i >= COUNT(cases);
        size_t k = i % COUNT(cases);
        struct life life = { 0 };
        struct client client = { 0 };

        limit = cases[k].limit;
        if (!stream)
            open_reader(&life);
        else {
            life_init(&life);
            life.options.max_body = limit;
            life_open(&life, "post=a/o post=b/t");
        }
        life_ask(&life, &client, cases[k].request);
        assert_int_equal(cases[k].status, life_status(&client));
        assert_int_equal(cases[k].asked, client.wanted > 0);
        if (cases[k].status == 413) {
            assert_string_equal("{\"code\":\"PayloadTooLarge\",\"message\":"
                "\"Content Too Large\"}", life_body(&client));
            assert_false(client.wants);
        }
        assert_int_equal(1, life.afters);
        life_close(&life);
        life_forget(&client);
    }
}

/* A chunk that announces more than may come fails before it comes. */
static void looks_ahead(void **state)
{
    static const struct {
        size_t limit;
        uint64_t ahead;
        int status;
    } cases[] = {
        { 5, 3, 200 },
        { 5, 4, 413 },
        { 5, UINT64_MAX, 413 },
        { SEED_UNLIMITED, UINT64_MAX - 2, 200 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        seed_req *req;

        limit = cases[i].limit;
        open_reader(&life);
        req = life_begin(&life, &client, CHUNKED "2\r\nab\r\n");
        seed__flow_body_ahead(req, 2);
        life_run(&life);
        seed__flow_body_ahead(req, cases[i].ahead);
        assert_int_equal(cases[i].status == 200, seed__flow_body_open(req));
        if (cases[i].status == 200)
            seed__flow_body_end(req, NULL, 0);
        life_run(&life);
        assert_int_equal(cases[i].status, life_status(&client));
        life_close(&life);
        life_forget(&client);
    }
}

/* --- 100 Continue, and what an unread body does to the connection --------- */

#define EXPECT(n) POST "Expect: 100-continue\r\nContent-Length: " #n "\r\n\r\n"

static void informs_and_closes(void **state)
{
    static const struct {
        const char *script, *request;
        unsigned informs;
        bool closes;
    } cases[] = {
        { "post=a/b post=b/t", EXPECT(3) "abc", 1, false },
        { "post=a/b post=b/b post=c/t", EXPECT(3) "abc", 1, false },
        { "post=a/o post=b/t", EXPECT(3) "abc", 1, false },
        { "post=a/t", EXPECT(3), 0, true },
        { "post=a/f", EXPECT(3), 0, true },
        { "post=a/b post=b/t", EXPECT(1048577), 0, true },
        { "post=a/b post=b/t", LENGTH(3) "abc", 0, false },
        { "post=a/t", LENGTH(3) "abc", 0, false },
        { "post=a/t", LENGTH(65536), 0, false },
        { "post=a/t", LENGTH(65537), 0, true },
        { "post=a/f", LENGTH(65537), 0, true },
        { "get=a/t", LENGTH(65537), 0, true },
        { "post=a/t", CHUNKED "0\r\n\r\n", 0, false },
        { "post=a/b post=b/t", CHUNKED "x\r\n", 0, true },
        { "post=a/d", LENGTH(65537), 0, true },
        { "post=a/t", POST "Connection: close\r\n\r\n", 0, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };

        life_open(&life, cases[i].script);
        life_ask(&life, &client, cases[i].request);
        if (cases[i].informs != client.informs
            || cases[i].closes != (client.how == SINK_CLOSE))
            print_error("%s %s\n", cases[i].script, cases[i].request);
        assert_int_equal(cases[i].informs, client.informs);
        assert_int_equal(cases[i].closes ? SINK_CLOSE : SINK_KEEP,
            client.how);
        if (cases[i].closes)
            assert_has(client.answer, "\r\nConnection: close\r\n");
        else
            assert_lacks(client.answer, "\r\nConnection:");
        life_close(&life);
        life_forget(&client);
    }
}

static seed_step ask_late(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    assert_int_equal(0, seed_stream_open(res, 200, 3));
    return seed_read_body(req, 0);
}

static seed_step end_stream(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_stream_write(res, seed_req_body(req, NULL), 3);
    return seed_stream_end(res);
}

/* Behind the answer's head no 100 Continue may come. */
static void does_not_inform_late(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_route *route;

    (void)state;
    life_open(&life, "");
    route = life_route(&life, "POST", "/", ask_late, NULL);
    seed__route_then(route, end_stream, NULL, "end_stream", "t", 1);
    life_ask(&life, &client, EXPECT(3) "abc");
    assert_int_equal(0, client.informs);
    assert_string_equal("abc", life_body(&client));
    assert_int_equal(SINK_CLOSE, client.how);
    life_close(&life);
    life_forget(&client);
}

/* --- piece by piece ------------------------------------------------------- */

/* What the hook does: at the piece that begins with the letter. */
struct plot {
    char at, verb;
    seed_req *req;
    bool called_after; /* its resume */
    bool resumed;
};

static void act(seed_req *req, struct plot *plot)
{
    seed_res *res = seed_req_res(req);

    plot->req = req;
    switch (plot->verb) {
    case 'p':
        seed_body_pause(req);
        return;
    case 's':
        seed_body_pause(req);
        seed_body_resume(req);
        return;
    case 't':
        seed_send_text(res, 202, "early");
        return;
    case 'T':
        plot->resumed = true;
        seed_resume(req, seed_send_text(res, 202, "early"));
        return;
    case 'f':
        plot->resumed = true;
        seed_resume(req, seed_fail(res, 422, "not this"));
        return;
    case 'n':
        plot->resumed = true;
        seed_resume(req, SEED_NEXT);
        return;
    case 'r':
        plot->resumed = true;
        seed_resume(req, seed_read_body(req, 0));
        return;
    default:
        seed_stream_open(res, 200, SEED_UNLIMITED);
        seed_stream_write(res, "x", 1);
        plot->resumed = true;
        seed_resume(req, seed_fail(res, 422, "not this"));
    }
}

static void on_piece(seed_req *req, const char *bytes, size_t length,
    void *ctx)
{
    struct plot *plot = ctx;

    plot->called_after |= plot->resumed;
    life_note(life_of(req), "<%.*s>", (int)length, bytes ? bytes : "");
    if (bytes ? *bytes == plot->at : plot->at == '.') {
        plot->at = 0;
        act(req, plot);
    }
    if (!bytes && !plot->resumed && plot->verb != 'w')
        seed_resume(req, SEED_NEXT);
}

static seed_step stream_it(seed_req *req, seed_res *res, void *ctx)
{
    struct plot *plot = ctx;

    (void)res;
    plot->req = req;
    if (plot->at == '!')
        seed_body_pause(req);
    return seed_on_body(req, 0, on_piece, plot);
}

static seed_step finish_it(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    life_note(life_of(req), "then");
    return seed_res_sent(res) ? SEED_NEXT : seed_send_text(res, 200, "whole");
}

static void open_streamer(struct life *life, struct plot *plot)
{
    seed_route *route;

    life_open(life, "");
    route = life_route(life, "POST", "/", stream_it, plot);
    assert_int_equal(0, seed__route_then(route, finish_it, NULL, "f", "t", 1));
    assert_int_equal(0, seed__plan_on_error(&life->plan, NULL, finish_it, NULL,
        "e", "t", 1));
}

#define AB CHUNKED "2\r\naa\r\n2\r\nbb\r\n0\r\n\r\n"

static void streams_it(void **state)
{
    static const struct {
        struct plot plot;
        const char *request, *log;
        int status;
    } cases[] = {
        { { .verb = '-' }, AB, "PRE ROUTED <aa> <bb> <> then SEND AFTER",
            200 },
        { { .verb = '-' }, LENGTH(0), "PRE ROUTED <> then SEND AFTER", 200 },
        { { .verb = '-' }, LENGTH(2) "ab",
            "PRE ROUTED <ab> <> then SEND AFTER", 200 },
        { { .at = 'a', .verb = 's' }, AB,
            "PRE ROUTED <aa> <bb> <> then SEND AFTER", 200 },
        /* answers before the end; fails, goes on before the end */
        { { .at = 'a', .verb = 'T' }, AB, "PRE ROUTED <aa> SEND AFTER", 202 },
        { { .at = 'a', .verb = 'f' }, AB, "PRE ROUTED <aa> then SEND AFTER",
            200 },
        { { .at = 'b', .verb = 'n' }, AB,
            "PRE ROUTED <aa> <bb> then SEND AFTER", 200 },
        { { .at = '.', .verb = 'f' }, AB,
            "PRE ROUTED <aa> <bb> <> then SEND AFTER", 200 },
        { { .at = '.', .verb = 'T' }, AB,
            "PRE ROUTED <aa> <bb> <> SEND AFTER", 202 },
        { { .at = 'a', .verb = 'F' }, AB, "PRE ROUTED <aa> SEND AFTER", 200 },
        /* the rest is not the whole */
        { { .at = 'a', .verb = 'r' }, AB, "PRE ROUTED <aa> then SEND AFTER",
            200 },
        /* malformed in the middle */
        { { .verb = '-' }, CHUNKED "2\r\naa\r\nx\r\n",
            "PRE ROUTED <aa> BAD then SEND AFTER", 200 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        struct plot plot = cases[i].plot;

        open_streamer(&life, &plot);
        life_ask(&life, &client, cases[i].request);
        assert_string_equal(cases[i].log, life.log);
        assert_int_equal(cases[i].status, life.status);
        assert_false(plot.called_after);
        assert_false(client.wants && !client.body_over);
        assert_int_equal(1, life.afters);
        life_close(&life);
        life_forget(&client);
    }
}

/* While it pauses nothing is told, not even the end. */
static void pauses(void **state)
{
    static const struct {
        char at;
        const char *request, *before, *after;
    } cases[] = {
        { 'a', AB, "PRE ROUTED <aa>",
            "PRE ROUTED <aa> <bb> <> then SEND AFTER" },
        { 'b', AB, "PRE ROUTED <aa> <bb>",
            "PRE ROUTED <aa> <bb> <> then SEND AFTER" },
        { '!', AB, "PRE ROUTED", "PRE ROUTED <aa> <bb> <> then SEND AFTER" },
        { '!', LENGTH(0), "PRE ROUTED", "PRE ROUTED <> then SEND AFTER" },
        { 'c', LENGTH(1) "c", "PRE ROUTED <c>",
            "PRE ROUTED <c> <> then SEND AFTER" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        struct plot plot = { .at = cases[i].at, .verb = 'p' };

        open_streamer(&life, &plot);
        life_begin(&life, &client, cases[i].request);
        life_run(&life);
        assert_string_equal(cases[i].before, life.log);
        assert_false(client.wants);
        assert_false(seed__flow_wants_body(plot.req));
        assert_int_equal(!plot.req->body_ended,
            seed__flow_body_open(plot.req));

        /* A connection may tell the end together with the last piece. */
        if (cases[i].at == 'c')
            seed__flow_body_end(plot.req, NULL, 0);
        assert_string_equal(cases[i].before, life.log);
        seed_body_resume(plot.req);
        seed_body_resume(plot.req);
        life_run(&life);
        assert_string_equal(cases[i].after, life.log);
        life_close(&life);
        life_forget(&client);
    }
}

/* The answer is there before the body's end: the body goes on all the same,
 * and the request ends with it. */
static void answers_before_the_end(void **state)
{
    struct life life = { 0 };
    struct client client = { .slow = true };
    struct plot plot = { .at = 'a', .verb = 't' };
    seed_req *req;

    (void)state;
    open_streamer(&life, &plot);
    req = life_begin(&life, &client, AB);
    life_run(&life);
    assert_string_equal("PRE ROUTED <aa> SEND", life.log);
    assert_true(seed__flow_wants_body(req));
    assert_true(client.wants);
    seed__flow_body(req, "bb", 2);
    seed__flow_body_end(req, NULL, 0);
    assert_string_equal("PRE ROUTED <aa> SEND <bb> <> then", life.log);
    life_flush(&client);
    assert_int_equal(202, life.status);
    assert_int_equal(1, life.afters);
    life_close(&life);
    life_forget(&client);
}

/* A sink that flushes all the same has no more bytes to bring. */
static void ends_when_it_is_flushed(void **state)
{
    static const char *const scripts[] = { "post=a/b post=b/t",
        "post=a/o post=b/t" };

    (void)state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        seed_req *req;

        life_open(&life, scripts[i]);
        req = life_begin(&life, &client, LENGTH(5) "ab");
        life_run(&life);
        seed_send_text(&req->res, 408, "too slow");
        life_run(&life);
        assert_int_equal(408, life.status);
        assert_int_equal(1, life.afters);
        assert_lacks(life.log, " b");
        life_close(&life);
        life_forget(&client);
    }
}

/* --- ends ----------------------------------------------------------------- */

static void ends_when_the_client_goes(void **state)
{
    static const struct {
        const char *request, *log;
        char at;
    } cases[] = {
        { LENGTH(5) "ab", "PRE ROUTED <ab> AFTER", 0 },
        { LENGTH(5), "PRE ROUTED AFTER", 0 },
        { LENGTH(5) "ab", "PRE ROUTED AFTER", '!' },
        { LENGTH(5) "ab", "PRE ROUTED <ab> AFTER", 'a' },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        struct plot plot = { .at = cases[i].at, .verb = 'p' };

        open_streamer(&life, &plot);
        life_begin(&life, &client, cases[i].request);
        life_run(&life);
        life_gone(&client);
        life_run(&life);
        assert_string_equal(cases[i].log, life.log);
        life_close(&life);
        life_forget(&client);
    }
}

/* The call that tells the end is on its way when the client goes, or the
 * server. */
static void ends_while_the_end_is_queued(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        struct plot plot = { .verb = i & 1 ? 'w' : '-' };

        open_streamer(&life, &plot);
        life_begin(&life, &client, LENGTH(0));
        if (i & 2)
            life_gone(&client);
        life_close(&life);
        assert_string_equal("PRE ROUTED AFTER", life.log);
        life_forget(&client);
    }
}

/* A malformed chunk, wherever the request is. */
static void ends_when_it_is_malformed(void **state)
{
    static const struct {
        const char *script, *log;
        int status;
        enum sink_end how;
    } cases[] = {
        { "post=a/b post=b/t", "PRE ROUTED a BAD SEND AFTER", 400,
            SINK_CLOSE },
        { "post=a/b err=g/t", "PRE ROUTED a BAD g SEND AFTER", 200,
            SINK_CLOSE },
        { "post=a/b err=g/w err=h/t", "PRE ROUTED a BAD g ~ h SEND AFTER",
            200, SINK_CLOSE },
        { "post=a/w post=b/t", "PRE ROUTED a BAD SEND AFTER ~", 400,
            SINK_CLOSE },
        { "post=a/e post=b/t", "PRE ROUTED a SEND BAD AFTER ~", 200,
            SINK_ABORT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        seed_req *req;

        life_open(&life, cases[i].script);
        req = life_begin(&life, &client, CHUNKED "x");
        if (!client.wants)
            seed__flow_refuse(&life.flow, &client.sink, req, 400, "bad");
        life_drive(&life);
        assert_string_equal(cases[i].log, life.log);
        assert_int_equal(cases[i].status, life.status);
        assert_int_equal(cases[i].how, client.how);
        assert_int_equal(1, life.afters);
        assert_int_equal(1, life.bads);
        life_close(&life);
        life_forget(&client);
    }
}

static seed_step stream_then(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

static seed_step stream_again(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return seed_on_body(req, 0, on_piece, ctx);
}

static void is_read_once(void **state)
{
    static const struct {
        seed_handler *first, *second;
        int status;
    } cases[] = {
        { stream_it, stream_then, 500 },
        { stream_it, stream_again, 500 },
        { read_it, stream_again, 500 },
        { read_it, read_it, 200 },
    };

    (void)state;
    limit = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        struct plot plot = { .verb = '-' };
        seed_route *route;

        life_open(&life, "");
        route = life_route(&life, "POST", "/", cases[i].first, &plot);
        seed__route_then(route, cases[i].second, &plot, "second", "t", 1);
        seed__route_then(route, finish_it, NULL, "third", "t", 1);
        life_ask(&life, &client, LENGTH(3) "abc");
        assert_int_equal(cases[i].status, life_status(&client));
        life_close(&life);
        life_forget(&client);
    }
}

static void shows_nothing_before(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };
    seed_req *req;
    size_t length = 7;

    (void)state;
    life_open(&life, "post=a/b post=b/w");
    req = life_begin(&life, &client, LENGTH(3));
    assert_null(seed_req_body(req, &length));
    assert_int_equal(0, length);
    assert_null(seed_req_body(req, NULL));
    seed__flow_body(req, "abc", 3);
    assert_null(seed_req_body(req, NULL));
    seed__flow_body_end(req, NULL, 0);
    assert_string_equal("abc", seed_req_body(req, &length));
    assert_int_equal(3, length);
    life_gone(&client);
    life_drive(&life);
    life_close(&life);
    life_forget(&client);
}

static seed_step tell_trailers(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    assert_string_equal("1", seed_req_trailer(req, "x-one"));
    assert_string_equal("2", seed_req_trailer(req, "X-TWO"));
    assert_null(seed_req_trailer(req, "X-One1"));
    assert_null(seed_req_header(req, "X-One"));
    return seed_send(res, 204);
}

static seed_step stream_to_nobody(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_on_body(req, 0, NULL, NULL);
}

static void does_not_wait_for_nobody(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "POST", "/", stream_to_nobody, NULL);
    life_ask(&life, &client, CHUNKED "0\r\n\r\n");
    assert_int_equal(500, life_status(&client));
    life_close(&life);
    life_forget(&client);
}

static void has_trailers(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "pre=a/b");
    life_route(&life, "POST", "/", tell_trailers, NULL);
    life_ask(&life, &client,
        CHUNKED "1\r\na\r\n0\r\nX-One: 1\r\nX-Two: 2\r\n\r\n");
    assert_int_equal(204, life_status(&client));
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_it_whole),
        cmocka_unit_test(holds_limits),
        cmocka_unit_test(looks_ahead),
        cmocka_unit_test(informs_and_closes),
        cmocka_unit_test(does_not_inform_late),
        cmocka_unit_test(streams_it),
        cmocka_unit_test(pauses),
        cmocka_unit_test(answers_before_the_end),
        cmocka_unit_test(ends_when_it_is_flushed),
        cmocka_unit_test(ends_when_the_client_goes),
        cmocka_unit_test(ends_while_the_end_is_queued),
        cmocka_unit_test(ends_when_it_is_malformed),
        cmocka_unit_test(is_read_once),
        cmocka_unit_test(shows_nothing_before),
        cmocka_unit_test(does_not_wait_for_nobody),
        cmocka_unit_test(has_trailers),
    };

    return cmocka_run_group_tests_name("flow/body", tests, life_count_memory,
        NULL);
}
