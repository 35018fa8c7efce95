/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/server/served.h"

#include <seed.h>

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Refuses whatever is not exempt. */
static struct seed_shed_options full = { .max_rss_bytes = 1 };

static void expect(seed_server *server, const char *url, int status,
    const char *body)
{
    seed_reply *reply = seed_inject(server,
        &(struct seed_injection){ .url = url });
    size_t length;

    assert_non_null(reply);
    assert_int_equal(seed_reply_status(reply), status);
    assert_string_equal(seed_reply_body(reply, &length), body);
    assert_string_equal(seed_reply_header(reply, "Cache-Control"),
        "no-store");
    assert_string_equal(seed_reply_header(reply, "Content-Type"),
        "application/json");
    seed_reply_free(reply);
}

static void says_ok_and_ready(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_int_equal(seed_health_add(server, NULL, NULL), 0);
    assert_true(seed_ready(server));
    expect(server, "/healthz", 200, "{\"status\":\"ok\"}");
    expect(server, "/readyz", 200, "{\"status\":\"ready\"}");
    seed_server_free(server);
}

static void a_program_may_take_itself_away(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_int_equal(seed_set_ready(server, false), SEED_ESTATE);
    assert_int_equal(seed_set_ready(NULL, false), SEED_ESTATE);
    assert_int_equal(seed_health_add(server, "/h", "/r"), 0);
    assert_int_equal(seed_set_ready(server, false), 0);
    assert_false(seed_ready(server));
    expect(server, "/h", 200, "{\"status\":\"ok\"}");
    expect(server, "/r", 503, "{\"status\":\"not ready\"}");
    assert_int_equal(seed_set_ready(server, true), 0);
    assert_true(seed_ready(server));
    expect(server, "/r", 200, "{\"status\":\"ready\"}");
    seed_server_free(server);
}

static void turns_red_while_it_drains(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_server *asked = seed_server_new(NULL);

    (void)state;
    seed_get(asked, "/other", seed_ready_send, server);
    assert_int_equal(seed_health_add(server, NULL, NULL), 0);
    expect(asked, "/other", 200, "{\"status\":\"ready\"}");
    seed_stop(server, 1000);
    assert_false(seed_ready(server));
    expect(asked, "/other", 503, "{\"status\":\"draining\"}");
    assert_int_equal(seed_set_ready(server, true), 0);
    expect(asked, "/other", 503, "{\"status\":\"draining\"}");
    seed_server_free(asked);
    seed_server_free(server);
}

static seed_step work(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "work");
}

static void is_exempt_from_shedding(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_shed *shed = seed_shed_new(server, &full);
    struct served served;
    int port;

    (void)state;
    seed_use(server, seed_shed_load, shed);
    seed_get(server, "/", work, NULL);
    assert_int_equal(seed_health_add(server, NULL, NULL), 0);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    port = seed_server_port(server);
    serve(&served, server);
    for (int i = 0; i < 2; i++) {
        assert_non_null(strstr(get(port, "/"), "heavy load"));
        assert_string_equal(get(port, "/healthz"), "{\"status\":\"ok\"}");
        assert_string_equal(get(port, "/readyz"), "{\"status\":\"ready\"}");
    }
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
    seed_shed_free(shed);
}

static sem_t go_on;

static void rest(void *ctx)
{
    (void)ctx;
    sem_wait(&go_on);
}

static seed_step work_long(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return seed_offload(req, rest, work, ctx);
}

/* A load balancer must not take a server for dead that has enough to do. */
static void is_exempt_from_the_limit_in_flight(void **state)
{
    const char *head = "GET /long HTTP/1.1\r\nHost: t\r\n\r\n";
    seed_server *server = seed_server_new(
        &(struct seed_options){ .max_in_flight = 1 });
    struct served served;
    int client, port;

    (void)state;
    sem_init(&go_on, 0, 0);
    seed_get(server, "/", work, NULL);
    seed_get(server, "/long", work_long, NULL);
    assert_int_equal(seed_health_add(server, NULL, NULL), 0);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    port = seed_server_port(server);
    serve(&served, server);
    client = dial(port);
    assert_int_equal(strlen(head), send(client, head, strlen(head), 0));
    for (int i = 0; i < 500 && !strstr(get(port, "/"), "too many"); i++)
        sleep_ms(10);
    assert_non_null(strstr(get(port, "/"), "too many requests"));
    assert_string_equal(get(port, "/healthz"), "{\"status\":\"ok\"}");
    assert_string_equal(get(port, "/readyz"), "{\"status\":\"ready\"}");
    sem_post(&go_on);
    ask(client, "", "work");
    close(client);
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
    sem_destroy(&go_on);
}

static void mistakes_stick_to_the_server(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_int_equal(seed_health_add(NULL, NULL, NULL), SEED_ENOMEM);
    assert_false(seed_ready(NULL));
    assert_int_equal(seed_health_add(server, NULL, NULL), 0);
    assert_int_equal(seed_health_add(server, "/h", "/r"), 0);
    assert_int_equal(seed_health_add(server, NULL, NULL), SEED_EDUP);
    assert_non_null(strstr(seed_server_error(server), "/healthz"));
    assert_int_equal(seed_health_add(server, "/x", "/y"), SEED_EDUP);
    seed_server_free(server);
}

static void survives_want_of_memory(void **state)
{
    (void)state;
    for (long n = 1; n < 100; n++) {
        seed_server *server = seed_server_new(NULL);
        int err;

        failing.left = n - 1;
        err = seed_health_add(server, NULL, NULL);
        failing.left = -1;
        seed_server_free(server);
        if (!err)
            return;
        assert_int_equal(err, SEED_ENOMEM);
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_ok_and_ready),
        cmocka_unit_test(a_program_may_take_itself_away),
        cmocka_unit_test(turns_red_while_it_drains),
        cmocka_unit_test(is_exempt_from_shedding),
        cmocka_unit_test(is_exempt_from_the_limit_in_flight),
        cmocka_unit_test(mistakes_stick_to_the_server),
        cmocka_unit_test(survives_want_of_memory),
    };

    failing_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
