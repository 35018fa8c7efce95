/* SPDX-License-Identifier: MIT */
#include "logged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct logged logged;
static unsigned asked; /* of this log */

static void begin_log(const struct seed_log_options *options)
{
    logged_open(&logged, options);
    asked = 0;
}

static int begin(void **state)
{
    (void)state;
    begin_log(NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    logged_close(&logged);
    return 0;
}

static seed_step log_it(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_log_info(logged.log, NULL, seed_as_req(req), seed_as_res(res));
    return seed_send(res, 204);
}

static const char *ask(const char *url, const char *const *headers)
{
    seed_server *server = seed_server_new(NULL);
    seed_reply *reply;

    seed_get(server, "/", log_it, NULL);
    seed_get(server, "/users/:id/:what", log_it, NULL);
    seed_get(server, "/files/*", log_it, NULL);
    reply = seed_inject(server,
        &(struct seed_injection){ .url = url, .headers = headers });
    assert_int_equal(204, seed_reply_status(reply));
    seed_reply_free(reply);
    seed_server_free(server);
    return logged_line(&logged, asked++);
}

/* The part of the line behind `"name":`, as long as `want`. */
static void expect(const char *line, const char *name, const char *want)
{
    char key[64];
    const char *at;

    snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(line, key);
    assert_non_null(at);
    at += strlen(key);
    if (strncmp(at, want, strlen(want)) != 0)
        fail_msg("%s is not %s", at, want);
}

static void has_the_members_of_pino_http(void **state)
{
    static const char *const headers[] = { "Host", "a", "Accept", "*/*",
        NULL };
    const char *line = ask("/?x=1", headers);
    unsigned long number = strtoul(strstr(line, "\"id\":") + 5, NULL, 10);
    char want[512];

    (void)state;
    snprintf(want, sizeof want,
        ",\"req\":{\"id\":%lu,\"method\":\"GET\",\"url\":\"/?x=1\","
        "\"query\":{\"x\":\"1\"},\"params\":{},"
        "\"headers\":{\"host\":\"a\",\"accept\":\"*/*\"}},"
        "\"res\":{\"statusCode\":null,\"headers\":{}}",
        number);
    assert_string_equal(want, line);
}

/* Joined as node joins them. */
static void has_each_field_once(void **state)
{
    static const char *const headers[] = { "Host", "a", "X-A", "1", "x-b",
        "2", "x-a", "3", "X-A", "\"4\"", "Cookie", "a=1", "cookie", "b=2",
        "User-Agent", "one", "user-agent", "two", "Set-Cookie", "a",
        "SET-COOKIE", "b", NULL };

    (void)state;
    expect(ask("/", headers), "headers",
        "{\"host\":\"a\",\"x-a\":\"1, 3, \\\"4\\\"\",\"x-b\":\"2\","
        "\"cookie\":\"a=1; b=2\",\"user-agent\":\"one\","
        "\"set-cookie\":[\"a\",\"b\"]}");
}

static void cuts_endless_names(void **state)
{
    char name[300], want[300];
    const char *headers[] = { "Host", "a", name, "b", NULL };

    (void)state;
    memset(name, 'N', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(want, sizeof want, "{\"host\":\"a\",\"%0*d\":\"b\"}", 256, 0);
    memset(want + 13, 'n', 256);
    expect(ask("/", headers), "headers", want);
}

static const struct {
    const char *url, *query;
} queries[] = {
    { "/", "{}" },
    { "/?", "{}" },
    { "/?a", "{\"a\":\"\"}" },
    { "/?a=1&b=%22%0a&a=2&c=3&a=", "{\"a\":[\"1\",\"2\",\"\"],"
                                    "\"b\":\"\\\"\\n\",\"c\":\"3\"}" },
    { "/?a=%ff", "{\"a\":\"\xef\xbf\xbd\"}" },
    { "/?a=%zz", "{}" },
};

static void has_the_query(void **state)
{
    char url[4096] = "/?", want[4096] = "{";

    (void)state;
    for (size_t i = 0; i < COUNT(queries); i++)
        expect(ask(queries[i].url, NULL), "query", queries[i].query);

    for (int i = 0; i < 150; i++) {
        sprintf(url + strlen(url), "%sa%d=1", i ? "&" : "", i);
        if (i < 100)
            sprintf(want + strlen(want), "%s\"a%d\":\"1\"", i ? "," : "", i);
    }
    strcat(want, "}");
    expect(ask(url, NULL), "query", want);
}

static void has_the_parameters(void **state)
{
    (void)state;
    expect(ask("/users/7%2f8/x", NULL), "params",
        "{\"id\":\"7/8\",\"what\":\"x\"}");
    expect(ask("/files/a/b", NULL), "params", "{\"*\":\"a/b\"}");
}

static seed_step set_fields(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_res_set(res, "X-One", "1");
    seed_res_append(res, "Set-Cookie", "a=1");
    seed_res_set_unchecked(res, "ETag", "\"x\"");
    seed_res_append(res, "set-cookie", "b=2");
    return seed_send_text(res, 201, "hi");
}

static void log_after(const seed_event *event, void *ctx)
{
    (void)ctx;
    seed_log_info(logged.log, NULL, seed_as_res(event->res));
}

static void has_the_fields_of_the_answer(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    seed_get(server, "/", set_fields, NULL);
    seed_after(server, log_after, NULL);
    seed_reply_free(seed_inject(server, &(struct seed_injection){ 0 }));
    seed_server_free(server);
    expect(logged_line(&logged, 0), "res",
        "{\"statusCode\":201,\"headers\":{\"x-one\":\"1\","
        "\"set-cookie\":[\"a=1\",\"b=2\"],\"etag\":\"\\\"x\\\"\","
        "\"content-type\":\"text/plain; charset=utf-8\"}}");
}

static void is_redacted_by_path(void **state)
{
    static const char *const paths[] = { "req.headers.authorization",
        "req.headers[\"x-api-key\"]", "req.query.token", "req.params.id",
        "req.remoteAddress", "res.headers", NULL };
    static const char *const headers[] = { "Host", "a", "AUTHORIZATION",
        "Basic eDp5", "X-Api-Key", "k", NULL };
    const char *line;

    (void)state;
    logged_close(&logged);
    begin_log(&(struct seed_log_options){ .redact = paths, .censor = "-" });
    line = ask("/users/7/x?token=1&b=2", headers);
    expect(line, "headers",
        "{\"host\":\"a\",\"authorization\":\"-\",\"x-api-key\":\"-\"}");
    expect(line, "query", "{\"token\":\"-\",\"b\":\"2\"}");
    expect(line, "params", "{\"id\":\"-\",\"what\":\"x\"}");
    expect(line, "res", "{\"statusCode\":null,\"headers\":\"-\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_the_members_of_pino_http, begin,
            end),
        cmocka_unit_test_setup_teardown(has_each_field_once, begin, end),
        cmocka_unit_test_setup_teardown(cuts_endless_names, begin, end),
        cmocka_unit_test_setup_teardown(has_the_query, begin, end),
        cmocka_unit_test_setup_teardown(has_the_parameters, begin, end),
        cmocka_unit_test_setup_teardown(has_the_fields_of_the_answer, begin,
            end),
        cmocka_unit_test_setup_teardown(is_redacted_by_path, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
