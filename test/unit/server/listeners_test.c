/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static seed_step handler(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hi");
}

static seed_server *make_server(unsigned workers)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .workers = workers });

    seed_get(server, "/", handler, NULL);
    return server;
}

static void path_of_test(char path[64])
{
    snprintf(path, 64, "/tmp/seed-listeners-%ld", (long)getpid());
}

static int listening_socket(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, 5);
    return fd;
}

static void has_several_at_once(void **state)
{
    seed_server *server = make_server(2);
    int fd = listening_socket();
    int inherited = port_of(fd), port, client;
    struct served served;
    char path[64], url[80];

    (void)state;
    path_of_test(path);
    assert_int_equal(seed_server_port(server), 0);
    assert_string_equal(seed_server_url(server), "");
    assert_int_equal(seed_listen_unix(server, path), 0);
    snprintf(url, sizeof url, "unix:%s", path);
    assert_string_equal(seed_server_url(server), url);
    assert_int_equal(seed_server_port(server), 0);

    assert_int_equal(seed_listen(server, "localhost", 0), 0);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    assert_int_equal(seed_listen_fd(server, fd), 0);
    port = seed_server_port(server); /* the first of them that has one */
    assert_string_equal(seed_server_url(server), url);

    serve(&served, server);
    for (int i = 0; i < 10; i++) {
        assert_string_equal(get(port, "/"), "hi");
        assert_string_equal(get(inherited, "/"), "hi");
    }
    client = dial_unix(path);
    assert_non_null(strstr(ask(client, "GET / HTTP/1.0\r\n\r\n", NULL), "hi"));
    close(client);
    assert_int_equal(serve_stop(&served), 0);
    assert_int_equal(dial(port), -1);
    assert_int_equal(dial(inherited), -1);
    seed_server_free(server);
    assert_int_equal(access(path, F_OK), -1);
}

static void says_where_it_listens(void **state)
{
    static const struct {
        const char *host, *said;
    } hosts[] = {
        { "localhost", "localhost" },
        { "*", "localhost" },
        { "127.0.0.1", "127.0.0.1" },
        { "0.0.0.0", "0.0.0.0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        seed_server *server = make_server(1);
        char want[64];

        assert_int_equal(seed_listen(server, hosts[i].host, 0), 0);
        snprintf(want, sizeof want, "http://%s:%d", hosts[i].said,
            seed_server_port(server));
        assert_string_equal(seed_server_url(server), want);
        seed_server_free(server);
    }
}

static void clients_may_connect_before_the_run(void **state)
{
    seed_server *server = make_server(2);
    struct served served;
    int clients[8];

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    for (int i = 0; i < 8; i++) {
        clients[i] = dial(seed_server_port(server));
        assert_int_equal(write(clients[i], "GET / HTTP/1.0\r\n\r\n", 18), 18);
    }
    serve(&served, server);
    for (int i = 0; i < 8; i++) {
        assert_non_null(strstr(ask(clients[i], "", NULL), "hi"));
        close(clients[i]);
    }
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
}

static void a_taken_port_is_a_sentence(void **state)
{
    for (unsigned workers = 1; workers <= 2; workers++) {
        seed_server *first = make_server(workers);
        seed_server *second = make_server(workers);
        char want[256];

        (void)state;
        assert_int_equal(seed_listen(first, "127.0.0.1", 0), 0);
        assert_int_equal(seed_listen(second, "127.0.0.1",
            seed_server_port(first)), SEED_ELISTEN);
        snprintf(want, sizeof want, "127.0.0.1:%d cannot be listened on: "
            "Address already in use (another program has the port; stop it, "
            "or listen on port 0 for a free one).", seed_server_port(first));
        assert_string_equal(seed_server_error(second), want);
        assert_int_equal(seed_run(second), SEED_ELISTEN);
        assert_int_equal(seed_server_port(second), 0);
        assert_string_equal(seed_server_url(second), "");
        seed_server_free(second);
        seed_server_free(first);
    }
}

static void a_descriptor_is_taken_also_on_failure(void **state)
{
    seed_server *server = make_server(1);
    int bad = open("/dev/null", O_RDONLY), good = listening_socket();
    int orphan = listening_socket();

    (void)state;
    assert_int_equal(seed_listen_fd(server, bad), SEED_EINVAL);
    assert_int_equal(fcntl(bad, F_GETFD), -1);
    assert_int_equal(seed_listen_fd(server, good), SEED_EINVAL); /* sticky */
    assert_int_equal(fcntl(good, F_GETFD), -1);
    assert_int_equal(seed_listen_fd(NULL, orphan), SEED_ENOMEM);
    assert_int_equal(fcntl(orphan, F_GETFD), -1);
    seed_server_free(server);
}

static void a_file_of_somebody_else_stays(void **state)
{
    seed_server *first = make_server(1), *second = make_server(1);
    char path[64];

    (void)state;
    path_of_test(path);
    assert_int_equal(seed_listen_unix(first, path), 0);
    unlink(path);
    assert_int_equal(seed_listen_unix(second, path), 0);
    seed_server_free(first);
    assert_int_equal(access(path, F_OK), 0);
    seed_server_free(second);
    assert_int_equal(access(path, F_OK), -1);
}

static void closes_what_was_never_run(void **state)
{
    seed_server *server = make_server(3);
    int port;

    (void)state;
    assert_int_equal(seed_listen(server, "localhost", 0), 0);
    port = seed_server_port(server);
    seed_server_free(server);
    assert_int_equal(dial(port), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_several_at_once),
        cmocka_unit_test(says_where_it_listens),
        cmocka_unit_test(clients_may_connect_before_the_run),
        cmocka_unit_test(a_taken_port_is_a_sentence),
        cmocka_unit_test(a_descriptor_is_taken_also_on_failure),
        cmocka_unit_test(a_file_of_somebody_else_stays),
        cmocka_unit_test(closes_what_was_never_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
