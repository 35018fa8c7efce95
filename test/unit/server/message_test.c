/* SPDX-License-Identifier: MIT */
#include "server/inject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    struct seed_injection injection;
    const char *want;
} messages[] = {
    { { 0 }, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" },
    { { .method = "PUT", .url = "/a?b", .body = "xyz", .length = 3 },
        "PUT /a?b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n"
        "xyz" },
    { { .headers = (const char *const[]){ "host", "a", "X", "y", NULL } },
        "GET / HTTP/1.1\r\nhost: a\r\nX: y\r\n\r\n" },
    { { .headers = (const char *const[]){ "content-length", "9", NULL },
          .body = "x", .length = 1 },
        "GET / HTTP/1.1\r\nHost: localhost\r\ncontent-length: 9\r\n\r\nx" },
    { { .headers = (const char *const[]){ "Transfer-Encoding", "chunked",
            NULL }, .body = "0\r\n\r\n", .length = 5 },
        "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        "\r\n0\r\n\r\n" },
    { { .headers = (const char *const[]){ "Odd", NULL } },
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" },
};

static void writes_what_a_client_would_send(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++) {
        size_t length;
        char *bytes = seed__inject_message(&messages[i].injection, &length);

        assert_int_equal(length, strlen(messages[i].want));
        assert_memory_equal(bytes, messages[i].want, length);
        seed__release(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_a_client_would_send),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
