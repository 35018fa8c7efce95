/* SPDX-License-Identifier: MIT */
/* The successor is this program again, with a word that says what it is like.
 */
#include "unit/server/served.h"

#include "base/str.h"
#include "server/activated.h"

#include <seed/error.h>
#include <seed/restart.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *own_path;
static seed_server *handing;
static int blocked; /* whether main() was called with SIGTERM blocked */

static seed_step tell_pid(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200,
        seed_req_printf(req, "%ld", (long)getpid()));
}

static seed_step tell_environment(seed_req *req, seed_res *res, void *ctx)
{
    const char *names = getenv("LISTEN_FDNAMES");

    (void)ctx;
    return seed_send_text(res, 200, seed_req_printf(req, "%s %s %s %d",
        getenv("LISTEN_FDS"), names ? names : "", getenv("KEPT"),
        blocked));
}

static seed_step hand_over_in_a_handler(seed_req *req, seed_res *res,
    void *ctx)
{
    char *arguments[] = { (char *)"/bin/true", NULL };

    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, seed_req_printf(req, "%ld",
        seed_hand_over(handing,
            &(struct seed_hand_over){ .arguments = arguments })));
}

static seed_server *make_server(unsigned workers)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = workers });

    seed_get(server, "/pid", tell_pid, NULL);
    seed_get(server, "/environment", tell_environment, NULL);
    seed_get(server, "/hand-over", hand_over_in_a_handler, NULL);
    seed_announce(server);
    return server;
}

/* --- the successor -------------------------------------------------------- */

static int succeed(const char *kind)
{
    seed_server *server, *other = NULL;
    int err;

    if (!strcmp(kind, "fails"))
        return 3;
    if (!strcmp(kind, "sleeps"))
        return (int)pause();
    if (!strcmp(kind, "stubborn")) {
        signal(SIGTERM, SIG_IGN);
        return (int)pause();
    }

    server = make_server(2);
    if (!strcmp(kind, "two")) {
        other = make_server(1);
        if (seed_listen_activated(other, "other") != 1)
            return 4;
    }
    if (seed_listen_activated(server, NULL) < 1)
        return 5;
    err = seed_run(server);
    seed_server_free(server);
    seed_server_free(other);
    return err ? 1 : 0;
}

/* --- the tests ------------------------------------------------------------ */

static long hand_over(seed_server *server, const char *kind, unsigned timeout)
{
    char *arguments[] = { (char *)(uintptr_t)own_path, (char *)(uintptr_t)kind,
        NULL };

    return seed_hand_over(server, &(struct seed_hand_over){
        .arguments = arguments, .timeout = timeout });
}

/* Orphans become this process's children, as they become a service
 * manager's. */
static int adopt(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1ul);
}

/* It ends in order when it is told to. */
static void end(long pid)
{
    int status;

    assert_int_equal(kill((pid_t)pid, SIGTERM), 0);
    assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void *run_it(void *ctx)
{
    struct served *served = ctx;

    served->result = seed_run(served->server);
    return NULL;
}

static void await_serving(int port)
{
    int fd = -1;

    for (int i = 0; i < 500 && (fd = dial(port)) < 0; i++)
        sleep_ms(10);
    close(fd);
    assert_int_equal(atol(get(port, "/pid")), getpid());
}

static void the_successor_serves(void **state)
{
    static const unsigned workers[] = { 1, 2, 3 };

    (void)state;
    setenv("KEPT", "kept", 1);
    setenv("LISTEN_FDS", "77", 1); /* somebody else's */
    for (size_t i = 0; i < COUNT(workers); i++) {
        seed_server *server = make_server(workers[i]);
        struct served served;
        char want[64];
        sigset_t term;
        long pid;
        int port;

        sigemptyset(&term);
        sigaddset(&term, SIGTERM);
        assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
        port = seed_server_port(server);
        serve(&served, server);
        await_serving(port);
        pthread_sigmask(SIG_BLOCK, &term, NULL); /* not for the successor */
        pid = hand_over(server, "serves", 0);
        pthread_sigmask(SIG_UNBLOCK, &term, NULL);
        assert_true(pid > 0);
        assert_int_equal(hand_over(server, "serves", 0), SEED_ESTATE);
        assert_int_equal(serve_stop(&served), 0);
        seed_server_free(server);

        /* Each of its sockets has somebody who accepts. */
        for (int ask = 0; ask < 50; ask++)
            assert_int_equal(atol(get(port, "/pid")), pid);
        snprintf(want, sizeof want, "%u http%s%s kept 0", workers[i],
            workers[i] > 1 ? ":http" : "", workers[i] > 2 ? ":http" : "");
        assert_string_equal(get(port, "/environment"), want);
        end(pid);
        assert_int_equal(dial(port), -1);
    }
    unsetenv("LISTEN_FDS");
}

static void a_bad_successor_changes_nothing(void **state)
{
    static const struct {
        const char *kind;
        unsigned timeout;
        long want;
    } cases[] = {
        { "fails", 0, SEED_ECHILD },
        { "sleeps", 200, SEED_ECHILD },
        { "stubborn", 200, SEED_ECHILD },
    };
    seed_server *server = make_server(1);
    char *nobody[] = { (char *)"/no/such/program", NULL };
    char *empty[] = { NULL };
    struct served served;
    long pid;
    int port;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    port = seed_server_port(server);
    assert_int_equal(hand_over(server, "serves", 0), SEED_ESTATE);
    serve(&served, server);
    await_serving(port);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(hand_over(server, cases[i].kind, cases[i].timeout),
            cases[i].want);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
        assert_int_equal(errno, ECHILD);
    }
    assert_int_equal(seed_hand_over(server, &(struct seed_hand_over){
        .arguments = nobody }), SEED_ECHILD);
    assert_int_equal(seed_hand_over(server, &(struct seed_hand_over){
        .arguments = empty }), SEED_EINVAL);
    assert_int_equal(seed_hand_over(server, &(struct seed_hand_over){
        .arguments = NULL }), SEED_EINVAL);
    assert_int_equal(seed_hand_over(server, &(struct seed_hand_over){
        .arguments = nobody, .name = "a:b" }), SEED_EINVAL);
    assert_int_equal(seed_hand_over(server, &(struct seed_hand_over){
        .arguments = nobody, .more = { { server, NULL } } }), SEED_EINVAL);
    assert_int_equal(seed_hand_over(NULL, &(struct seed_hand_over){
        .arguments = nobody }), SEED_EINVAL);
    handing = server;
    assert_int_equal(atol(get(port, "/hand-over")), SEED_ESTATE);

    /* And a good one still can. */
    assert_int_equal(atol(get(port, "/pid")), getpid());
    pid = hand_over(server, "serves", 0);
    assert_true(pid > 0);
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(hand_over(server, "serves", 0), SEED_ESTATE);
    seed_server_free(server);
    end(pid);
}

static void other_servers_go_along(void **state)
{
    seed_server *server = make_server(1), *other = make_server(1);
    char *arguments[] = { (char *)(uintptr_t)own_path, (char *)"two", NULL };
    struct served served, second = { .server = other };
    long pid;

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    assert_int_equal(seed_listen(other, "127.0.0.1", 0), 0);
    serve(&served, server);
    pthread_create(&second.thread, NULL, run_it, &second);
    await_serving(seed_server_port(server));
    await_serving(seed_server_port(other));
    pid = seed_hand_over(server, &(struct seed_hand_over){
        .arguments = arguments, .name = "main",
        .more = { { other, "other" } } });
    assert_true(pid > 0);
    assert_int_equal(serve_stop(&served), 0);
    assert_string_equal(get(seed_server_port(server), "/environment"),
        "2 main:other kept 0");
    assert_int_equal(serve_stop(&second), 0);
    seed_server_free(server);
    seed_server_free(other);
    end(pid);
}

static void a_socket_file_is_the_successors(void **state)
{
    seed_server *server = make_server(2);
    struct served served;
    char path[64];
    long pid;
    int fd;

    (void)state;
    snprintf(path, sizeof path, "/tmp/seed-hand-over-%ld", (long)getpid());
    assert_int_equal(seed_listen_unix(server, path), 0);
    serve(&served, server);
    while ((fd = dial_unix(path)) < 0)
        sleep_ms(10);
    assert_non_null(strstr(ask(fd, "GET /pid HTTP/1.0\r\n\r\n", NULL), "200"));
    close(fd);
    pid = hand_over(server, "serves", 0);
    assert_true(pid > 0);
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);

    assert_int_equal(access(path, F_OK), 0);
    fd = dial_unix(path);
    assert_non_null(strstr(ask(fd, "GET /environment HTTP/1.0\r\n\r\n", NULL),
        "1 http kept 0"));
    close(fd);
    end(pid);
    unlink(path);
}

static void works_with_few_descriptors(void **state)
{
    seed_server *server = make_server(1);
    struct rlimit before, few;
    struct served served;
    long pid;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &few);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    await_serving(seed_server_port(server));
    pid = hand_over(server, "serves", 0);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_true(pid > 0);
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
    end(pid);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_successor_serves),
        cmocka_unit_test(a_bad_successor_changes_nothing),
        cmocka_unit_test(other_servers_go_along),
        cmocka_unit_test(a_socket_file_is_the_successors),
        cmocka_unit_test(works_with_few_descriptors),
    };

    sigset_t mask;

    sigprocmask(SIG_SETMASK, NULL, &mask);
    blocked = sigismember(&mask, SIGTERM);
    if (argc > 1)
        return succeed(argv[1]);
    own_path = argv[0];
    if (adopt())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
