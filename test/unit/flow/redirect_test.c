/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

struct aim {
    int status;
    const char *location;
};

static seed_step go(seed_req *req, seed_res *res, void *ctx)
{
    const struct aim *aim = ctx;

    (void)req;
    return seed_redirect(res, aim->status, aim->location);
}

static void redirects(void **state)
{
    static const struct {
        struct aim aim;
        int status;
        const char *field;
    } cases[] = {
        { { 301, "/a" }, 301, "\r\nLocation: /a\r\n" },
        { { 302, "https://b.example:8080/c?d=e&f#g" }, 302,
            "\r\nLocation: https://b.example:8080/c?d=e&f#g\r\n" },
        { { 303, "../up" }, 303, "\r\nLocation: ../up\r\n" },
        { { 307, "/a b" }, 307, "\r\nLocation: /a%20b\r\n" },
        { { 308, "/J\xc3\xb6rg" }, 308, "\r\nLocation: /J%C3%B6rg\r\n" },
        { { 302, "/a%20b" }, 302, "\r\nLocation: /a%20b\r\n" },
        { { 302, "/\"<>\\^`{|}\x7f\x01\t" }, 302,
            "\r\nLocation: /%22%3C%3E%5C%5E%60%7B%7C%7D%7F%01%09\r\n" },
        { { 302, "/-._~:?#[]@!$&'()*+,;=" }, 302,
            "\r\nLocation: /-._~:?#[]@!$&'()*+,;=\r\n" },
        { { 302, "" }, 302, "\r\nLocation: \r\n" },
        { { 302, "/a\r\nSet-Cookie: b" }, 500, NULL },
        { { 302, "/a\nb" }, 500, NULL },
        { { 302, NULL }, 500, NULL },
        { { 300, "/a" }, 500, NULL },
        { { 304, "/a" }, 500, NULL },
        { { 200, "/a" }, 500, NULL },
        { { 0, "/a" }, 500, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct life life = { 0 };
        struct client client = { 0 };
        struct aim aim = cases[i].aim;

        life_open(&life, "");
        life_route(&life, "GET", "/", go, &aim);
        life_ask(&life, &client, GET);
        assert_int_equal(cases[i].status, life_status(&client));
        assert_lacks(client.answer, "Set-Cookie: b");
        if (cases[i].field) {
            assert_has(client.answer, cases[i].field);
            assert_has(client.answer, "\r\nContent-Length: 0\r\n");
            assert_string_equal("", life_body(&client));
        } else {
            assert_lacks(client.answer, "Location");
        }
        life_close(&life);
        life_forget(&client);
    }
}

static seed_step go_twice(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    seed_redirect(res, 302, "/one");
    return seed_redirect(res, 302, "/two");
}

static void redirects_once(void **state)
{
    struct life life = { 0 };
    struct client client = { 0 };

    (void)state;
    life_open(&life, "");
    life_route(&life, "GET", "/", go_twice, NULL);
    life_ask(&life, &client, GET);
    assert_has(client.answer, "Location: /one");
    assert_lacks(client.answer, "/two");
    assert_int_equal(1, life.warned);
    assert_has(life.warnings, "seed_redirect() for GET / in go_twice was not");
    assert_string_equal("", life.fault);
    life_close(&life);
    life_forget(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redirects),
        cmocka_unit_test(redirects_once),
    };

    return cmocka_run_group_tests_name("flow/redirect", tests,
        life_count_memory, NULL);
}
