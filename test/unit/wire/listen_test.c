/* SPDX-License-Identifier: MIT */
#include "wire/listen.h"

#include "base/str.h"

#include <seed/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static bool has_ipv6(void)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6,
        .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool can = fd >= 0 &&
        !bind(fd, (struct sockaddr *)&address, sizeof address);

    if (fd >= 0)
        close(fd);
    return can;
}

static int connect_to(const char *host, int port)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
        .sin6_port = htons((uint16_t)port) };
    bool is_v4 = inet_pton(AF_INET, host, &v4.sin_addr) == 1;
    int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);

    inet_pton(AF_INET6, host, &v6.sin6_addr);
    if (connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
            is_v4 ? sizeof v4 : sizeof v6)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool reaches(const char *host, int port)
{
    int fd = connect_to(host, port);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof value;

    getsockopt(fd, level, name, &value, &length);
    return value;
}

static void listens_on_an_address(void **state)
{
    struct listening out;
    char url[64];

    (void)state;
    assert_int_equal(seed__listen_tcp(&out, "127.0.0.1", 0, LISTEN_ALONE), 0);
    assert_int_equal(out.count, 1);
    assert_in_range(out.port, 1, 65535);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", out.port);
    assert_string_equal(out.url, url);
    assert_true(reaches("127.0.0.1", out.port));

    assert_true(fcntl(out.fds[0], F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(out.fds[0], F_GETFD) & FD_CLOEXEC);
    assert_true(option(out.fds[0], IPPROTO_TCP, TCP_NODELAY));
    assert_true(option(out.fds[0], SOL_SOCKET, SO_REUSEADDR));
    assert_false(option(out.fds[0], SOL_SOCKET, SO_REUSEPORT));
    seed__listen_close(&out);
    assert_int_equal(out.count, 0);
    assert_false(reaches("127.0.0.1", out.port));
}

static void hands_nodelay_to_what_is_accepted(void **state)
{
    struct listening out;
    int client, served;

    (void)state;
    assert_int_equal(seed__listen_tcp(&out, "127.0.0.1", 0, LISTEN_ALONE), 0);
    client = connect_to("127.0.0.1", out.port);
    served = accept(out.fds[0], NULL, NULL);
    assert_true(served >= 0);
    assert_true(option(served, IPPROTO_TCP, TCP_NODELAY));
    close(served);
    close(client);
    seed__listen_close(&out);
}

static const struct {
    const char *host, *v4, *v6;
} both[] = {
    { "localhost", "127.0.0.1", "::1" },
    { "*", "127.0.0.1", "::1" },
};

static void listens_on_both_families_on_one_port(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct listening out;
        char url[64];

        assert_int_equal(
            seed__listen_tcp(&out, both[i].host, 0, LISTEN_ALONE), 0);
        assert_int_equal(out.count, has_ipv6() ? 2 : 1);
        snprintf(url, sizeof url, "http://localhost:%d", out.port);
        assert_string_equal(out.url, url);
        assert_true(reaches(both[i].v4, out.port));
        assert_int_equal(reaches(both[i].v6, out.port), has_ipv6());
        seed__listen_close(&out);
    }
}

static void says_ipv6_addresses_with_brackets(void **state)
{
    struct listening out;
    char url[64];

    (void)state;
    if (!has_ipv6())
        return;
    assert_int_equal(seed__listen_tcp(&out, "::1", 0, LISTEN_ALONE), 0);
    snprintf(url, sizeof url, "http://[::1]:%d", out.port);
    assert_string_equal(out.url, url);
    assert_true(reaches("::1", out.port));
    seed__listen_close(&out);
}

static const struct {
    const char *host;
    int port;
    const char *why;
} mistakes[] = {
    { NULL, 80, "there is no address to listen on: give a numeric address, "
                "\"localhost\" or \"*\"" },
    { "", 80, "\"\" is not an address to listen on: give a numeric address, "
              "\"localhost\" or \"*\" (libseed asks no name server)" },
    { "example.org", 80, "\"example.org\" is not an address to listen on: "
                         "give a numeric address, \"localhost\" or \"*\" "
                         "(libseed asks no name server)" },
    { "127.1", 80, "\"127.1\" is not an address to listen on: give a numeric "
                   "address, \"localhost\" or \"*\" (libseed asks no name "
                   "server)" },
    { "fe80::1%nosuchzone", 80,
        "\"fe80::1%nosuchzone\" is not an address to listen on: give a "
        "numeric address, \"localhost\" or \"*\" (libseed asks no name "
        "server)" },
    { "127.0.0.1", -1, "127.0.0.1:-1 cannot be listened on: a port is a "
                       "number from 0 to 65535" },
    { "127.0.0.1", 65536, "127.0.0.1:65536 cannot be listened on: a port is "
                          "a number from 0 to 65535" },
};

static void refuses_what_is_no_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        struct listening out;

        assert_int_equal(seed__listen_tcp(&out, mistakes[i].host,
            mistakes[i].port, LISTEN_ALONE), SEED_EINVAL);
        assert_string_equal(out.why, mistakes[i].why);
        assert_int_equal(out.count, 0);
    }
}

static void says_who_has_the_port(void **state)
{
    struct listening first, second;
    char why[LISTEN_WHY];

    (void)state;
    assert_int_equal(seed__listen_tcp(&first, "127.0.0.1", 0, LISTEN_ALONE),
        0);
    assert_int_equal(seed__listen_tcp(&second, "127.0.0.1", first.port,
        LISTEN_ALONE), SEED_ELISTEN);
    snprintf(why, sizeof why, "127.0.0.1:%d cannot be listened on: Address "
        "already in use (another program has the port; stop it, or listen on "
        "port 0 for a free one)", first.port);
    assert_string_equal(second.why, why);

    /* Neither may "localhost" take a half of it. */
    assert_int_equal(seed__listen_tcp(&second, "localhost", first.port,
        LISTEN_ALONE), SEED_ELISTEN);
    assert_int_equal(second.count, 0);
    assert_false(reaches("::1", first.port));
    seed__listen_close(&first);
}

static void gives_back_the_first_family_when_the_second_is_taken(void **state)
{
    struct listening first, second;

    (void)state;
    if (!has_ipv6())
        return;
    assert_int_equal(seed__listen_tcp(&first, "::1", 0, LISTEN_ALONE), 0);
    assert_int_equal(seed__listen_tcp(&second, "localhost", first.port,
        LISTEN_ALONE), SEED_ELISTEN);
    assert_int_equal(second.count, 0);
    assert_false(reaches("127.0.0.1", first.port));
    seed__listen_close(&first);
}

static void says_that_an_address_is_not_ours(void **state)
{
    struct listening out;

    (void)state;
    assert_int_equal(seed__listen_tcp(&out, "192.0.2.1", 0, LISTEN_ALONE),
        SEED_ELISTEN);
    assert_string_equal(out.why, "192.0.2.1:0 cannot be listened on: Cannot "
        "assign requested address (no interface of this machine has this "
        "address)");
}

static void shares_a_port_among_our_own_only(void **state)
{
    struct listening first, more, other;

    (void)state;
    assert_int_equal(seed__listen_tcp(&first, "localhost", 0, LISTEN_FIRST),
        0);
    assert_int_equal(seed__listen_tcp(&more, "localhost", first.port,
        LISTEN_MORE), 0);
    assert_int_equal(more.port, first.port);
    assert_int_equal(more.count, first.count);

    /* Another server's first socket must not slip in among them. */
    assert_int_equal(seed__listen_tcp(&other, "localhost", first.port,
        LISTEN_FIRST), SEED_ELISTEN);
    assert_int_equal(seed__listen_tcp(&other, "localhost", first.port,
        LISTEN_ALONE), SEED_ELISTEN);
    seed__listen_close(&first);
    seed__listen_close(&more);
}

/* Counts which of two sockets accept connections. */
static void spreads_connections_over_the_shares(void **state)
{
    struct listening shares[2];
    int clients[64], counts[2] = { 0, 0 };

    (void)state;
    assert_int_equal(seed__listen_tcp(&shares[0], "127.0.0.1", 0,
        LISTEN_FIRST), 0);
    assert_int_equal(seed__listen_tcp(&shares[1], "127.0.0.1",
        shares[0].port, LISTEN_MORE), 0);
    for (size_t i = 0; i < COUNT(clients); i++)
        clients[i] = connect_to("127.0.0.1", shares[0].port);

    for (size_t i = 0; i < COUNT(shares); i++) {
        int fd;

        while ((fd = accept(shares[i].fds[0], NULL, NULL)) >= 0) {
            counts[i]++;
            close(fd);
        }
        seed__listen_close(&shares[i]);
    }
    assert_int_equal(counts[0] + counts[1], COUNT(clients));
    assert_true(counts[0] > 0 && counts[1] > 0);
    for (size_t i = 0; i < COUNT(clients); i++)
        close(clients[i]);
}

static void restarts_beside_old_connections(void **state)
{
    struct listening out;
    int port, client, served;

    (void)state;
    assert_int_equal(seed__listen_tcp(&out, "127.0.0.1", 0, LISTEN_ALONE), 0);
    port = out.port;
    client = connect_to("127.0.0.1", port);
    served = accept(out.fds[0], NULL, NULL);
    close(served); /* the server's side goes to TIME_WAIT */
    close(client);
    seed__listen_close(&out);

    assert_int_equal(seed__listen_tcp(&out, "127.0.0.1", port, LISTEN_ALONE),
        0);
    seed__listen_close(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listens_on_an_address),
        cmocka_unit_test(hands_nodelay_to_what_is_accepted),
        cmocka_unit_test(listens_on_both_families_on_one_port),
        cmocka_unit_test(says_ipv6_addresses_with_brackets),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(says_who_has_the_port),
        cmocka_unit_test(gives_back_the_first_family_when_the_second_is_taken),
        cmocka_unit_test(says_that_an_address_is_not_ours),
        cmocka_unit_test(shares_a_port_among_our_own_only),
        cmocka_unit_test(spreads_connections_over_the_shares),
        cmocka_unit_test(restarts_beside_old_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
