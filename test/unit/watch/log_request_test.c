/* SPDX-License-Identifier: MIT */
#include "logged.h"
#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct logged logged;

static seed_step send_hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_log_info(seed_req_log(req), "handling", seed_int("n", 1));
    return seed_send_text(res, 200, "hello");
}

static seed_step send_500(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send(res, 500);
}

static seed_step fail_with_cause(seed_req *req, seed_res *res, void *ctx)
{
    const seed_fault fault = { 404, NULL, NULL, "no file", ctx };

    (void)req;
    return seed_fail_with(res, &fault);
}

static seed_server *make_server(const struct seed_log_requests_options *how)
{
    static char cause[] = "ENOENT";
    seed_server *server = seed_server_new(NULL);

    assert_int_equal(0, seed_log_requests(server, logged.log, how));
    seed_get(server, "/", send_hello, NULL);
    seed_get(server, "/500", send_500, NULL);
    seed_get(server, "/cause", fail_with_cause, cause);
    seed_log_quiet(seed_get(server, "/health", send_hello, NULL));
    seed_log_quiet(seed_get(server, "/ill", send_500, NULL));
    return server;
}

static void ask(seed_server *server, const char *url, const char *id)
{
    const char *headers[] = { "Host", "a", id ? "X-Request-Id" : NULL, id,
        NULL };

    seed_reply_free(seed_inject(server,
        &(struct seed_injection){ .url = url, .headers = headers }));
}

/* A line with its numbers taken out: reqId, id, responseTime. */
static const char *masked(const char *line)
{
    static const char *const names[] = { "\"reqId\":", "\"id\":",
        "\"responseTime\":" };
    static char room[4096];
    char *out = room;

    assert_non_null(line);
    while (*line) {
        size_t name = 0;

        for (size_t i = 0; i < COUNT(names) && !name; i++)
            if (!strncmp(line, names[i], strlen(names[i])))
                name = strlen(names[i]);
        memcpy(out, line, name ? name : 1);
        out += name ? name : 1;
        line += name ? name : 1;
        if (name && strspn(line, "0123456789.")) {
            line += strspn(line, "0123456789.");
            *out++ = '#';
        }
    }
    *out = '\0';
    return room;
}

#define REQ(url) \
    ",\"reqId\":#,\"req\":{\"id\":#,\"method\":\"GET\",\"url\":\"" url "\"," \
    "\"query\":{},\"params\":{},\"headers\":{\"host\":\"a\"}}"

static const struct {
    const char *url;
    int level;
    const char *line;
} lines[] = {
    { "/", 30,
        REQ("/") ",\"res\":{\"statusCode\":200,\"headers\":{"
        "\"content-type\":\"text/plain; charset=utf-8\"}},"
        "\"responseTime\":#,\"msg\":\"request completed\"" },
    { "/none", 30,
        REQ("/none") ",\"res\":{\"statusCode\":404,\"headers\":{"
        "\"content-type\":\"application/json\"}},"
        "\"responseTime\":#,\"msg\":\"request completed\"" },
    { "/500", 50,
        REQ("/500") ",\"res\":{\"statusCode\":500,\"headers\":{}},"
        "\"err\":{\"type\":\"Error\",\"message\":\"failed with status code "
        "500\",\"stack\":\"Error: failed with status code 500\"},"
        "\"responseTime\":#,\"msg\":\"request errored\"" },
    { "/cause", 50,
        REQ("/cause") ",\"res\":{\"statusCode\":404,\"headers\":{"
        "\"content-type\":\"application/json\"}},"
        "\"err\":{\"type\":\"NotFoundError\",\"message\":\"no file: ENOENT\","
        "\"stack\":\"NotFoundError: no file\\ncaused by: ENOENT\","
        "\"code\":\"NotFound\",\"statusCode\":404},"
        "\"responseTime\":#,\"msg\":\"request errored\"" },
};

static void says_what_pino_http_says(void **state)
{
    seed_server *server;

    (void)state;
    for (unsigned i = 0; i < COUNT(lines); i++) {
        unsigned last = i ? 0 : 1; /* the first handler logs as well */

        logged_open(&logged, NULL);
        server = make_server(NULL);
        ask(server, lines[i].url, NULL);
        assert_int_equal(last + 1, logged_count(&logged));
        if (strcmp(lines[i].line, masked(logged_line(&logged, last))) != 0)
            fail_msg("%s\n%s", lines[i].line, logged_line(&logged, last));
        assert_int_equal(lines[i].level, logged_level(&logged, last));
        seed_server_free(server);
        logged_close(&logged);
    }
}

static void gives_each_request_a_logger(void **state)
{
    seed_server *server;
    char handling[64], id[64];

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .name = "x" });
    server = make_server(NULL);
    ask(server, "/", NULL);
    strcpy(handling, logged_line(&logged, 0));
    assert_string_equal(
        ",\"name\":\"x\",\"reqId\":#,\"n\":1,\"msg\":\"handling\"",
        masked(handling));
    strcpy(id, strstr(handling, "\"reqId\":"));
    *(strchr(id, ',') + 1) = '\0';
    assert_non_null(strstr(logged_line(&logged, 1), id));
    seed_server_free(server);
    logged_close(&logged);
}

static seed_step tell_id(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_log_info(seed_req_log(req), "handling");
    return seed_send_text(res, 200, seed_req_id(req));
}

static const struct {
    const char *id;
    bool good;
} ids[] = {
    { "7b3bd5b2-2c9f-4b6e", true },
    { "a", true },
    { "A_z~0+9/=:@.-", true },
    { "", false },
    { "a b", false },
    { "a\"b", false },
    { "a,b", false },
    { "a;b", false },
    { "caf\xc3\xa9", false },
    { NULL, false },
};

static const char *ask_id(seed_server *server, const char *id)
{
    const char *headers[] = { "Host", "a", id ? "x-request-id" : NULL, id,
        NULL };
    static char body[256];
    seed_reply *reply = seed_inject(server,
        &(struct seed_injection){ .headers = headers });

    strcpy(body, seed_reply_body(reply, NULL));
    seed_reply_free(reply);
    return body;
}

static void believes_ids_that_are_good(void **state)
{
    seed_server *server = seed_server_new(NULL);
    char longest[130], want[256];
    unsigned line = 0;

    (void)state;
    logged_open(&logged, NULL);
    seed_log_requests(server, logged.log,
        &(struct seed_log_requests_options){ .id_header = "X-Request-Id" });
    seed_get(server, "/", tell_id, NULL);
    for (size_t i = 0; i < COUNT(ids); i++, line += 2) {
        const char *body = ask_id(server, ids[i].id);

        assert_int_equal(ids[i].good, ids[i].id && !strcmp(body, ids[i].id));
        assert_int_equal(ids[i].good, !strspn(body, "123456789")
                || !strcmp(body, ids[i].id ? ids[i].id : "-"));
        snprintf(want, sizeof want, ids[i].good ? ",\"reqId\":\"%s\",\"msg\""
                                                : ",\"reqId\":%s,\"msg\"",
            body);
        assert_memory_equal(want, logged_line(&logged, line), strlen(want));
        snprintf(want, sizeof want, ids[i].good
                ? ",\"reqId\":\"%s\",\"req\":{\"id\":\"%s\","
                : ",\"reqId\":%s,\"req\":{\"id\":%s,",
            body, body);
        assert_memory_equal(want, logged_line(&logged, line + 1),
            strlen(want));
    }

    memset(longest, 'x', sizeof longest);
    longest[128] = '\0';
    assert_string_equal(longest, ask_id(server, longest));
    longest[128] = 'x';
    longest[129] = '\0';
    assert_string_not_equal(longest, ask_id(server, longest));
    seed_server_free(server);
    logged_close(&logged);
}

/* Where no field is named, none is believed. */
static void believes_no_id_unasked(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    logged_open(&logged, NULL);
    seed_log_requests(server, logged.log, NULL);
    seed_get(server, "/", tell_id, NULL);
    assert_string_not_equal("abc", ask_id(server, "abc"));
    assert_null(strstr(logged_line(&logged, 0), "abc"));
    seed_server_free(server);
    logged_close(&logged);
}

static void is_silent_where_it_was_not_asked(void **state)
{
    seed_server *server = seed_server_new(NULL);
    const char *body;

    (void)state;
    seed_get(server, "/", tell_id, NULL);
    body = ask_id(server, "abc");
    assert_int_equal(strlen(body), strspn(body, "0123456789"));
    seed_server_free(server);
}

static void logs_traces(void **state)
{
    static const char *const headers[] = { "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", NULL };
    static const char trace[] =
        "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"span_id\":\"";
    seed_server *server;
    char *ours;

    (void)state;
    logged_open(&logged, NULL);
    server = make_server(&(struct seed_log_requests_options){
        .trace = true });
    seed_reply_free(seed_inject(server,
        &(struct seed_injection){ .headers = headers }));
    ours = strstr(logged_line(&logged, 0), trace);
    assert_non_null(ours);
    assert_null(strstr(ours, "b7ad6b7169203331"));
    ours[sizeof trace - 1 + 16] = '\0';
    assert_non_null(strstr(logged_all(&logged), ours));
    assert_non_null(strstr(strchr(logged.text, '\n'), ours));
    seed_server_free(server);
    logged_close(&logged);
}

static void is_quiet_about_health(void **state)
{
    seed_server *server;

    (void)state;
    logged_open(&logged, NULL);
    server = make_server(NULL);
    ask(server, "/health", NULL);
    assert_int_equal(1, logged_count(&logged)); /* what the handler says */
    ask(server, "/ill", NULL);
    assert_int_equal(2, logged_count(&logged));
    assert_int_equal(50, logged_level(&logged, 1));
    seed_server_free(server);
    logged_close(&logged);
}

static void does_what_options_say(void **state)
{
    seed_server *server;

    (void)state;
    logged_open(&logged, &(struct seed_log_options){ .level = 20 });
    server = make_server(&(struct seed_log_requests_options){
        .brief = true, .level = SEED_LOG_DEBUG, .error_level = 42 });
    ask(server, "/none?a=b", NULL);
    ask(server, "/500", NULL);
    assert_string_equal(
        ",\"reqId\":#,\"req\":{\"id\":#,\"method\":\"GET\","
        "\"url\":\"/none?a=b\"},\"res\":{\"statusCode\":404},"
        "\"responseTime\":#,\"msg\":\"request completed\"",
        masked(logged_line(&logged, 0)));
    assert_int_equal(20, logged_level(&logged, 0));
    assert_int_equal(42, logged_level(&logged, 1));
    seed_log_set_level(logged.log, 30);
    ask(server, "/none", NULL);
    assert_int_equal(2, logged_count(&logged));
    seed_server_free(server);
    logged_close(&logged);

    logged_open(&logged, NULL);
    server = make_server(&(struct seed_log_requests_options){
        .no_lines = true });
    ask(server, "/", NULL);
    assert_int_equal(1, logged_count(&logged));
    assert_string_equal(",\"reqId\":#,\"n\":1,\"msg\":\"handling\"",
        masked(logged_line(&logged, 0)));
    seed_server_free(server);
    logged_close(&logged);
}

static void ignore_warning(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static void hears_warnings(void **state)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .warn = ignore_warning });

    (void)state;
    logged_open(&logged, NULL);
    seed_log_requests(server, logged.log, NULL);
    seed_warn(server, "disk \"%s\" is slow", "a");
    assert_int_equal(40, logged_level(&logged, 0));
    assert_string_equal(",\"msg\":\"disk \\\"a\\\" is slow\"",
        logged_line(&logged, 0));
    seed_server_free(server);
    logged_close(&logged);
}

static void is_set_up_once(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    logged_open(&logged, NULL);
    assert_int_equal(SEED_ENOMEM, seed_log_requests(NULL, logged.log, NULL));
    assert_int_equal(SEED_EINVAL, seed_log_requests(server, NULL, NULL));
    assert_int_equal(0, seed_log_requests(server, logged.log, NULL));
    assert_int_equal(SEED_EDUP, seed_log_requests(server, logged.log, NULL));
    seed_server_free(server);
    logged_close(&logged);
}

/* Whatever allocation fails, setup says so or works, and nothing leaks. */
static void needs_memory_or_says_so(void **state)
{
    const struct seed_log_requests_options how = { .id_header = "x" };
    long before = failing.live;
    int err = SEED_ENOMEM;

    (void)state;
    logged_open(&logged, NULL);
    for (long n = 0; err; n++) {
        seed_server *server = seed_server_new(NULL);

        failing.left = n;
        err = seed_log_requests(server, logged.log, &how);
        failing.left = -1;
        assert_true(!err || err == SEED_ENOMEM);
        seed_server_free(server);
    }
    logged_close(&logged);
    assert_int_equal(before, failing.live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_pino_http_says),
        cmocka_unit_test(gives_each_request_a_logger),
        cmocka_unit_test(believes_ids_that_are_good),
        cmocka_unit_test(believes_no_id_unasked),
        cmocka_unit_test(is_silent_where_it_was_not_asked),
        cmocka_unit_test(logs_traces),
        cmocka_unit_test(is_quiet_about_health),
        cmocka_unit_test(does_what_options_say),
        cmocka_unit_test(hears_warnings),
        cmocka_unit_test(is_set_up_once),
        cmocka_unit_test(needs_memory_or_says_so),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
