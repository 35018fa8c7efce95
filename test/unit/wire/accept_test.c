/* SPDX-License-Identifier: MIT */
/* Taking over from evhttp. */
#include "unit/wire/rig.h"

#include <event2/http.h>

#include <sys/socket.h>
#include <unistd.h>

static struct rig rig;
static int client;

static int open_all(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    client = rig_connect(&rig);
    rig_log(&rig);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    close(client);
    rig_close(&rig);
    return 0;
}

static void libevent_is_as_we_assume(void **state)
{
    char why[256] = "";

    (void)state;
    assert_int_equal(0, seed__accept_probe(why, sizeof why));
    assert_string_equal("", why);
}

/* evhttp still owns it; the bufferevent is at rest. */
static void a_connection_is_evhttps_object(void **state)
{
    struct conn *conn = rig_conn(&rig);
    bufferevent_data_cb read;

    (void)state;
    assert_ptr_equal(conn->bev,
        evhttp_connection_get_bufferevent(conn->evcon));
    assert_int_equal(0, bufferevent_get_enabled(conn->bev)
        & (EV_READ | EV_WRITE));
    bufferevent_getcb(conn->bev, &read, NULL, NULL, NULL);
    assert_null(read);
    evhttp_connection_free(conn->evcon);
    assert_string_equal(rig_log(&rig), "close");
}

static void many_at_once_are_all_taken(void **state)
{
    int others[50];

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++)
        others[i] = rig_connect(&rig);
    assert_int_equal(51, rig.loop->conn_count);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(1,
            rig_count(rig_ask(&rig, others[i], GET("/hello")), HELLO_BODY));
    for (size_t i = 0; i < COUNT(others); i++)
        close(others[i]);
    rig_turn(&rig);
    assert_int_equal(1, rig.loop->conn_count);
}

static void a_client_that_left_at_once_is_noticed(void **state)
{
    int other;

    (void)state;
    other = rig_connect(&rig);
    rig_reset(&rig, other);
    assert_string_equal(rig_log(&rig), "open close");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(libevent_is_as_we_assume),
        TEST(a_connection_is_evhttps_object),
        TEST(many_at_once_are_all_taken),
        TEST(a_client_that_left_at_once_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
