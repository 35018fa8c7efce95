/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Says what the parsers found: the JSON, or the form's pairs, or nothing. */
static seed_step show(seed_req *req, seed_res *res, void *ctx)
{
    const seed_pairs *form = seed_req_form(req);
    char *text = seed_req_alloc(req, 65536), *at = text;

    (void)ctx;
    if (seed_req_json(req))
        return seed_send_json(res, 200, json_incref(seed_req_json(req)));
    if (!form)
        return seed_send_text(res, 200, "nothing");

    *at = '\0';
    for (size_t i = 0; i < form->count; i++)
        at += sprintf(at, "(%s=%s)", form->pairs[i].name,
            form->pairs[i].value);
    return seed_send_text(res, 200, text);
}

/* After it the parser finds the body read. */
static seed_step read_first(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_read_body(req, 0);
}

static seed_step show_raw(seed_req *req, seed_res *res, void *ctx)
{
    size_t length;
    const char *raw = seed_req_body(req, &length);

    (void)ctx;
    if (!raw || !seed_req_json(req))
        return seed_fail(res, 500, "not both");
    return seed_send_bytes(res, 200, raw, length);
}

static struct seed_parse_options small = {
    .max_body = 40, .max_depth = 3, .max_pairs = 2};
static struct seed_parse_options deep = {.max_depth = 100000};

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_route_then(seed_post(server, "/json", seed_parse_json, NULL), show,
        NULL);
    seed_route_then(seed_post(server, "/form", seed_parse_form, NULL), show,
        NULL);
    seed_route_then(seed_post(server, "/body", seed_parse_body, NULL), show,
        NULL);
    seed_route_then(seed_post(server, "/small", seed_parse_body, &small),
        show, NULL);
    seed_route_then(seed_post(server, "/deep", seed_parse_json, &deep), show,
        NULL);
    seed_route_then(
        seed_route_then(seed_post(server, "/twice", seed_parse_json, NULL),
            seed_parse_body, NULL),
        show, NULL);
    seed_route_then(
        seed_route_then(seed_post(server, "/raw", read_first, NULL),
            seed_parse_json, NULL),
        show_raw, NULL);
    return server;
}

static seed_reply *post(seed_server *server, const char *url,
    const char *type, const char *body, size_t length)
{
    const char *headers[] = {"Content-Type", type, NULL};
    struct seed_injection injection = {
        .method = "POST",
        .url = url,
        .headers = type ? headers : NULL,
        .body = body,
        .length = length,
    };
    seed_reply *reply = seed_inject(server, &injection);

    assert_non_null(reply);
    return reply;
}

static void check(seed_server *server, const char *url, const char *type,
    const char *body, int status, const char *want)
{
    seed_reply *reply = post(server, url, type, body, strlen(body));
    const char *got = seed_reply_body(reply, NULL);

    if (seed_reply_status(reply) != status || !strstr(got, want))
        fail_msg("%s %s: %d %s, not %d %s", url, body,
            seed_reply_status(reply), got, status, want);
    seed_reply_free(reply);
}

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"

static const struct {
    const char *url, *type, *body;
    int status;
    const char *want; /* somewhere in the answer */
} cases[] = {
    {"/json", JSON, "{\"a\": [1, 2.5, \"x\"]}", 200, "{\"a\":[1,2.5,\"x\"]}"},
    {"/json", "Application/JSON; charset=utf-8", "[]", 200, "[]"},
    {"/json", "application/merge-patch+json", "{}", 200, "{}"},
    {"/json", JSON, " 7 ", 200, "7"},
    {"/json", JSON, "null", 200, "null"},
    {"/json", JSON, "\"\xc3\xbc\\u00fc\"", 200, "\"\xc3\xbc\xc3\xbc\""},
    {"/json", JSON, "", 200, "nothing"},
    {"/json", NULL, "", 200, "nothing"},
    {"/twice", JSON, "[1]", 200, "[1]"},
    {"/raw", JSON, "[ 1 ]", 200, "[ 1 ]"},
    {"/raw", JSON, "[ 1", 400, "the body is not JSON at line 1, column 3"},

    {"/json", JSON, "{\"a\":}", 400,
        "the body is not JSON at line 1, column 6: "},
    {"/json", JSON, "{\"a\": 1,\n \"b\" 2}", 400, "at line 2, column 6: "},
    {"/json", JSON, "{\"a\":1,\"a\":2}", 400, "duplicate object key"},
    {"/json", JSON, "[1] [2]", 400, "line 1, column 5: "},
    {"/json", JSON, "[1,]", 400, "InvalidContent"},
    {"/json", JSON, "{a:1}", 400, "InvalidContent"},
    {"/json", JSON, "['a']", 400, "InvalidContent"},
    {"/json", JSON, "[01]", 400, "InvalidContent"},
    {"/json", JSON, "[1", 400, "InvalidContent"},
    {"/json", JSON, " ", 400, "InvalidContent"},
    {"/json", JSON, "[NaN]", 400, "InvalidContent"},
    {"/json", JSON, "[1e999]", 400, "InvalidContent"},
    {"/json", JSON, "[99999999999999999999]", 400, "InvalidContent"},
    {"/json", JSON, "\"\xff\"", 400, "InvalidContent"},
    {"/json", JSON, "\"\xed\xa0\x80\"", 400, "InvalidContent"},
    {"/json", JSON, "\"a\\u0000b\"", 400, "InvalidContent"},
    {"/json", JSON, "\"\\ud800\"", 400, "InvalidContent"},
    {"/json", JSON, "\"a\nb\"", 400, "InvalidContent"},

    {"/json", FORM, "a=1", 415, "UnsupportedMediaType"},
    {"/json", "text/plain", "[1]", 415, "text/plain is not read here"},
    {"/json", "application/jsonx", "[1]", 415, "UnsupportedMediaType"},
    {"/json", "+json", "[1]", 415, "UnsupportedMediaType"},
    {"/json", NULL, "[1]", 415, "UnsupportedMediaType"},
    {"/form", JSON, "[1]", 415, "UnsupportedMediaType"},
    {"/body", "image/png", "x", 415, "UnsupportedMediaType"},

    {"/form", FORM, "a=1&b=%C3%BC+x&a=2", 200, "(a=1)(b=\xc3\xbc x)(a=2)"},
    {"/form", FORM "; charset=utf-8", "a", 200, "(a=)"},
    {"/form", FORM, "a=%zz", 400, "InvalidContent"},
    {"/form", FORM, "a=%4", 400, "InvalidContent"},
    {"/body", FORM, "a=1", 200, "(a=1)"},
    {"/body", JSON, "[1]", 200, "[1]"},

    {"/small", JSON, "[[[1]]]", 200, "[[[1]]]"},
    {"/small", JSON, "[[[]],[[]]]", 200, "[[[]],[[]]]"},
    {"/small", JSON, "[\"[[[[\\\"[[[[\"]", 200, "[\"[[[[\\\"[[[[\"]"},
    {"/small", JSON, "[\n[[\n [1]]]]", 400,
        "the body has more than 3 levels at line 3, column 2"},
    {"/small", JSON, "[{\"a\":[{}]}]", 400, "more than 3 levels"},
    {"/small", FORM, "a=1&b=2", 200, "(a=1)(b=2)"},
    {"/small", FORM, "a=1&b=2&c=3", 400, "more than 2 pairs"},
    {"/small", JSON, "\"0123456789012345678901234567890123456\"", 200, "56\""},
    {"/small", JSON, "\"01234567890123456789012345678901234567\"", 200,
        "67\""},
    {"/small", JSON, "\"012345678901234567890123456789012345678\"", 413,
        "PayloadTooLarge"},
};

static void parses_and_refuses(void **state)
{
    seed_server *server = make_server();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(server, cases[i].url, cases[i].type, cases[i].body,
            cases[i].status, cases[i].want);
    seed_server_free(server);
}

/* Brackets that would be a stack overflow to who recurses into them. */
static void counts_before_it_recurses(void **state)
{
    static char brackets[1000000];
    seed_server *server = make_server();
    const size_t lengths[] = {33, 2049, sizeof brackets};

    (void)state;
    memset(brackets, '[', sizeof brackets);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        const char *url = i ? "/deep" : "/json";
        seed_reply *reply = post(server, url, JSON, brackets, lengths[i]);

        assert_int_equal(400, seed_reply_status(reply));
        assert_non_null(strstr(seed_reply_body(reply, NULL),
            i ? "more than 2048 levels at line 1, column 2049"
              : "more than 32 levels at line 1, column 33"));
        seed_reply_free(reply);
    }
    seed_server_free(server);
}

/* Over what is set aside at first, so that the memory grows. */
static void collects_large_bodies(void **state)
{
    enum { LENGTH = 900000 };
    char *body = malloc(LENGTH);
    seed_server *server = make_server();
    seed_reply *reply;
    size_t length;

    (void)state;
    memset(body, 'x', LENGTH);
    body[0] = body[LENGTH - 1] = '"';
    reply = post(server, "/json", JSON, body, LENGTH);
    assert_int_equal(200, seed_reply_status(reply));
    assert_memory_equal(body, seed_reply_body(reply, &length), LENGTH);
    assert_int_equal(LENGTH, length);
    seed_reply_free(reply);
    seed_server_free(server);
    free(body);
}

static seed_reply *post_with(seed_server *server, const char *name,
    const char *value, const char *body)
{
    const char *headers[] = {"Content-Type", JSON, name, value, NULL};
    struct seed_injection injection = {
        .method = "POST",
        .url = "/json",
        .headers = headers,
        .body = body,
        .length = strlen(body),
    };

    return seed_inject(server, &injection);
}

static void refuses_codings(void **state)
{
    static const struct {
        const char *coding;
        int status;
    } codings[] = {
        {"gzip", 415}, {"identity", 200}, {"Identity", 200}, {"br", 415}};
    seed_server *server = make_server();

    (void)state;
    for (size_t i = 0; i < COUNT(codings); i++) {
        seed_reply *reply = post_with(server, "Content-Encoding",
            codings[i].coding, "[1]");

        assert_int_equal(codings[i].status, seed_reply_status(reply));
        seed_reply_free(reply);
    }
    seed_server_free(server);
}

/* The type is judged before the body is asked for. */
static void asks_for_the_body_last(void **state)
{
    seed_server *server = make_server();
    seed_reply *reply =
        post_with(server, "Expect", "100-continue", "[1]");

    (void)state;
    assert_int_equal(200, seed_reply_status(reply));
    assert_memory_equal("HTTP/1.1 100 ", seed_reply_raw(reply, NULL), 13);
    seed_reply_free(reply);

    reply = seed_inject(server, &(struct seed_injection){
        .method = "POST", .url = "/json", .body = "[1]", .length = 3,
        .headers = (const char *const[]){"Expect", "100-continue", NULL}});
    assert_int_equal(415, seed_reply_status(reply));
    assert_memory_equal("HTTP/1.1 415 ", seed_reply_raw(reply, NULL), 13);
    seed_reply_free(reply);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_and_refuses),
        cmocka_unit_test(counts_before_it_recurses),
        cmocka_unit_test(collects_large_bodies),
        cmocka_unit_test(refuses_codings),
        cmocka_unit_test(asks_for_the_body_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
