/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <seed/tls.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static char *cert, *key, warned[1000];
static unsigned warnings;

static int make(void **state)
{
    (void)state;
    return seed_tls_selfsigned("localhost", &cert, &key);
}

static int release(void **state)
{
    (void)state;
    seed_release(cert);
    seed_release(key);
    return 0;
}

static void on_warning(const char *line, void *ctx)
{
    (void)ctx;
    warnings++;
    snprintf(warned, sizeof warned, "%s", line);
}

static seed_step handler(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_tls(req) ? "tls" : "clear");
}

static seed_server *make_server(void)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .warn = on_warning });

    seed_get(server, "/", handler, NULL);
    return server;
}

static int listen_tls(seed_server *server)
{
    return seed_listen_tls(server, "localhost", 0,
        &(struct seed_tls_options){ .cert = cert, .key = key });
}

static void says_https(void **state)
{
    seed_server *server = make_server();
    char url[64];

    (void)state;
    assert_int_equal(0, listen_tls(server));
    snprintf(url, sizeof url, "https://localhost:%d",
        seed_server_port(server));
    assert_string_equal(seed_server_url(server), url);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    assert_string_equal(seed_server_url(server), url);
    seed_server_free(server);
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

static void a_socket_may_be_inherited(void **state)
{
    const struct seed_tls_options good = { .cert = cert, .key = key };
    seed_server *server = make_server();
    int fd = listening_socket(), port = port_of(fd), orphan;
    struct served served;
    char url[64];

    (void)state;
    assert_int_equal(0, seed_listen_tls_fd(server, fd, &good));
    snprintf(url, sizeof url, "https://127.0.0.1:%d", port);
    assert_string_equal(seed_server_url(server), url);
    serve(&served, server);
    assert_non_null(strstr(get(port, "/"), "https://"));
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);

    /* Taken also on failure. */
    orphan = listening_socket();
    assert_int_equal(SEED_ENOMEM, seed_listen_tls_fd(NULL, orphan, &good));
    assert_int_equal(-1, fcntl(orphan, F_GETFD));
    server = make_server();
    orphan = open("/dev/null", O_RDONLY);
    assert_int_equal(SEED_EINVAL, seed_listen_tls_fd(server, orphan, &good));
    assert_int_equal(-1, fcntl(orphan, F_GETFD));
    seed_server_free(server);
}

static void listeners_may_be_mixed(void **state)
{
    seed_server *server = make_server();
    int fd = listening_socket(), plain = port_of(fd);
    struct served served;

    (void)state;
    assert_int_equal(0, listen_tls(server));
    assert_int_equal(0, seed_listen_fd(server, fd));
    serve(&served, server);
    assert_string_equal(get(plain, "/"), "clear");
    assert_non_null(strstr(get(seed_server_port(server), "/"), "https://"));
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

static void ignore(struct evhttp_request *request, void *ctx)
{
    (void)request;
    (void)ctx;
}

static void refuses_to_lend(void **state)
{
    seed_server *server = make_server();

    (void)state;
    seed_mount_evhttp(server, "/old", ignore, NULL);
    assert_int_equal(SEED_EUNSUPPORTED, listen_tls(server));
    assert_string_equal(seed_server_error(server), "/old is served by evhttp "
        "(seed_mount_evhttp()), which cannot speak TLS: give it a server of "
        "its own without seed_listen_tls().");
    seed_server_free(server);
}

static void a_mistake_is_a_sentence(void **state)
{
    seed_server *server = make_server();

    (void)state;
    assert_int_equal(SEED_EINVAL, seed_listen_tls(server, "localhost", 0,
        &(struct seed_tls_options){ .cert = "/nowhere/cert" }));
    assert_string_equal(seed_server_error(server), "The TLS certificate "
        "/nowhere/cert cannot be read: No such file or directory.");
    assert_int_equal(SEED_EINVAL, listen_tls(server)); /* it sticks */
    assert_int_equal(SEED_EINVAL, seed_run(server));
    seed_server_free(server);
    assert_int_equal(SEED_ENOMEM, listen_tls(NULL));
    assert_int_equal(SEED_ENOMEM, seed_tls_reload(NULL));
}

static void a_host_needs_a_listener(void **state)
{
    seed_server *server = make_server();

    (void)state;
    assert_int_equal(0, seed_listen(server, "localhost", 0));
    assert_int_equal(SEED_ESTATE, seed_tls_add_host(server,
        &(struct seed_tls_host){ .cert = cert, .key = key }));
    assert_non_null(strstr(seed_server_error(server),
        "call seed_listen_tls() first"));
    seed_server_free(server);
}

/* A caller with a newer header, whose last field this library lacks. */
static void a_newer_structure_is_refused(void **state)
{
    struct {
        struct seed_tls_options known;
        long more;
    } newer = { { .cert = cert, .key = key }, 0 };
    seed_server *server = make_server();

    (void)state;
    assert_int_equal(0, seed_listen_tls_sized(server, "localhost", 0,
        &newer.known, sizeof newer));
    newer.more = 1;
    assert_int_equal(SEED_EUNSUPPORTED, seed_listen_tls_sized(server,
        "localhost", 0, &newer.known, sizeof newer));
    assert_non_null(strstr(seed_server_error(server), "link a newer one"));
    seed_server_free(server);
}

static void reloads_all_or_nothing(void **state)
{
    seed_server *server = make_server();
    char path[] = "/tmp/seed-tls-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    warnings = 0;
    dprintf(fd, "%s%s", cert, key);
    assert_int_equal(0, listen_tls(server));
    assert_int_equal(0, seed_listen_tls(server, "localhost", 0,
        &(struct seed_tls_options){ .cert = path }));
    assert_int_equal(0, seed_tls_reload(server));
    assert_int_equal(0, warnings);
    assert_int_equal(0, ftruncate(fd, 10));
    assert_int_equal(SEED_EINVAL, seed_tls_reload(server));
    assert_int_equal(1, warnings);
    assert_non_null(strstr(warned, "goes on with the certificates that it "
        "has: The TLS certificate /tmp/seed-tls-"));
    close(fd);
    unlink(path);
    seed_server_free(server);
}

static void without_tls_there_is_nothing_to_reload(void **state)
{
    seed_server *server = make_server();

    (void)state;
    warnings = 0;
    assert_int_equal(0, seed_listen(server, "localhost", 0));
    assert_int_equal(SEED_ESTATE, seed_tls_reload(server));
    assert_int_equal(1, warnings);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_https),
        cmocka_unit_test(a_socket_may_be_inherited),
        cmocka_unit_test(listeners_may_be_mixed),
        cmocka_unit_test(refuses_to_lend),
        cmocka_unit_test(a_mistake_is_a_sentence),
        cmocka_unit_test(a_host_needs_a_listener),
        cmocka_unit_test(a_newer_structure_is_refused),
        cmocka_unit_test(reloads_all_or_nothing),
        cmocka_unit_test(without_tls_there_is_nothing_to_reload),
    };

    return cmocka_run_group_tests(tests, make, release);
}
