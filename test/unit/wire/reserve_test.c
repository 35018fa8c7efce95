/* SPDX-License-Identifier: MIT */
#include "wire/reserve.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int listener, client;

static void dial(const char *text)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(0, bind(listener, (void *)&address, size));
    assert_int_equal(0, listen(listener, 1));
    assert_int_equal(0, getsockname(listener, (void *)&address, &size));
    if (!text)
        return;

    client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(0, connect(client, (void *)&address, size));
    assert_int_equal(strlen(text), send(client, text, strlen(text), 0));
}

static size_t read_all(char *to, size_t room)
{
    size_t length = 0;
    ssize_t count;

    while ((count = recv(client, to + length, room - length, 0)) > 0)
        length += (size_t)count;
    assert_int_equal(0, count); /* an end, and not a reset */
    to[length] = '\0';
    return length;
}

static void tells_one_client(void **state)
{
    int reserve = seed__reserve_open();
    char text[1024];

    (void)state;
    dial("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(seed__reserve_refuse(&reserve, listener, true));
    assert_true(fcntl(reserve, F_GETFD) & FD_CLOEXEC);
    read_all(text, sizeof text - 1);
    assert_ptr_equal(text, strstr(text, "HTTP/1.1 503 "));
    assert_non_null(strstr(text, "\r\nRetry-After: 1\r\n"));
    assert_false(seed__reserve_refuse(&reserve, listener, true));
    close(reserve);
    close(client);
    close(listener);
}

static void closes_on_who_would_not_understand(void **state)
{
    int reserve = seed__reserve_open();
    char text[1024];

    (void)state;
    dial("");
    assert_true(seed__reserve_refuse(&reserve, listener, false));
    assert_int_equal(0, read_all(text, sizeof text - 1));
    close(reserve);
    close(client);
    close(listener);
}

static void needs_a_reserve(void **state)
{
    struct rlimit before, none;
    int reserve = -1;

    (void)state;
    dial("");
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    assert_false(seed__reserve_refuse(&reserve, listener, true));
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(-1, reserve);

    /* Somebody else had it, and has given it back. */
    assert_true(seed__reserve_refuse(&reserve, listener, true));
    assert_true(reserve >= 0);
    close(reserve);
    close(client);
    close(listener);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_one_client),
        cmocka_unit_test(closes_on_who_would_not_understand),
        cmocka_unit_test(needs_a_reserve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
