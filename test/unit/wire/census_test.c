/* SPDX-License-Identifier: MIT */
#include "wire/census.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void is_full_at_its_number(void **state)
{
    struct census *census = seed__census_new(2, SIZE_MAX);

    (void)state;
    assert_int_equal(2, seed__census_most(census));
    seed__census_add(census);
    assert_false(seed__census_full(census));
    seed__census_add(census);
    assert_true(seed__census_full(census));
    seed__census_drop(census);
    assert_false(seed__census_full(census));
    seed__census_free(census);
}

static void throttles_an_address(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int client = socket(AF_INET, SOCK_STREAM, 0), peer;
    struct census *census = seed__census_new(10, SIZE_MAX);
    struct origin origin;
    unsigned entered = 0;

    (void)state;
    assert_true(seed__census_throttle(census, 2));
    assert_int_equal(0, bind(listener, (void *)&address, size));
    assert_int_equal(0, listen(listener, 1));
    assert_int_equal(0, getsockname(listener, (void *)&address, &size));
    assert_int_equal(0, connect(client, (void *)&address, size));
    peer = accept(listener, NULL, NULL);
    for (int i = 0; i < 100; i++)
        entered += seed__census_enter(census, peer, &origin);
    assert_in_range(entered, 2, 50);
    seed__census_leave(census, &origin);
    close(peer);
    close(client);
    close(listener);
    seed__census_free(census);
}

static void takes_what_descriptors_leave(void **state)
{
    static const struct {
        rlim_t limit;
        size_t most;
    } cases[] = { { 32, 16 }, { 64, 32 }, { 128, 64 }, { 129, 65 },
        { 1024, 960 }, { 10063, 9999 }, { 10064, 10000 }, { 20000, 10000 } };
    struct rlimit before, limit;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct census *census;

        if (cases[i].limit > before.rlim_max)
            continue;
        limit.rlim_cur = cases[i].limit;
        assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
        census = seed__census_new(0, SIZE_MAX);
        assert_int_equal(cases[i].most, seed__census_most(census));
        seed__census_free(census);
    }
    setrlimit(RLIMIT_NOFILE, &before);
}

static void nobody_counts_without_one(void **state)
{
    struct origin origin;

    (void)state;
    seed__census_add(NULL);
    seed__census_drop(NULL);
    assert_false(seed__census_full(NULL));
    assert_int_equal(SIZE_MAX, seed__census_most(NULL));
    assert_true(seed__census_enter(NULL, 0, &origin));
    seed__census_leave(NULL, &origin);
    seed__census_free(NULL);
}

static uint64_t network_of(const char *text)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    uint64_t network = 0;

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        assert_true(seed__census_network((void *)&v4, &network));
    else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
        assert_true(seed__census_network((void *)&v6, &network));
    else
        fail();
    return network;
}

static void knows_whose_network_it_is(void **state)
{
    static const struct {
        const char *one, *other;
        bool same;
    } cases[] = {
        { "192.0.2.1", "192.0.2.1", true },
        { "192.0.2.1", "192.0.2.2", false },
        { "192.0.2.1", "::ffff:192.0.2.1", true },
        { "2001:db8::1", "2001:db8::ffff:1", true },
        { "2001:db8:0:1::1", "2001:db8:0:2::1", false },
        { "::1", "127.0.0.1", false },
        { "0.0.0.0", "::", false },
    };
    struct sockaddr unknown = { .sa_family = AF_UNIX };
    uint64_t network;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(cases[i].same,
            network_of(cases[i].one) == network_of(cases[i].other));
    assert_false(seed__census_network(&unknown, &network));
}

static int listener, client, served;

/* A connection from an address of the loopback's /8. */
static void dial(uint32_t from)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in own = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(from) };
    socklen_t size = sizeof address;

    listener = socket(AF_INET, SOCK_STREAM, 0);
    client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(0, bind(listener, (void *)&address, size));
    assert_int_equal(0, listen(listener, 1));
    assert_int_equal(0, getsockname(listener, (void *)&address, &size));
    assert_int_equal(0, bind(client, (void *)&own, sizeof own));
    assert_int_equal(0, connect(client, (void *)&address, size));
    served = accept(listener, NULL, NULL);
    assert_true(served >= 0);
}

static void hang_up(void)
{
    close(client);
    close(served);
    close(listener);
}

static void an_address_has_its_number(void **state)
{
    struct census *census = seed__census_new(100, 2);
    struct origin first, second, third, other;
    int pair[2];

    (void)state;
    dial(0x7f000001);
    assert_true(seed__census_enter(census, served, &first));
    assert_true(seed__census_enter(census, served, &second));
    assert_false(seed__census_enter(census, served, &third));
    seed__census_leave(census, &third);
    assert_false(seed__census_enter(census, served, &third));
    seed__census_leave(census, &first);
    seed__census_leave(census, &first);
    assert_true(seed__census_enter(census, served, &third));
    assert_false(seed__census_enter(census, served, &first));
    hang_up();

    dial(0x7f000002);
    assert_true(seed__census_enter(census, served, &other));
    hang_up();
    assert_true(seed__census_enter(census, -1, &first));
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    for (int i = 0; i < 5; i++)
        assert_true(seed__census_enter(census, pair[0], &first));
    close(pair[0]);
    close(pair[1]);
    seed__census_free(census);
}

enum { MANY = 600 };

/* Each leaves while others stay, so that gaps are closed in every order. */
static void many_addresses_come_and_go(void **state)
{
    struct census *census = seed__census_new(100, 1);
    static struct origin origins[MANY], again;

    (void)state;
    srand(7);
    for (uint32_t i = 0; i < MANY; i++) {
        dial(0x7f010000 + i);
        assert_true(seed__census_enter(census, served, &origins[i]));
        assert_true(origins[i].counted);
        hang_up();
    }
    for (int i = 0; i < 3 * MANY; i++) {
        uint32_t at = (uint32_t)rand() % MANY;
        bool in = origins[at].counted;

        dial(0x7f010000 + at);
        assert_int_equal(!in, seed__census_enter(census, served, &again));
        hang_up();
        if (in)
            seed__census_leave(census, &origins[at]);
        else
            origins[at] = again;
    }
    seed__census_free(census);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_full_at_its_number),
        cmocka_unit_test(throttles_an_address),
        cmocka_unit_test(takes_what_descriptors_leave),
        cmocka_unit_test(nobody_counts_without_one),
        cmocka_unit_test(knows_whose_network_it_is),
        cmocka_unit_test(an_address_has_its_number),
        cmocka_unit_test(many_addresses_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
