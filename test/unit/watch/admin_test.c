/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/server/served.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char heard[1024];

static void hear(const char *line, void *ctx)
{
    (void)ctx;
    snprintf(heard, sizeof heard, "%s", line);
}

static _Atomic int inside;
static _Atomic bool blocked;

static seed_step block(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    inside++;
    while (blocked)
        sleep_ms(1);
    return seed_send_text(res, 200, "done");
}

static seed_step own_page(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    return seed_send_text(res, 200, ctx);
}

static seed_server *make_server(unsigned workers)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .workers = workers, .warn = hear, .no_signals = true });

    seed_get(server, "/block", block, NULL);
    *heard = '\0';
    inside = 0;
    blocked = true;
    return server;
}

static seed_admin *add(seed_server *server, const char *address,
    const char *token)
{
    return seed_admin_add(server,
        &(struct seed_admin_options){ address, token });
}

static int port_of_admin(const seed_admin *admin)
{
    return atoi(strrchr(seed_admin_url(admin), ':') + 1);
}

/* The first line and the body of an answer, of the admin listener. */
static const char *ask_admin(const seed_admin *admin, const char *path)
{
    char text[256];

    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: close\r\n\r\n", path);
    return ask(dial(port_of_admin(admin)), text, NULL);
}

static void answers_while_a_loop_is_blocked(void **state)
{
    seed_server *server = make_server(1);
    seed_admin *admin = add(server, "localhost:0", NULL);
    struct served served;
    int fd;

    (void)state;
    assert_ptr_equal(seed_server_admin(server), admin);
    assert_string_equal("", seed_admin_url(admin));
    seed_get(seed_admin_server(admin), "/own", own_page, "mine");
    assert_int_equal(0, seed_admin_listen(admin));
    assert_int_equal(0, seed_admin_listen(admin));
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    serve(&served, server);
    fd = dial(seed_server_port(server));
    assert_true(write(fd, "GET /block HTTP/1.1\r\nHost: a\r\n\r\n", 33) > 0);
    assert_true(await_count(&inside, 1));

    assert_non_null(strstr(ask_admin(admin, "/healthz"), " 200 "));
    assert_non_null(strstr(ask_admin(admin, "/healthz"), "\"worker\":0"));
    assert_non_null(strstr(ask_admin(admin, "/readyz"), "\"ready\""));
    assert_non_null(strstr(ask_admin(admin, "/own"), "mine"));

    /* It drains: still healthy, and not ready. */
    seed_stop(server, 10000);
    assert_non_null(strstr(ask_admin(admin, "/readyz"), " 503 "));
    assert_non_null(strstr(ask_admin(admin, "/readyz"), "\"draining\""));
    assert_non_null(strstr(ask_admin(admin, "/healthz"), " 200 "));
    blocked = false;
    assert_int_equal(0, serve_join(&served));
    close(fd);
    seed_server_free(server);
}

static void serves_workers_and_a_unix_socket(void **state)
{
    char path[64], address[80];
    seed_server *server = make_server(3);
    seed_admin *admin;
    struct served served;
    const char *answer;

    (void)state;
    snprintf(path, sizeof path, "/tmp/seed-admin-%ld", (long)getpid());
    snprintf(address, sizeof address, "unix:%s", path);
    admin = add(server, address, NULL);
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    serve(&served, server);
    assert_string_equal(address, seed_admin_url(admin));
    assert_true(await_count(&served.listening, 3));
    answer = ask(dial_unix(path), "GET /healthz HTTP/1.0\r\n\r\n", NULL);
    assert_non_null(strstr(answer, "\"worker\":2"));
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    assert_int_equal(-1, access(path, F_OK));
}

/* A server that was never run, and one that could not. */
static void ends_without_having_begun(void **state)
{
    seed_server *server = make_server(1);
    seed_admin *admin = add(server, "0", NULL);

    (void)state;
    assert_int_equal(0, seed_admin_listen(admin));
    seed_server_free(server);

    server = make_server(1);
    add(server, "0", NULL);
    assert_int_equal(SEED_ESTATE, seed_run(server)); /* nothing to serve */
    seed_server_free(server);
}

static void tells_that_its_address_is_taken(void **state)
{
    seed_server *first = make_server(1), *server = make_server(1);
    char address[32];

    (void)state;
    assert_int_equal(0, seed_listen(first, "127.0.0.1", 0));
    snprintf(address, sizeof address, "127.0.0.1:%d", seed_server_port(first));
    assert_non_null(add(server, address, NULL));
    assert_int_equal(0, seed_listen(server, "127.0.0.1", 0));
    assert_int_equal(SEED_ELISTEN, seed_run(server));
    assert_ptr_equal(strstr(seed_server_error(server),
        "The admin listener: "), seed_server_error(server));
    assert_non_null(strstr(seed_server_error(server), address + 10));
    seed_server_free(server);
    seed_server_free(first);
}

static const struct {
    const char *address, *token;
    int error;
    const char *words;
} refused[] = {
    { NULL, NULL, SEED_EINVAL, "cannot be at \"\"" },
    { "somewhere", NULL, SEED_EINVAL, "cannot be at \"somewhere\"" },
    { "0.0.0.0:0", NULL, SEED_EINVAL, "give it a token" },
    { "*:0", NULL, SEED_EINVAL, "give it a token" },
    { "localhost:0", "", SEED_EINVAL, "token" },
    { "localhost:0", "a b", SEED_EINVAL, "token" },
    { "localhost:0", NULL, 0, "" },
    { "localhost:0", "secret", 0, "" },
    { "0.0.0.0:0", "secret", 0, "" },
};

static void refuses_what_is_unsafe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        seed_server *server = make_server(1);
        seed_admin *admin = add(server, refused[i].address,
            refused[i].token);

        assert_int_equal(refused[i].error != 0, admin == NULL);
        if (!admin)
            assert_non_null(strstr(seed_server_error(server),
                refused[i].words));
        if (!admin)
            assert_int_equal(refused[i].error,
                seed_listen(server, "127.0.0.1", 0));
        seed_server_free(server);
    }
}

static void has_one_a_server(void **state)
{
    seed_server *server = make_server(1);

    (void)state;
    assert_null(seed_admin_add(NULL, NULL));
    assert_null(seed_server_admin(server));
    assert_null(seed_admin_server(NULL));
    assert_string_equal("", seed_admin_url(NULL));
    assert_int_equal(SEED_ENOMEM, seed_admin_listen(NULL));
    assert_non_null(add(server, "0", NULL));
    assert_null(add(server, "0", NULL));
    assert_non_null(strstr(seed_server_error(server), "one admin listener"));
    seed_server_free(server);
}

/* What its server warns of goes where the other's warnings go. */
static void passes_warnings_on(void **state)
{
    seed_server *server = make_server(1);
    seed_admin *admin = add(server, "0", NULL);

    (void)state;
    seed_warn(seed_admin_server(admin), "beware");
    assert_string_equal("admin: beware", heard);
    seed_server_free(server);
}

static void survives_without_memory(void **state)
{
    bool added = false;

    (void)state;
    for (long n = 0; !added; n++) {
        seed_server *server = make_server(1);

        assert_true(n < 500);
        failing.left = n;
        added = add(server, "localhost:0", "token") != NULL;
        failing.left = -1;
        assert_int_equal(added, !seed_server_error(server));
        seed_server_free(server);
        assert_int_equal(0, failing.live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_while_a_loop_is_blocked),
        cmocka_unit_test(serves_workers_and_a_unix_socket),
        cmocka_unit_test(ends_without_having_begun),
        cmocka_unit_test(tells_that_its_address_is_taken),
        cmocka_unit_test(refuses_what_is_unsafe),
        cmocka_unit_test(has_one_a_server),
        cmocka_unit_test(passes_warnings_on),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() ? 1
        : cmocka_run_group_tests_name("watch/admin", tests, NULL, NULL);
}
