/* SPDX-License-Identifier: MIT */
#include "watch/admin.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text, *path, *host; /* both NULL: refused */
    int port;
    bool local;
} addresses[] = {
    { "unix:/run/app.sock", "/run/app.sock", NULL, 0, true },
    { "unix:app.sock", "app.sock", NULL, 0, true },
    { "unix:a:1", "a:1", NULL, 0, true },
    { "/run/app.sock", "/run/app.sock", NULL, 0, true },
    { "localhost:9000", NULL, "localhost", 9000, true },
    { "LocalHost:0", NULL, "LocalHost", 0, true },
    { "9000", NULL, "localhost", 9000, true },
    { ":9000", NULL, "localhost", 9000, true },
    { "127.0.0.1:65535", NULL, "127.0.0.1", 65535, true },
    { "127.9.9.9:1", NULL, "127.9.9.9", 1, true },
    { "[::1]:9000", NULL, "::1", 9000, true },
    { "[::]:9000", NULL, "::", 9000, false },
    { "0.0.0.0:9000", NULL, "0.0.0.0", 9000, false },
    { "*:9000", NULL, "*", 9000, false },
    { "10.0.0.1:9000", NULL, "10.0.0.1", 9000, false },
    { "128.0.0.1:9000", NULL, "128.0.0.1", 9000, false },
    { "[::ffff:127.0.0.1]:9", NULL, "::ffff:127.0.0.1", 9, false },
    { "localhost.example:9", NULL, "localhost.example", 9, false },
    { "", NULL, NULL, 0, false },
    { ":", NULL, NULL, 0, false },
    { "unix:", NULL, NULL, 0, false },
    { "localhost", NULL, NULL, 0, false },
    { "localhost:", NULL, NULL, 0, false },
    { "localhost:65536", NULL, NULL, 0, false },
    { "localhost:-1", NULL, NULL, 0, false },
    { "localhost:9000x", NULL, NULL, 0, false },
    { "localhost:000009", NULL, NULL, 0, false },
    { "::1:9000", NULL, NULL, 0, false },
    { "[]:9000", NULL, NULL, 0, false },
    { "[::1:9000", NULL, NULL, 0, false },
    { "[::1]", NULL, NULL, 0, false },
};

static void reads_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct admin_address address;
        bool wanted = addresses[i].path || addresses[i].host;

        if (seed__admin_parse(&address, addresses[i].text) != wanted)
            fail_msg("%s", addresses[i].text);
        if (!wanted)
            continue;
        if (addresses[i].path)
            assert_string_equal(addresses[i].path, address.path);
        else
            assert_string_equal(addresses[i].host, address.host);
        assert_int_equal(addresses[i].port, address.port);
        if (seed__admin_is_local(&address) != addresses[i].local)
            fail_msg("%s: local", addresses[i].text);
    }
}

static void refuses_what_is_too_long(void **state)
{
    struct admin_address address;
    char text[ADMIN_HOST + 8];

    (void)state;
    for (size_t length = ADMIN_HOST - 1; length <= ADMIN_HOST; length++) {
        memset(text, 'a', length);
        strcpy(text + length, ":1");
        assert_int_equal(length < ADMIN_HOST,
            seed__admin_parse(&address, text));
    }
}

static void knows_tokens_that_can_be_sent(void **state)
{
    (void)state;
    assert_true(seed__admin_token_is_valid("s3cret~+/=-._"));
    assert_false(seed__admin_token_is_valid(""));
    assert_false(seed__admin_token_is_valid("a b"));
    assert_false(seed__admin_token_is_valid("a\n"));
    assert_false(seed__admin_token_is_valid("\xc3\xa4"));
}

/* --- requests ------------------------------------------------------------- */

static seed_step let_in(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "in");
}

static char secret[] = "open-sesame";

static const struct {
    const char *authorization, *host;
    bool token, by_host;
    int status;
} requests[] = {
    { NULL, "anything.example", false, false, 200 },
    { NULL, "localhost", false, true, 200 },
    { NULL, "localhost:9000", false, true, 200 },
    { NULL, "127.0.0.1:9000", false, true, 200 },
    { NULL, "127.0.0.1", false, true, 200 },
    { NULL, "[::1]:9000", false, true, 200 },
    { NULL, "[::1]", false, true, 200 },
    { NULL, "evil.example", false, true, 403 },
    { NULL, "evil.example:9000", false, true, 403 },
    { NULL, "localhost.evil.example:9000", false, true, 403 },
    { NULL, "10.0.0.1:9000", false, true, 403 },
    { NULL, "[::2]:9000", false, true, 403 },
    { NULL, "any.example", true, false, 401 },
    { "Bearer open-sesame", "any.example", true, false, 200 },
    { "bearer  open-sesame", "any.example", true, false, 200 },
    { "Bearer open-sesam", "any.example", true, false, 401 },
    { "Bearer open-sesame1", "any.example", true, false, 401 },
    { "Bearer open-sesameopen-sesame", "any.example", true, false, 401 },
    { "Bearer open-sesamE", "any.example", true, false, 401 },
    { "Bearer ", "any.example", true, false, 401 },
    { "Bearer", "any.example", true, false, 401 },
    { "Basic open-sesame", "any.example", true, false, 401 },
    { "open-sesame", "any.example", true, false, 401 },
};

static void lets_in_who_may(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct admin_guard guard = { requests[i].token ? secret : NULL,
            requests[i].by_host };
        const char *const headers[] = { "Host", requests[i].host,
            requests[i].authorization ? "Authorization" : NULL,
            requests[i].authorization, NULL };
        seed_server *server = seed_server_new(NULL);
        seed_reply *reply;

        seed_pre(server, seed__admin_guard, &guard);
        seed_get(server, "/", let_in, NULL);
        reply = seed_inject(server,
            &(struct seed_injection){ .headers = headers });
        if (seed_reply_status(reply) != requests[i].status)
            fail_msg("%s, %s: %d", requests[i].host,
                requests[i].authorization ? requests[i].authorization : "",
                seed_reply_status(reply));
        assert_string_equal("no-store",
            seed_reply_header(reply, "Cache-Control"));
        assert_int_equal(requests[i].status == 401,
            seed_reply_header(reply, "WWW-Authenticate") != NULL);
        seed_reply_free(reply);
        seed_server_free(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_addresses),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(knows_tokens_that_can_be_sent),
        cmocka_unit_test(lets_in_who_may),
    };

    return cmocka_run_group_tests_name("watch/admin_guard", tests, NULL,
        NULL);
}
