/* SPDX-License-Identifier: MIT */
#include "http/answer.h"

#include "unit/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static const struct {
    int status;
    enum answer_framing framing;
    uint64_t length;
    const char *server;
    bool close, keep_alive;
    const char *want;
} heads[] = {
    { 200, ANSWER_LENGTH, 5, "", false, false,
        "HTTP/1.1 200 OK\r\n"
        "Date: " DATE "\r\n"
        "Content-Length: 5\r\n\r\n" },
    { 200, ANSWER_LENGTH, 0, "libseed", false, true,
        "HTTP/1.1 200 OK\r\n"
        "Server: libseed\r\n"
        "Date: " DATE "\r\n"
        "Content-Length: 0\r\n"
        "Connection: keep-alive\r\n\r\n" },
    { 404, ANSWER_CHUNKED, 77, "", true, true,
        "HTTP/1.1 404 Not Found\r\n"
        "Date: " DATE "\r\n"
        "Transfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n" },
    { 204, ANSWER_NONE, 77, "", false, false,
        "HTTP/1.1 204 No Content\r\n"
        "Date: " DATE "\r\n\r\n" },
    { 200, ANSWER_CLOSE, 77, "", true, false,
        "HTTP/1.1 200 OK\r\n"
        "Date: " DATE "\r\n"
        "Connection: close\r\n\r\n" },
    { 299, ANSWER_LENGTH, UINT64_MAX, "", false, false,
        "HTTP/1.1 299 OK\r\n"
        "Date: " DATE "\r\n"
        "Content-Length: 18446744073709551615\r\n\r\n" },
};

static void writes_heads(void **state)
{
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct answer answer = { heads[i].status, heads[i].framing,
            heads[i].length, seed__str(heads[i].server), DATE, NULL,
            heads[i].close, heads[i].keep_alive };
        struct str got = seed__answer_head(&answer, &arena);

        assert_int_equal(got.length, strlen(heads[i].want));
        assert_memory_equal(got.at, heads[i].want, got.length);
    }
    seed__arena_clear(&arena, NULL, 0);
}

static void writes_the_fields_in_order(void **state)
{
    static const char want[] = "HTTP/1.1 301 Moved Permanently\r\n"
                               "Server: s\r\n"
                               "Location: /x\r\n"
                               "Set-Cookie: a=1\r\n"
                               "Set-Cookie: b=2\r\n"
                               "X-Empty: \r\n"
                               "Date: " DATE "\r\n"
                               "Content-Length: 0\r\n\r\n";
    struct pairs pairs = { NULL, 0, 0 };
    struct answer answer = { 301, ANSWER_LENGTH, 0, STR("s"), DATE, &pairs,
        false, false };
    char first[1024];
    struct arena arena;
    struct str got;

    (void)state;
    seed__arena_init(&arena, first, sizeof first);
    assert_true(seed__pairs_add(&pairs, &arena, STR("Location"), STR("/x")));
    assert_true(seed__pairs_add(&pairs, &arena, STR("Set-Cookie"),
        STR("a=1")));
    assert_true(seed__pairs_add(&pairs, &arena, STR("Set-Cookie"),
        STR("b=2")));
    assert_true(seed__pairs_add(&pairs, &arena, STR("X-Empty"), STR("")));

    got = seed__answer_head(&answer, &arena);
    assert_int_equal(got.length, sizeof want - 1);
    assert_memory_equal(got.at, want, got.length);

    /* The room is exact: the head ends where the arena goes on. */
    assert_ptr_equal(got.at + got.length, arena.at);
}

static void tells_when_memory_is_exhausted(void **state)
{
    struct answer answer = { 200, ANSWER_LENGTH, 0, STR(""), DATE, NULL, false,
        false };
    struct arena arena;
    struct str got;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    failing.left = 0;
    got = seed__answer_head(&answer, &arena);
    failing.left = -1;
    assert_null(got.at);
    assert_int_equal(got.length, 0);
}

static int start(void **state)
{
    (void)state;
    return failing_install();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_heads),
        cmocka_unit_test(writes_the_fields_in_order),
        cmocka_unit_test(tells_when_memory_is_exhausted),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
