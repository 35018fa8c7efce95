/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include "base/str.h"

#include <seed/error.h>
#include <seed/restart.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A service manager: what it is told, one datagram after the other. */
static struct manager {
    char name[64];
    int fd;
} manager;

static void open_manager(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = strlen(name);

    memcpy(address.sun_path, name, length);
    if (*name == '@')
        address.sun_path[0] = '\0';
    manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(manager.fd, (struct sockaddr *)&address,
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)), 0);
    snprintf(manager.name, sizeof manager.name, "%s", name);
    setenv("NOTIFY_SOCKET", name, 1);
}

static void close_manager(void)
{
    close(manager.fd);
    if (*manager.name == '/')
        unlink(manager.name);
    unsetenv("NOTIFY_SOCKET");
}

/* The next thing it was told, or "". */
static const char *told(void)
{
    static char text[2048];
    ssize_t length = recv(manager.fd, text, sizeof text - 1, 0);

    text[length > 0 ? length : 0] = '\0';
    return text;
}

static void unique(char name[64], const char *format)
{
    snprintf(name, 64, format, (long)getpid());
}

static void tells_the_manager(void **state)
{
    static const char *const formats[] = { "/tmp/seed-notify-%ld",
        "@seed-notify-%ld" };

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        char name[64];

        unique(name, formats[i]);
        open_manager(name);
        assert_int_equal(seed_notify("STATUS=%d of %d\nREADY=1", 1, 2), 0);
        assert_string_equal(told(), "STATUS=1 of 2\nREADY=1");
        assert_string_equal(told(), "");
        close_manager();
        setenv("NOTIFY_SOCKET", name, 1);
        assert_int_equal(seed_notify("READY=1"), SEED_ESYSTEM);
        assert_int_equal(errno, i ? ECONNREFUSED : ENOENT);
    }
    unsetenv("NOTIFY_SOCKET");
}

static void without_a_manager_nothing_happens(void **state)
{
    static const char *const bad[] = { "relative", "/", "@", "vsock:2:1",
        "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(seed_notify("READY=1"), 0);
    setenv("NOTIFY_SOCKET", "", 1);
    assert_int_equal(seed_notify("READY=1"), 0);
    for (size_t i = 0; i < COUNT(bad); i++) {
        setenv("NOTIFY_SOCKET", bad[i], 1);
        assert_int_equal(seed_notify("READY=1"), SEED_EINVAL);
    }
    unsetenv("NOTIFY_SOCKET");
}

static void has_room_for_a_thousand_bytes(void **state)
{
    char name[64], text[1025];

    (void)state;
    memset(text, 'x', sizeof text);
    unique(name, "@seed-notify-%ld");
    open_manager(name);
    text[1024] = '\0';
    assert_int_equal(seed_notify("%s", text), SEED_EINVAL);
    assert_int_equal(seed_notify("%s", ""), SEED_EINVAL);
    text[1023] = '\0';
    assert_int_equal(seed_notify("%s", text), 0);
    assert_string_equal(told(), text);
    close_manager();
}

/* --- a server that announces itself --------------------------------------- */

static atomic_int serving;

static void count(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
    serving++;
}

static void a_server_tells_when_it_serves_and_stops(void **state)
{
    int pipe_ends[2];
    char name[64], number[16], bytes[8];

    (void)state;
    assert_int_equal(pipe(pipe_ends), 0);
    snprintf(number, sizeof number, "%d", pipe_ends[1]);
    setenv("SEED_READY_FD", number, 1);
    unique(name, "@seed-notify-%ld");
    open_manager(name);
    for (unsigned workers = 1; workers <= 3; workers += 2) {
        seed_server *server = seed_server_new(
            &(struct seed_options){ .workers = workers });
        struct served served;

        serving = 0;
        assert_int_equal(seed_announce(server), 0);
        assert_int_equal(seed_announce(server), 0); /* once is enough */
        seed_on(server, SEED_ON_LISTEN, count, NULL);
        assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
        assert_string_equal(told(), "");
        serve(&served, server);
        assert_true(await_count(&serving, (int)workers));
        assert_string_equal(told(), "READY=1");
        assert_string_equal(told(), "");
        assert_int_equal(seed_announce(server), SEED_ESTATE);
        assert_int_equal(serve_stop(&served), 0);
        assert_string_equal(told(), "STOPPING=1");
        assert_string_equal(told(), "");
        seed_server_free(server);
    }

    /* One byte, once, and the end of the pipe. */
    assert_int_equal(read(pipe_ends[0], bytes, sizeof bytes), 1);
    assert_int_equal(read(pipe_ends[0], bytes, sizeof bytes), 0);
    close(pipe_ends[0]);
    unsetenv("SEED_READY_FD");
    close_manager();
    assert_int_equal(seed_announce(NULL), SEED_ENOMEM);
}

static char warned[256];

static void hear(const char *line, void *ctx)
{
    (void)ctx;
    snprintf(warned, sizeof warned, "%s", line);
}

static void a_manager_that_is_gone_is_a_warning(void **state)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .warn = hear });
    struct served served;

    (void)state;
    serving = 0;
    setenv("NOTIFY_SOCKET", "/no/such/socket", 1);
    assert_int_equal(seed_announce(server), 0);
    seed_on(server, SEED_ON_LISTEN, count, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    assert_true(await_count(&serving, 1));
    assert_non_null(strstr(warned, "READY=1 cannot be told to the service "
        "manager at /no/such/socket: No such file or directory"));
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
    unsetenv("NOTIFY_SOCKET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_manager),
        cmocka_unit_test(without_a_manager_nothing_happens),
        cmocka_unit_test(has_room_for_a_thousand_bytes),
        cmocka_unit_test(a_server_tells_when_it_serves_and_stops),
        cmocka_unit_test(a_manager_that_is_gone_is_a_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
