/* SPDX-License-Identifier: MIT */
#include "wire/listen.h"

#include "base/str.h"

#include <seed/error.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/seed-listen-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/socket", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static bool reaches(const char *file)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool did;

    snprintf(address.sun_path, sizeof address.sun_path, "%s", file);
    did = !connect(fd, (struct sockaddr *)&address, sizeof address);
    close(fd);
    return did;
}

static void listens_on_a_socket_file(void **state)
{
    struct listening out;
    char url[128];

    (void)state;
    assert_int_equal(seed__listen_unix(&out, path), 0);
    snprintf(url, sizeof url, "unix:%s", path);
    assert_string_equal(out.url, url);
    assert_int_equal(out.count, 1);
    assert_int_equal(out.port, 0);
    assert_true(fcntl(out.fds[0], F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(out.fds[0], F_GETFD) & FD_CLOEXEC);
    assert_true(reaches(path));
    seed__listen_close(&out);
    assert_false(reaches(path));
}

static void replaces_a_socket_that_nobody_listens_on(void **state)
{
    struct listening out;

    (void)state;
    assert_int_equal(seed__listen_unix(&out, path), 0);
    seed__listen_close(&out); /* the file stays, as after a crash */
    assert_int_equal(seed__listen_unix(&out, path), 0);
    assert_true(reaches(path));
    seed__listen_close(&out);
}

static void leaves_a_live_socket_alone(void **state)
{
    struct listening first, second;
    char why[LISTEN_WHY];

    (void)state;
    assert_int_equal(seed__listen_unix(&first, path), 0);
    assert_int_equal(seed__listen_unix(&second, path), SEED_ELISTEN);
    snprintf(why, sizeof why, "unix:%s cannot be listened on: Address already "
        "in use (another program listens there; stop it, or take another "
        "path)", path);
    assert_string_equal(second.why, why);
    assert_true(reaches(path));
    seed__listen_close(&first);
}

static void leaves_an_ordinary_file_alone(void **state)
{
    struct listening out;
    struct stat file;
    char why[LISTEN_WHY];

    (void)state;
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(seed__listen_unix(&out, path), SEED_ELISTEN);
    snprintf(why, sizeof why, "unix:%s cannot be listened on: Address already "
        "in use (the file there is no socket; remove it, or take another "
        "path)", path);
    assert_string_equal(out.why, why);
    assert_int_equal(lstat(path, &file), 0);
    assert_true(S_ISREG(file.st_mode));
}

static void refuses_paths_that_cannot_be(void **state)
{
    struct listening out;
    char longer[200];

    (void)state;
    assert_int_equal(seed__listen_unix(&out, NULL), SEED_EINVAL);
    assert_int_equal(seed__listen_unix(&out, ""), SEED_EINVAL);
    assert_string_equal(out.why,
        "there is no path to listen on: give that of a socket file");

    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(seed__listen_unix(&out, longer), SEED_EINVAL);
    assert_non_null(strstr(out.why, "a socket's path has at most"));

    assert_int_equal(seed__listen_unix(&out, "/tmp/no/such/folder/s"),
        SEED_ELISTEN);
    assert_string_equal(out.why, "unix:/tmp/no/such/folder/s cannot be "
        "listened on: No such file or directory");
}

static int bound_socket(int type, bool listening)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, type, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address),
        0);
    if (listening)
        assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static void takes_an_inherited_socket(void **state)
{
    int fd = bound_socket(SOCK_STREAM, true), nodelay = 0;
    socklen_t length = sizeof nodelay;
    struct listening out;
    char url[64];

    (void)state;
    assert_int_equal(seed__listen_fd(&out, fd), 0);
    assert_int_equal(out.count, 1);
    assert_int_equal(out.fds[0], fd);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", out.port);
    assert_string_equal(out.url, url);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &length);
    assert_true(nodelay);
    seed__listen_close(&out);
}

static void says_why_a_descriptor_is_no_listener(void **state)
{
    int datagram = bound_socket(SOCK_DGRAM, false);
    int silent = bound_socket(SOCK_STREAM, false);
    int file = open("/dev/null", O_RDONLY);
    const struct {
        int fd;
        const char *why;
    } cases[] = {
        { -1, "Bad file descriptor" },
        { datagram, "it is not a stream socket" },
        { silent, "call listen() on it first" },
        { file, "it is not a stream socket" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct listening out;
        char why[LISTEN_WHY];

        snprintf(why, sizeof why, "descriptor %d cannot be listened on: %s",
            cases[i].fd, cases[i].why);
        assert_int_equal(seed__listen_fd(&out, cases[i].fd), SEED_EINVAL);
        assert_string_equal(out.why, why);
        assert_int_equal(out.count, 0);
    }
    close(datagram);
    close(silent);
    close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listens_on_a_socket_file),
        cmocka_unit_test(replaces_a_socket_that_nobody_listens_on),
        cmocka_unit_test(leaves_a_live_socket_alone),
        cmocka_unit_test(leaves_an_ordinary_file_alone),
        cmocka_unit_test(refuses_paths_that_cannot_be),
        cmocka_unit_test(takes_an_inherited_socket),
        cmocka_unit_test(says_why_a_descriptor_is_no_listener),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
