/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_int ours;

static void on_ours(int number)
{
    (void)number;
    ours++;
}

/* The application's handlers are there before and after. */
static int install(void **state)
{
    struct sigaction action = { .sa_handler = on_ours };

    (void)state;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return 0;
}

static void check_ours(void)
{
    int before = ours;

    raise(SIGINT);
    raise(SIGTERM);
    assert_int_equal(ours, before + 2);
}

static atomic_int holds;
static seed_req *held;

static seed_step hold(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    held = req;
    holds++;
    return SEED_WAIT;
}

static seed_server *make_server(const struct seed_options *options)
{
    seed_server *server = seed_server_new(options);

    seed_get(server, "/hold", hold, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    return server;
}

static void each_of_them_ends_a_server(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        seed_server *server = make_server(NULL);
        struct served served;

        serve(&served, server);
        kill(getpid(), signals[i]);
        assert_int_equal(serve_join(&served), 0);
        assert_true(seed_stopping(server));
        check_ours();
        seed_server_free(server);
    }
}

static void one_ends_all_servers(void **state)
{
    seed_server *servers[3];
    struct served served[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        servers[i] = make_server(
            &(struct seed_options){ .workers = (unsigned)i + 1 });
        serve(&served[i], servers[i]);
    }

    /* One that has ended takes nothing away from the others. */
    assert_int_equal(serve_stop(&served[1]), 0);
    kill(getpid(), SIGTERM);
    assert_int_equal(serve_join(&served[0]), 0);
    assert_int_equal(serve_join(&served[2]), 0);
    check_ours();
    for (int i = 0; i < 3; i++)
        seed_server_free(servers[i]);
}

static void a_second_one_ends_at_once(void **state)
{
    seed_server *server = make_server(NULL);
    struct served served;
    int fd;

    (void)state;
    holds = 0;
    serve(&served, server);
    fd = dial(seed_server_port(server));
    assert_int_equal(write(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", 31),
        31);
    assert_true(await_count(&holds, 1));
    kill(getpid(), SIGINT);
    for (int i = 0; i < 1000 && !seed_stopping(server); i++)
        sleep_ms(2);
    sleep_ms(50);
    assert_int_equal(served.result, -99); /* it waits for its request */
    kill(getpid(), SIGINT);
    assert_int_equal(serve_join(&served), SEED_ECUT);
    assert_string_equal(seed_server_error(server), "Requests cut off: 1. A "
        "second signal came before they had their answers.");
    check_ours();
    close(fd);
    seed_resume(held, SEED_STOP);
    seed_server_free(server);
}

static void are_left_alone_when_asked(void **state)
{
    seed_server *server = make_server(
        &(struct seed_options){ .no_signals = true });
    struct served served;

    (void)state;
    serve(&served, server);
    check_ours();
    assert_false(seed_stopping(server));
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
}

static void keeps_a_handler_that_came_meanwhile(void **state)
{
    seed_server *server = make_server(NULL);
    struct sigaction now;
    struct served served;

    (void)state;
    serve(&served, server);
    signal(SIGINT, SIG_IGN);
    assert_int_equal(serve_stop(&served), 0);
    sigaction(SIGINT, NULL, &now);
    assert_ptr_equal(now.sa_handler, SIG_IGN);
    sigaction(SIGTERM, NULL, &now);
    assert_ptr_equal(now.sa_handler, on_ours);
    install(NULL);
    seed_server_free(server);
}

static void uses_no_more_descriptors_over_time(void **state)
{
    int first = 0, last = 0;

    (void)state;
    for (int i = 0; i < 5; i++) {
        seed_server *server = make_server(NULL);
        struct served served;

        serve(&served, server);
        assert_int_equal(serve_stop(&served), 0);
        seed_server_free(server);
        last = dup(0);
        close(last);
        first = first ? first : last;
    }
    assert_int_equal(first, last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_them_ends_a_server),
        cmocka_unit_test(one_ends_all_servers),
        cmocka_unit_test(a_second_one_ends_at_once),
        cmocka_unit_test(are_left_alone_when_asked),
        cmocka_unit_test(keeps_a_handler_that_came_meanwhile),
        cmocka_unit_test(uses_no_more_descriptors_over_time),
    };

    return cmocka_run_group_tests(tests, install, NULL);
}
