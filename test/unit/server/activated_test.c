/* SPDX-License-Identifier: MIT */
/* Each case is a process of its own: what is taken once stays taken. */
#include "unit/server/served.h"

#include "base/str.h"
#include "server/activated.h"
#include "server/server.h"

#include <seed/error.h>
#include <seed/restart.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* In a child, where cmocka does not see a failure. */
#define MUST(what) \
    do { \
        if (!(what)) { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
            _exit(1); \
        } \
    } while (0)

static void in_child(void (*test)(void))
{
    int status;
    pid_t pid = fork();

    if (!pid) {
        test();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

#define CASE(name) \
    static void name##_inside(void); \
    static void name(void **state) \
    { \
        (void)state; \
        in_child(name##_inside); \
    } \
    static void name##_inside(void)

static seed_step which(seed_req *req, seed_res *res, void *ctx)
{
    char text[16];

    (void)ctx;
    snprintf(text, sizeof text, "%u", seed_worker_index(seed_req_worker(req)));
    return seed_send_text(res, 200, text);
}

static seed_server *make_server(unsigned workers)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = workers });

    seed_get(server, "/", which, NULL);
    return server;
}

/* A listening socket; with a port, one more on it. */
static int listening_socket(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int));
    MUST(!bind(fd, (struct sockaddr *)&address, sizeof address));
    MUST(!listen(fd, 100));
    return fd;
}

/* As systemd has it: descriptors from 3 on. */
static void pass(const int *fds, int count, const char *names)
{
    char digits[16];
    int high[16];

    for (int i = 0; i < count; i++)
        high[i] = fcntl(fds[i], F_DUPFD, 100);
    for (int i = 0; i < count; i++) {
        close(fds[i]);
        MUST(dup2(high[i], PASSED_FIRST + i) == PASSED_FIRST + i);
    }
    for (int i = 0; i < count; i++)
        close(high[i]);
    snprintf(digits, sizeof digits, "%d", count);
    setenv("LISTEN_FDS", digits, 1);
    snprintf(digits, sizeof digits, "%ld", (long)getpid());
    setenv("LISTEN_PID", digits, 1);
    if (names)
        setenv("LISTEN_FDNAMES", names, 1);
}

static bool closes_on_exec(int fd)
{
    return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

CASE(none_is_passed)
{
    seed_server *server = make_server(1);

    MUST(seed_listen_activated(server, NULL) == 0);
    setenv("LISTEN_FDS", "1", 1);
    MUST(seed_listen_activated(server, NULL) == 0);
    setenv("LISTEN_PID", "1", 1); /* of another process */
    MUST(seed_listen_activated(server, NULL) == 0);
    MUST(!seed_server_error(server));
    MUST(seed_listen_activated(NULL, NULL) == SEED_ENOMEM);
    seed_server_free(server);
}

CASE(numbers_are_numbers)
{
    static const char *const bad[] = { "", "-1", "1x", " 1", "0x1",
        "99999999999" };
    seed_server *server = make_server(1);

    pass((int[]){ listening_socket(0) }, 1, NULL);
    for (size_t i = 0; i < COUNT(bad); i++) {
        setenv("LISTEN_FDS", bad[i], 1);
        MUST(seed_listen_activated(server, NULL) == 0);
    }
    setenv("LISTEN_FDS", "1", 1);
    MUST(seed_listen_activated(server, NULL) == 1);
    seed_server_free(server);
}

CASE(serves_what_was_passed)
{
    int fd = listening_socket(0), port = port_of(fd);
    seed_server *server = make_server(3);
    struct served served;

    pass(&fd, 1, NULL);
    MUST(!closes_on_exec(PASSED_FIRST));
    MUST(seed_listen_activated(server, NULL) == 1);
    MUST(closes_on_exec(PASSED_FIRST));
    MUST(seed_listen_activated(server, NULL) == 0);
    MUST(seed_server_port(server) == port);
    serve(&served, server);
    for (int i = 0; i < 20; i++)
        MUST(strlen(get(port, "/")) == 1);
    MUST(serve_stop(&served) == 0);
    MUST(dial(port) == -1);
    seed_server_free(server);
}

CASE(goes_by_names)
{
    int fds[] = { listening_socket(0), listening_socket(0),
        listening_socket(0), listening_socket(0) };
    int ports[] = { port_of(fds[0]), port_of(fds[1]), port_of(fds[2]),
        port_of(fds[3]) };
    seed_server *one = make_server(1), *two = make_server(1);

    pass(fds, 4, "http:admin:ht");
    MUST(seed_listen_activated(one, "nobody") == 0);
    MUST(seed_listen_activated(one, "") == 0);
    MUST(seed_listen_activated(one, "admin") == 1);
    MUST(seed_server_port(one) == ports[1]);
    MUST(seed_listen_activated(one, "admin") == 0);
    MUST(seed_listen_activated(two, "unknown") == 1);
    MUST(seed_server_port(two) == ports[3]);
    MUST(seed_listen_activated(two, NULL) == 2);
    for (int i = 0; i < 4; i++)
        MUST(closes_on_exec(PASSED_FIRST + i));
    seed_server_free(one);
    seed_server_free(two);
    MUST(dial(ports[0]) == -1 && dial(ports[1]) == -1);
}

/* A fifth of all connections would wait for ever on a socket that nobody
 * accepts from. */
static void check_group(unsigned workers)
{
    int first = listening_socket(0), port = port_of(first);
    int other = listening_socket(0), alone = port_of(other);
    int fds[] = { first, other, listening_socket(port),
        listening_socket(port), listening_socket(port),
        listening_socket(port) };
    seed_server *server = make_server(workers);
    bool seen[8] = { false };
    struct served served;

    pass(fds, 6, NULL);
    MUST(seed_listen_activated(server, NULL) == 6);
    MUST(seed_server_port(server) == port);
    serve(&served, server);
    for (int i = 0; i < 100; i++)
        seen[get(port, "/")[0] - '0'] = true;
    for (int i = 0; i < 10; i++)
        MUST(strlen(get(alone, "/")) == 1);
    for (unsigned i = 0; i < workers && i < 5; i++)
        MUST(seen[i]);
    MUST(serve_stop(&served) == 0);
    MUST(dial(port) == -1 && dial(alone) == -1);
    seed_server_free(server);
}

CASE(more_sockets_than_workers) { check_group(2); }
CASE(as_many_sockets_as_workers) { check_group(5); }
CASE(fewer_sockets_than_workers) { check_group(7); }
CASE(all_sockets_for_one_worker) { check_group(1); }

CASE(what_does_not_listen_is_refused)
{
    int fds[] = { listening_socket(0), socket(AF_INET, SOCK_STREAM, 0),
        listening_socket(0) };
    int last = port_of(fds[2]);
    seed_server *server = make_server(2);

    pass(fds, 3, NULL);
    MUST(seed_listen_activated(server, NULL) == SEED_EINVAL);
    MUST(strstr(seed_server_error(server), "descriptor 4"));
    MUST(fcntl(PASSED_FIRST + 1, F_GETFD) == -1);
    MUST(dial(last) == -1);
    MUST(seed_run(server) == SEED_EINVAL);
    seed_server_free(server);
    MUST(fcntl(PASSED_FIRST, F_GETFD) == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_passed),
        cmocka_unit_test(numbers_are_numbers),
        cmocka_unit_test(serves_what_was_passed),
        cmocka_unit_test(goes_by_names),
        cmocka_unit_test(more_sockets_than_workers),
        cmocka_unit_test(as_many_sockets_as_workers),
        cmocka_unit_test(fewer_sockets_than_workers),
        cmocka_unit_test(all_sockets_for_one_worker),
        cmocka_unit_test(what_does_not_listen_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
