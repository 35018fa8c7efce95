/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The first 27 digits of SHA-256 of "hello" and of {"a":1}. */
#define HELLO "\"2cf24dba5fb0a30e26e83b2ac5b\""
#define TREE "\"015abd7f5cc57a2dd94b7590f04\""
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

/* Contexts of handlers, which are not const. */
static char stream_tag[] = "\"s\"", date[] = DATE, key[] = "7";
static char odd_key[] = "a\"b";

static char path[] = "/tmp/conditional_test.XXXXXX";
static unsigned changes; /* made by PUT */

static seed_step send_hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "Cache-Control", "max-age=60");
    seed_res_set(res, "Vary", "Accept");
    seed_res_set(res, "Content-Language", "en");
    return seed_send_text(res, 200, "hello");
}

static seed_step send_tree(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_json(res, 200, json_pack("{s:i}", "a", 1));
}

static seed_step send_tagged(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "ETag", "W/\"v1\"");
    seed_res_set(res, "Last-Modified", DATE);
    return seed_send_text(res, 200, "tagged");
}

static seed_step send_created(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 201, "hello");
}

static seed_step send_stream(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    if (ctx)
        seed_res_set(res, "ETag", ctx);
    seed_stream_open(res, 200, SEED_UNLIMITED);
    seed_stream_write(res, "hello", 5);
    return seed_stream_end(res);
}

static seed_step send_file(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    if (ctx)
        seed_res_set(res, "Last-Modified", ctx);
    return seed_send_file(res, 200, path);
}

static seed_step send_keyed(seed_req *req, seed_res *res, void *ctx)
{
    if (seed_check_key(req, res, ctx))
        return SEED_STOP;
    if (!strcmp(seed_req_method(req), "PUT"))
        changes++;
    return seed_send_text(res, 200, "keyed");
}

static seed_step fail_keyed(seed_req *req, seed_res *res, void *ctx)
{
    if (seed_check_key(req, res, ctx))
        return SEED_STOP;
    return seed_fail(res, 500, "after all");
}

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_use(server, seed_conditional, NULL);
    seed_get(server, "/hello", send_hello, NULL);
    seed_put(server, "/hello", send_hello, NULL);
    seed_get(server, "/tree", send_tree, NULL);
    seed_get(server, "/tagged", send_tagged, NULL);
    seed_get(server, "/created", send_created, NULL);
    seed_get(server, "/stream", send_stream, NULL);
    seed_get(server, "/stream/tagged", send_stream, stream_tag);
    seed_get(server, "/file", send_file, NULL);
    seed_get(server, "/file/dated", send_file, date);
    seed_get(server, "/keyed", send_keyed, key);
    seed_put(server, "/keyed", send_keyed, key);
    seed_get(server, "/new", send_keyed, NULL);
    seed_put(server, "/new", send_keyed, NULL);
    seed_get(server, "/odd", send_keyed, odd_key);
    seed_get(server, "/failing", fail_keyed, key);
    return server;
}

static seed_reply *ask(seed_server *server, const char *method,
    const char *url, const char *name, const char *value)
{
    const char *headers[] = {name, value, NULL};
    struct seed_injection injection = {
        .method = method, .url = url, .headers = name ? headers : NULL};
    seed_reply *reply = seed_inject(server, &injection);

    assert_non_null(reply);
    return reply;
}

#define NM "If-None-Match"
#define M "If-Match"
#define IMS "If-Modified-Since"
#define IUS "If-Unmodified-Since"

static const struct {
    const char *method, *url, *name, *value;
    int status;
    const char *etag, *body; /* NULL etag: none */
} cases[] = {
    {"GET", "/hello", NULL, NULL, 200, HELLO, "hello"},
    {"HEAD", "/hello", NULL, NULL, 200, HELLO, ""},
    {"PUT", "/hello", NULL, NULL, 200, NULL, "hello"},
    {"PUT", "/hello", NM, HELLO, 200, NULL, "hello"},
    {"GET", "/hello", NM, HELLO, 304, HELLO, ""},
    {"HEAD", "/hello", NM, HELLO, 304, HELLO, ""},
    {"GET", "/hello", NM, "W/" HELLO, 304, HELLO, ""},
    {"GET", "/hello", NM, "\"x\", " HELLO, 304, HELLO, ""},
    {"GET", "/hello", NM, "*", 304, HELLO, ""},
    {"GET", "/hello", NM, "\"x\"", 200, HELLO, "hello"},
    {"GET", "/hello", NM, "x", 200, HELLO, "hello"},
    {"GET", "/hello", M, HELLO, 200, HELLO, "hello"},
    {"GET", "/hello", M, "\"x\"", 412, HELLO, "PreconditionFailed"},
    {"HEAD", "/hello", M, "\"x\"", 412, HELLO, ""},
    {"GET", "/hello", IMS, DATE, 200, HELLO, "hello"},

    {"GET", "/tree", NULL, NULL, 200, TREE, "{\"a\":1}"},
    {"GET", "/tree", NM, TREE, 304, TREE, ""},

    {"GET", "/tagged", NULL, NULL, 200, "W/\"v1\"", "tagged"},
    {"GET", "/tagged", NM, "\"v1\"", 304, "W/\"v1\"", ""},
    {"GET", "/tagged", M, "W/\"v1\"", 412, "W/\"v1\"", "another version"},
    {"GET", "/tagged", IMS, DATE, 304, "W/\"v1\"", ""},
    {"GET", "/tagged", IUS, DATE, 200, "W/\"v1\"", "tagged"},
    {"GET", "/tagged", IUS, "Sun, 06 Nov 1994 08:49:36 GMT", 412,
        "W/\"v1\"", "another version"},

    {"GET", "/created", NM, "*", 201, NULL, "hello"},
    {"GET", "/nope", NM, "*", 404, NULL, "ResourceNotFound"},

    {"GET", "/stream", NM, "*", 200, NULL, "hello"},
    {"GET", "/stream/tagged", NULL, NULL, 200, "\"s\"", "hello"},
    {"GET", "/stream/tagged", NM, "\"s\"", 304, "\"s\"", ""},
    {"GET", "/stream/tagged", M, "\"x\"", 200, "\"s\"", "hello"},
    {"GET", "/file", NM, "*", 200, NULL, "a file"},
    {"GET", "/file/dated", NULL, NULL, 200, NULL, "a file"},
    {"GET", "/file/dated", IMS, DATE, 304, NULL, ""},

    {"GET", "/keyed", NULL, NULL, 200, "\"7\"", "keyed"},
    {"GET", "/keyed", NM, "\"7\"", 304, "\"7\"", ""},
    {"GET", "/keyed", NM, "\"6\"", 200, "\"7\"", "keyed"},
    {"GET", "/keyed", M, "\"6\"", 412, "\"7\"", "another version is there"},
    {"PUT", "/keyed", NULL, NULL, 200, NULL, "keyed"},
    {"PUT", "/keyed", M, "\"7\"", 200, NULL, "keyed"},
    {"PUT", "/keyed", M, "\"6\"", 412, "\"7\"", "PreconditionFailed"},
    {"PUT", "/keyed", M, "W/\"7\"", 412, "\"7\"", "PreconditionFailed"},
    {"PUT", "/keyed", NM, "*", 412, "\"7\"", "PreconditionFailed"},
    {"PUT", "/new", NM, "*", 200, NULL, "keyed"},
    {"PUT", "/new", M, "*", 412, NULL, "there is nothing there yet"},
    {"GET", "/odd", NULL, NULL, 500, NULL, "InternalServer"},
    {"GET", "/failing", NULL, NULL, 500, NULL, "after all"},
};

static void check(seed_server *server, size_t i)
{
    seed_reply *reply = ask(server, cases[i].method, cases[i].url,
        cases[i].name, cases[i].value);
    const char *etag = seed_reply_header(reply, "ETag"), *body;
    size_t length;

    body = seed_reply_body(reply, &length);
    if (seed_reply_status(reply) != cases[i].status
        || strcmp(etag ? etag : "", cases[i].etag ? cases[i].etag : "")
        || !strstr(body, cases[i].body) || (!*cases[i].body && length))
        fail_msg("%s %s, %s: %s gets %d, %s, %s", cases[i].method,
            cases[i].url, cases[i].name ? cases[i].name : "-",
            cases[i].value ? cases[i].value : "-", seed_reply_status(reply),
            etag ? etag : "no ETag", body);
    seed_reply_free(reply);
}

static void judges_answers(void **state)
{
    seed_server *server = make_server();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(server, i);
    seed_server_free(server);
}

/* RFC 9110, 15.4.5 */
static void keeps_what_caches_need(void **state)
{
    seed_server *server = make_server();
    seed_reply *reply = ask(server, "GET", "/hello", NM, HELLO);

    (void)state;
    assert_string_equal("max-age=60",
        seed_reply_header(reply, "Cache-Control"));
    assert_string_equal("Accept", seed_reply_header(reply, "Vary"));
    assert_non_null(seed_reply_header(reply, "Date"));
    assert_null(seed_reply_header(reply, "Content-Type"));
    assert_null(seed_reply_header(reply, "Content-Length"));
    assert_null(seed_reply_header(reply, "Content-Language"));
    seed_reply_free(reply);
    seed_server_free(server);
}

static void failure_is_an_error_like_others(void **state)
{
    seed_server *server = make_server();
    seed_reply *reply = ask(server, "GET", "/hello", M, "\"x\"");

    (void)state;
    assert_string_equal("application/json",
        seed_reply_header(reply, "Content-Type"));
    assert_string_equal("{\"code\":\"PreconditionFailed\","
                        "\"message\":\"another version is there\"}",
        seed_reply_body(reply, NULL));
    assert_null(seed_reply_header(reply, "Cache-Control"));
    assert_null(seed_reply_header(reply, "Content-Language"));
    seed_reply_free(reply);

    reply = ask(server, "PUT", "/keyed", M, "\"6\"");
    assert_string_equal("{\"code\":\"PreconditionFailed\","
                        "\"message\":\"another version is there\"}",
        seed_reply_body(reply, NULL));
    seed_reply_free(reply);
    seed_server_free(server);
}

static void changes_nothing_when_it_fails(void **state)
{
    seed_server *server = make_server();

    (void)state;
    changes = 0;
    seed_reply_free(ask(server, "PUT", "/keyed", M, "\"6\""));
    seed_reply_free(ask(server, "PUT", "/keyed", NM, "*"));
    seed_reply_free(ask(server, "PUT", "/keyed", M, "7"));
    assert_int_equal(0, changes);
    seed_reply_free(ask(server, "PUT", "/keyed", M, "\"7\""));
    assert_int_equal(1, changes);
    seed_server_free(server);
}

static const struct {
    const char *key;
    bool good;
} keys[] = {
    {"1", true},    {"/seed/v1?x=1", true}, {"\xc3\xbc", true}, {"~!", true},
    {"", false},    {"a b", false},         {"a\"", false},     {"\"", false},
    {"a\n", false}, {"\x7f", false},        {"a\tb", false},
};

static seed_step check_key(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < COUNT(keys); i++)
        if (seed_check_key(req, res, keys[i].key) == keys[i].good)
            return seed_send_text(res, 200, keys[i].key);
    return seed_send_text(res, 200, "as it should be");
}

static void judges_keys(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_reply *reply;

    (void)state;
    seed_get(server, "/", check_key, NULL);
    reply = ask(server, "GET", "/", NULL, NULL);
    assert_string_equal("as it should be", seed_reply_body(reply, NULL));
    seed_reply_free(reply);
    seed_server_free(server);
}

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0 || write(fd, "a file", 6) != 6)
        return -1;
    return close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_answers),
        cmocka_unit_test(keeps_what_caches_need),
        cmocka_unit_test(failure_is_an_error_like_others),
        cmocka_unit_test(changes_nothing_when_it_fails),
        cmocka_unit_test(judges_keys),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
