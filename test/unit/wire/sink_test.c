/* SPDX-License-Identifier: MIT */
/* The sink, asked directly. */
#include "unit/wire/rig.h"

#include <fcntl.h>
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

static struct sink *sink(void)
{
    return &rig_conn(&rig)->sink;
}

static void names_its_peer(void **state)
{
    char first[256];
    struct arena arena;
    const char *peer;

    (void)state;
    seed__arena_init(&arena, first, sizeof first);
    peer = sink()->ops->peer(sink(), &arena);
    assert_int_equal(0, strncmp(peer, "127.0.0.1:", 10));
    assert_in_range(atoi(peer + 10), 1024, 65535);
}

static void knows_how_long_bytes_have_waited(void **state)
{
    static const char text[] = GET("/wait");

    (void)state;
    assert_int_equal(sizeof text - 1, send(client, text, sizeof text - 1, 0));
    usleep(30000);
    rig_turn(&rig);
    assert_in_range(sink()->ops->wait(sink()), 10000000, 5000000000);
    rig_answer(&rig);
}

/* What a handler says of an answer that is over changes nothing. */
static void is_deaf_behind_the_end(void **state)
{
    int fd;

    (void)state;
    rig_send(&rig, client, GET("/wait"));
    sink()->ops->put(sink(), "x", 1, SINK_BORROW);
    sink()->ops->put(sink(), "yz", 2, SINK_COPY);
    assert_int_equal(3, sink()->ops->waiting(sink()));
    sink()->ops->end(sink(), SINK_CLOSE);
    sink()->ops->end(sink(), SINK_ABORT);
    sink()->ops->put(sink(), "x", 1, SINK_COPY);
    fd = dup(0);
    sink()->ops->file(sink(), fd, 0, 10);
    assert_int_equal(-1, fcntl(fd, F_GETFD));
    sink()->ops->inform(sink());
    assert_int_equal(3, sink()->ops->waiting(sink()));
    assert_string_equal(rig_read(&rig, client), "xyzEOF");
    seed_resume(rig.waiting, SEED_STOP);
}

static void nothing_leaves_before_the_loop_has_control(void **state)
{
    char byte;

    (void)state;
    rig_send(&rig, client, GET("/wait"));
    seed_resume(rig.waiting,
        seed_send_text(seed_req_res(rig.waiting), 200, "hello"));
    assert_int_equal(-1, recv(client, &byte, 1, 0));
    rig_turn(&rig);
    assert_int_equal(1, rig_count(rig_read(&rig, client), HELLO_BODY));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(names_its_peer),
        TEST(knows_how_long_bytes_have_waited),
        TEST(is_deaf_behind_the_end),
        TEST(nothing_leaves_before_the_loop_has_control),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
