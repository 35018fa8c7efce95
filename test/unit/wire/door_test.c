/* SPDX-License-Identifier: MIT */
/* Listeners, with and without descriptors to accept with.
 *
 * not under valgrind: its accept() does not obey RLIMIT_NOFILE. */
#include "unit/watching.h"
#include "unit/wire/rig.h"

#include <seed/error.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct rig rig;
static unsigned warnings;

static void warn(const char *line, void *ctx)
{
    (void)ctx;
    assert_non_null(strstr(line, "Too many open files"));
    warnings++;
}

/* Without a rest, each turn would fail again, and say so. */
static void rests_when_descriptors_run_out(void **state)
{
    struct rlimit limit, low;
    uint64_t turns;
    int client;

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.options.warn = warn;
    rig_open(&rig);
    getrlimit(RLIMIT_NOFILE, &limit);
    low = limit;
    client = dup(0);
    low.rlim_cur = (rlim_t)client + 1;
    close(client);
    setrlimit(RLIMIT_NOFILE, &low);
    client = rig_connect(&rig);
    turns = seed__loop_state(rig.loop).iterations;
    for (int i = 0; i < 10; i++)
        rig_turn(&rig);
    assert_true(seed__loop_state(rig.loop).iterations - turns <= 2);
    assert_int_equal(1, warnings);
    assert_string_equal(rig_log(&rig), "");

    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 100 && !*rig.log; i++) {
        usleep(10000);
        rig_turn(&rig);
    }
    assert_string_equal(rig_log(&rig), "open");
    assert_int_equal(1,
        rig_count(rig_ask(&rig, client, GET("/hello")), HELLO_BODY));
    assert_int_equal(1, warnings);
    close(client);
    rig_close(&rig);
}

/* Who has waited for a second is told so by the reserve. */
static void tells_who_has_waited_long(void **state)
{
    struct rlimit limit, low;
    int client;

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.options.warn = warn;
    rig_open(&rig);
    getrlimit(RLIMIT_NOFILE, &limit);
    low = limit;
    client = dup(0);
    low.rlim_cur = (rlim_t)client + 1;
    close(client);
    setrlimit(RLIMIT_NOFILE, &low);
    client = rig_connect(&rig);
    rig_send(&rig, client, GET("/hello"));
    assert_string_equal(rig_read(&rig, client), "");
    rig.loop->starved -= 1000000000;
    for (int i = 0; i < 20 && !rig.length; i++) {
        usleep(10000);
        rig_read(&rig, client);
    }
    assert_int_equal(1, rig_count(rig.reply, "HTTP/1.1 503 "));
    assert_string_equal(rig.reply + rig.length - 3, "EOF");
    assert_string_equal(rig_log(&rig), "");
    assert_true(seed__flow_limits(&rig.flow, SEED_LIMIT_ACCEPT) >= 2);
    setrlimit(RLIMIT_NOFILE, &limit);
    close(client);
    rig_close(&rig);
}

static void ignore(const char *line, void *ctx)
{
    (void)ctx;
    assert_non_null(strstr(line, "3 connections are open"));
}

/* The kernel holds the others, and the next one comes when one goes. */
static void rests_when_there_are_enough(void **state)
{
    struct census *census = seed__census_new(3, SIZE_MAX);
    int clients[6];

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.options.warn = ignore;
    rig_open(&rig);
    rig.loop->census = census;
    for (size_t i = 0; i < COUNT(clients); i++)
        clients[i] = rig_connect(&rig);
    assert_string_equal(rig_log(&rig), "open open open");
    assert_true(rig.loop->resting);
    assert_int_equal(1, seed__flow_limits(&rig.flow, SEED_LIMIT_CONNECTIONS));

    close(clients[0]);
    rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "close open");
    close(clients[1]);
    close(clients[2]);
    rig_turn(&rig);
    assert_int_equal(2, rig_count(rig_log(&rig), "open"));
    assert_true(rig.loop->resting);
    close(clients[3]);
    rig_turn(&rig);
    assert_false(rig.loop->resting);
    close(clients[4]);
    close(clients[5]);
    rig_turn(&rig);
    assert_false(seed__census_full(census));
    rig_close(&rig);
    seed__census_free(census);
}

/* Places that another worker's connections leave are found by trying. */
static void looks_for_places_of_others(void **state)
{
    struct census *census = seed__census_new(3, SIZE_MAX);
    int client;

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.options.warn = ignore;
    rig_open(&rig);
    rig.loop->census = census;
    for (int i = 0; i < 3; i++)
        seed__census_add(census);
    client = rig_connect(&rig); /* one a worker may be too many */
    assert_string_equal(rig_log(&rig), "open");
    assert_true(rig.loop->resting);
    for (int i = 0; i < 3; i++)
        seed__census_drop(census);
    for (int i = 0; i < 100 && rig.loop->resting; i++) {
        usleep(10000);
        rig_turn(&rig);
    }
    assert_false(rig.loop->resting);
    close(client);
    rig_close(&rig);
    seed__census_free(census);
}

static void refuses_more_of_one_address(void **state)
{
    struct census *census = seed__census_new(100, 2);
    int clients[3];

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    rig.loop->census = census;
    for (size_t i = 0; i < COUNT(clients); i++)
        clients[i] = rig_connect(&rig);
    assert_string_equal(rig_log(&rig), "open open");
    assert_string_equal(rig_read(&rig, clients[2]), "EOF");
    assert_int_equal(1, seed__flow_limits(&rig.flow, SEED_LIMIT_ADDRESS));
    rig_hang_up(&rig, clients[0]);
    close(clients[2]);
    clients[2] = rig_connect(&rig);
    assert_string_equal(rig_log(&rig), "open");
    close(clients[1]);
    close(clients[2]);
    rig_close(&rig);
    seed__census_free(census);
}

static void owns_the_descriptor(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(0, listen(fd, 1));
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    assert_int_equal(0, seed__loop_listen(rig.loop, fd, NULL));
    rig_close(&rig);
    assert_int_equal(-1, fcntl(fd, F_GETFD));
}

/* evhttp would take the listener and never say that it hears nothing. */
static void refuses_what_the_kernel_does_not_watch(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(0, listen(fd, 1));
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    unwatched = EPOLLIN;
    assert_int_equal(SEED_ENOMEM, seed__loop_listen(rig.loop, fd, NULL));
    unwatched = 0;
    assert_int_equal(-1, fcntl(fd, F_GETFD));
    rig_close(&rig);
}

static void rests_until_the_kernel_watches_again(void **state)
{
    struct census *census = seed__census_new(3, SIZE_MAX);
    int clients[4];

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.options.warn = ignore;
    rig_open(&rig);
    rig.loop->census = census;
    for (size_t i = 0; i < COUNT(clients); i++)
        clients[i] = rig_connect(&rig);
    assert_string_equal(rig_log(&rig), "open open open");
    unwatched = EPOLLIN;
    close(clients[0]);
    rig_turn(&rig);
    assert_true(rig.loop->resting);
    unwatched = 0;
    for (int i = 0; i < 100 && rig.loop->conn_count < 3; i++) {
        usleep(10000);
        rig_turn(&rig);
    }
    assert_string_equal(rig_log(&rig), "close open");
    for (size_t i = 1; i < COUNT(clients); i++)
        close(clients[i]);
    rig_turn(&rig);
    rig_close(&rig);
    seed__census_free(census);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rests_when_descriptors_run_out),
        cmocka_unit_test(tells_who_has_waited_long),
        cmocka_unit_test(rests_when_there_are_enough),
        cmocka_unit_test(looks_for_places_of_others),
        cmocka_unit_test(refuses_more_of_one_address),
        cmocka_unit_test(owns_the_descriptor),
        cmocka_unit_test(refuses_what_the_kernel_does_not_watch),
        cmocka_unit_test(rests_until_the_kernel_watches_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
