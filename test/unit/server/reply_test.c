/* SPDX-License-Identifier: MIT */
#include "server/reply.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *raw;
    int status;
    const char *name, *value, *body;
} replies[] = {
    { "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nhi", 200, "a", "b",
        "hi" },
    { "HTTP/1.1 204 No Content\r\n\r\n", 204, "a", NULL, "" },
    { "HTTP/1.1 200 OK\r\nA:\r\nB: c\r\n\r\n", 200, "a", "", "" },
    { "HTTP/1.1 200 OK\r\nA:\r\nB: c\r\n\r\n", 200, "B", "c", "" },
    { "HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\n\r\n", 200, "A", "1", "" },
    { "HTTP/1.1 299 a:b\r\nA: 1\r\n\r\nx", 299, "A", "1", "x" },
    { "HTTP/1.1 200 \r\nA: b: c\r\n\r\nx", 200, "A", "b: c", "x" },
    { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nA: b\r\n\r\nx", 201,
        "A", "b", "x" },
    { "HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\nxyz", 101, "A", "b",
        "xyz" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n", 200, "transfer-encoding",
        "chunked", "abcd" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "a\r\nabc", 200, "b", NULL, "abc" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\na\r\nzz\r\n", 200, "b", NULL, "a" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "b", NULL,
        "" },
};

static void takes_answers_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(replies); i++) {
        size_t length = strlen(replies[i].raw), got;
        seed_reply *reply = seed__reply_new(replies[i].raw, length);
        const char *value;

        assert_non_null(reply);
        assert_int_equal(seed_reply_status(reply), replies[i].status);
        value = seed_reply_header(reply, replies[i].name);
        if (replies[i].value)
            assert_string_equal(value, replies[i].value);
        else
            assert_null(value);
        assert_string_equal(seed_reply_body(reply, &got), replies[i].body);
        assert_int_equal(got, strlen(replies[i].body));
        assert_string_equal(seed_reply_raw(reply, &got), replies[i].raw);
        assert_int_equal(got, length);
        seed_reply_free(reply);
    }
}

static const char *const cut[] = {
    "",
    "HTTP/1.1 200 OK\r\nA: b\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
    "SMTP ready, hello\r\n\r\n",
};

static void wants_a_whole_head(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cut); i++)
        assert_null(seed__reply_new(cut[i], strlen(cut[i])));
}

static void keeps_bodies_that_hold_nul(void **state)
{
    static const char raw[] = "HTTP/1.1 200 OK\r\n\r\na\0b";
    seed_reply *reply = seed__reply_new(raw, sizeof raw - 1);
    size_t length;

    (void)state;
    assert_memory_equal(seed_reply_body(reply, &length), "a\0b", 4);
    assert_int_equal(length, 3);
    seed_reply_free(reply);
}

static void says_nothing_of_no_reply(void **state)
{
    size_t length = 9;

    (void)state;
    assert_int_equal(seed_reply_status(NULL), 0);
    assert_null(seed_reply_header(NULL, "a"));
    assert_null(seed_reply_body(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(seed_reply_raw(NULL, NULL));
    seed_reply_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_answers_apart),
        cmocka_unit_test(wants_a_whole_head),
        cmocka_unit_test(keeps_bodies_that_hold_nul),
        cmocka_unit_test(says_nothing_of_no_reply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
