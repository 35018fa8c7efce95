/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <openssl/err.h>

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tls_rig own;
static struct tls_client client;

static int open_all(void **state)
{
    (void)state;
    tls_rig_open(&own, (struct seed_tls_options){ 0 });
    tls_dial(&own, &client, "localhost");
    assert_true(tls_shake(&own, &client));
    rig_log(&own.rig);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    tls_hang_up(&own, &client);
    tls_rig_close(&own);
    return 0;
}

static void serves_requests(void **state)
{
    const char *reply;

    (void)state;
    reply = tls_ask(&own, &client, GET("/hello") GET("/copy")
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    assert_int_equal(1, rig_count(reply, HELLO_BODY));
    assert_int_equal(1, rig_count(reply, "3\r\none\r\n3\r\ntwo\r\n"));
    assert_int_equal(1, rig_count(reply, "\r\n\r\nabc"));
    assert_int_equal(3, rig_count(rig_log(&own.rig), "after:200"));
}

/* The queue's pieces and files come out as they went in. */
static void moves_much(void **state)
{
    char small[1000];
    size_t total = 0;
    int quiet = 0;

    (void)state;
    SSL_write(client.ssl, GET("/stream") GET("/file"),
        sizeof GET("/stream") GET("/file") - 1);
    while (quiet < 50) {
        int count = SSL_read(client.ssl, small, sizeof small);

        total += count > 0 ? (size_t)count : 0;
        quiet = count > 0 ? 0 : quiet + 1;
        if (count <= 0)
            rig_turn(&own.rig);
    }
    assert_in_range(total, (1 << 20) + 300000, (1 << 20) + 302000);
    assert_int_equal(2, rig_count(rig_log(&own.rig), "after:200"));
}

static void knows_when_it_has_read_all(void **state)
{
    struct tls_mover *mover = tls_mover_of(&own);
    char bytes[64];

    (void)state;
    SSL_write(client.ssl, "abcdef", 6);
    usleep(50000);
    assert_int_equal(4, mover->mover.ops->read(&mover->mover, bytes, 4));
    assert_false(mover->mover.drained);
    assert_int_equal(2, mover->mover.ops->read(&mover->mover, bytes, 4));
    assert_int_equal(MOVED_AGAIN,
        mover->mover.ops->read(&mover->mover, bytes, 4));
    assert_int_equal(EDGE_IN, mover->mover.read_on);
    SSL_write(client.ssl, "abcdef", 6);
    usleep(50000);
    assert_int_equal(6, mover->mover.ops->read(&mover->mover, bytes, 9));
    assert_true(mover->mover.drained);
}

/* More may have come to the kernel meanwhile, and its edge been told. */
static void hidden_records_tell_nothing_of_the_kernel(void **state)
{
    struct tls_mover *mover = tls_mover_of(&own);
    char bytes[64];

    (void)state;
    SSL_write(client.ssl, "one", 3);
    SSL_write(client.ssl, "two", 3);
    usleep(50000);
    assert_int_equal(3, mover->mover.ops->read(&mover->mover, bytes, 64));
    assert_false(mover->mover.drained);
    SSL_write(client.ssl, "three", 5);
    assert_int_equal(3, mover->mover.ops->read(&mover->mover, bytes, 64));
    assert_false(mover->mover.drained);
}

static unsigned records;

static void count_records(int out, int version, int type, const void *bytes,
    size_t length, SSL *ssl, void *ctx)
{
    (void)out;
    (void)version;
    (void)length;
    (void)ssl;
    (void)ctx;
    records += type == SSL3_RT_HEADER && *(const char *)bytes == 23;
}

static void seals_head_and_body_in_one_record(void **state)
{
    struct iovec parts[3] = { { "head", 4 }, { "body", 4 }, { "end", 3 } };
    struct tls_mover *mover = tls_mover_of(&own);

    (void)state;
    tls_ask(&own, &client, "");
    records = 0;
    SSL_set_msg_callback(client.ssl, count_records);
    assert_int_equal(11,
        mover->mover.ops->write(&mover->mover, parts, 3, false));
    assert_string_equal(tls_ask(&own, &client, ""), "headbodyend");
    assert_int_equal(1, records);
}

/* A record that the kernel did not take is offered again with more behind. */
static void goes_on_with_a_record(void **state)
{
    static char large[40000];
    struct iovec parts[2] = { { "x", 1 }, { large, sizeof large } };
    struct tls_mover *mover = tls_mover_of(&own);
    ssize_t count, total = 0;

    (void)state;
    memset(large, 'y', sizeof large);
    while ((count = mover->mover.ops->write(&mover->mover, parts, 2, true))
        > 0) {
        assert_in_range(count, 1, 16384);
        total += count;
    }
    assert_int_equal(MOVED_AGAIN, count);
    assert_int_equal(EDGE_OUT, mover->mover.write_on);
    assert_true(total > 16384);
    while (strchr(tls_ask(&own, &client, ""), 'x'))
        ;
    assert_true(mover->mover.ops->write(&mover->mover, parts, 2, false) > 0);
}

static void says_farewell_once(void **state)
{
    struct tls_mover *mover = tls_mover_of(&own);

    (void)state;
    assert_int_equal(0, mover->mover.ops->farewell(&mover->mover));
    assert_int_equal(0, mover->mover.ops->farewell(&mover->mover));
    assert_string_equal(tls_ask(&own, &client, ""), "NOTIFY");
}

static void no_farewell_behind_a_reset(void **state)
{
    (void)state;
    assert_int_equal(0,
        rig_count(tls_ask(&own, &client, GET("/abort")), "NOTIFY"));
    assert_int_equal(0, own.rig.loop->conn_count);
}

static void an_orderly_end_says_farewell(void **state)
{
    const char *reply = tls_ask(&own, &client, GET("/close"));

    (void)state;
    assert_string_equal(reply + strlen(reply) - 9, "byeNOTIFY");
}

/* A peer without a word is gone; the requests know. */
static void a_cut_is_an_end(void **state)
{
    (void)state;
    tls_ask(&own, &client, "POST /echo HTTP/1.1\r\nHost: a\r\n"
        "Content-Length: 9\r\n\r\nhalf");
    shutdown(client.fd, SHUT_WR);
    rig_turn(&own.rig);
    assert_int_equal(1, rig_count(rig_log(&own.rig), "gone after:444 close"));
    assert_int_equal(0, own.rig.loop->conn_count);
}

static void raises_no_signal(void **state)
{
    struct iovec part = { "ab", 2 };
    struct tls_mover *mover = tls_mover_of(&own);

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    shutdown(mover->mover.fd, SHUT_WR);
    assert_int_equal(MOVED_DEAD,
        mover->mover.ops->write(&mover->mover, &part, 1, false));
    assert_int_equal(MOVED_DEAD,
        mover->mover.ops->write(&mover->mover, &part, 1, false));
    assert_int_equal(0, mover->mover.ops->farewell(&mover->mover));
}

/* What another call has left in the thread's queue is not ours. */
static void ignores_others_errors(void **state)
{
    (void)state;
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_PACKET);
    assert_int_equal(1,
        rig_count(tls_ask(&own, &client, GET("/hello")), HELLO_BODY));
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_PACKET);
    SSL_write(client.ssl, GET("/hello"), sizeof GET("/hello") - 1);
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_PACKET);
    rig_turn(&own.rig);
    assert_int_equal(1,
        rig_count(tls_ask(&own, &client, ""), HELLO_BODY));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(serves_requests),
        TEST(moves_much),
        TEST(knows_when_it_has_read_all),
        TEST(hidden_records_tell_nothing_of_the_kernel),
        TEST(seals_head_and_body_in_one_record),
        TEST(goes_on_with_a_record),
        TEST(says_farewell_once),
        TEST(no_farewell_behind_a_reset),
        TEST(an_orderly_end_says_farewell),
        TEST(a_cut_is_an_end),
        TEST(raises_no_signal),
        TEST(ignores_others_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
