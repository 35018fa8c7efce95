/* SPDX-License-Identifier: MIT */
/* The plain mover; and the seam for others, proved by a mover that is as
 * awkward as TLS can be: it gives and takes one byte a call, hides bytes that
 * no edge will tell of, reads only when the socket can be written and the
 * other way round. */
#include "unit/wire/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];
static struct mover plain;

static int open_pair(void **state)
{
    (void)state;
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
        ends));
    seed__mover_init_plain(&plain, ends[0]);
    return 0;
}

static int close_pair(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void says_when_it_has_read_all(void **state)
{
    char bytes[4];

    (void)state;
    assert_int_equal(MOVED_AGAIN, plain.ops->read(&plain, bytes, 4));
    assert_true(plain.drained);
    assert_int_equal(6, write(ends[1], "abcdef", 6));
    assert_int_equal(4, plain.ops->read(&plain, bytes, 4));
    assert_false(plain.drained);
    assert_int_equal(2, plain.ops->read(&plain, bytes, 4));
    assert_true(plain.drained);
    shutdown(ends[1], SHUT_WR);
    assert_int_equal(0, plain.ops->read(&plain, bytes, 4));
}

static void writes_parts_and_files(void **state)
{
    struct iovec parts[2] = { { "ab", 2 }, { "cd", 2 } };
    char path[] = "/tmp/seed-mover-XXXXXX", bytes[16];
    int fd = mkstemp(path);

    (void)state;
    unlink(path);
    assert_int_equal(5, write(fd, "12345", 5));
    assert_int_equal(4, plain.ops->write(&plain, parts, 2, true));
    assert_int_equal(3, plain.ops->file(&plain, fd, 2, 100));
    assert_int_equal(0, plain.ops->file(&plain, fd, 5, 100));
    assert_int_equal(7, read(ends[1], bytes, sizeof bytes));
    assert_memory_equal("abcd345", bytes, 7);
    plain.ops->shut(&plain);
    assert_int_equal(0, read(ends[1], bytes, sizeof bytes));
    close(fd);
}

static void joins_what_is_small(void **state)
{
    static char large[2000];
    struct iovec small[2] = { { "head", 4 }, { "body", 4 } };
    struct iovec mixed[2] = { { "head", 4 }, { large, sizeof large } };
    char bytes[4096];

    (void)state;
    assert_int_equal(8, plain.ops->write(&plain, small, 2, false));
    assert_int_equal(8, read(ends[1], bytes, sizeof bytes));
    assert_memory_equal("headbody", bytes, 8);
    memset(large, 'x', sizeof large);
    assert_int_equal(2004, plain.ops->write(&plain, mixed, 2, false));
    assert_int_equal(2004, read(ends[1], bytes, sizeof bytes));
    assert_memory_equal("headxxxx", bytes, 8);
    assert_int_equal('x', bytes[2003]);
}

/* The signal would end the test. */
static void survives_a_peer_that_is_gone(void **state)
{
    struct iovec part = { "ab", 2 };
    char path[] = "/tmp/seed-mover-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    unlink(path);
    assert_int_equal(5, write(fd, "12345", 5));
    assert_false(plain.ops->lost(&plain));
    close(ends[1]);
    assert_int_equal(MOVED_DEAD, plain.ops->write(&plain, &part, 1, false));
    assert_int_equal(MOVED_DEAD, plain.ops->file(&plain, fd, 0, 5));
    ends[1] = fd;
}

/* --- the awkward one ------------------------------------------------------ */

struct awkward {
    struct mover mover;
    char hidden[32768];
    size_t at, end;
    bool eof, crossed;
    unsigned reads, writes;
};

static unsigned living;
static bool crosses; /* waits for the wrong edge now and then */

static ssize_t awkward_read(struct mover *mover, void *bytes, size_t room)
{
    struct awkward *own = (struct awkward *)mover;
    ssize_t count;

    (void)room;
    mover->drained = false;
    mover->read_on = EDGE_IN;
    if (own->at == own->end && !own->eof) {
        count = recv(mover->fd, own->hidden, sizeof own->hidden, 0);
        if (count < 0)
            return errno == EAGAIN ? MOVED_AGAIN : MOVED_DEAD;
        own->at = 0;
        own->end = (size_t)count;
        own->eof = !count;
    }
    if (own->eof)
        return 0;
    if (crosses && ++own->reads % 10 == 0) {
        mover->read_on = EDGE_OUT;
        own->crossed = true;
        return MOVED_AGAIN;
    }
    *(char *)bytes = own->hidden[own->at++];
    return 1;
}

static ssize_t awkward_write(struct mover *mover, const struct iovec *parts,
    int count, bool more)
{
    struct awkward *own = (struct awkward *)mover;
    ssize_t sent;

    (void)count;
    (void)more;
    mover->write_on = EDGE_OUT;
    if (crosses && ++own->writes % 10 == 0) {
        mover->write_on = EDGE_IN;
        own->crossed = true;
        return MOVED_AGAIN;
    }
    sent = send(mover->fd, parts[0].iov_base, 1, MSG_NOSIGNAL);
    return sent < 0 ? errno == EAGAIN ? MOVED_AGAIN : MOVED_DEAD : sent;
}

static bool awkward_lost(struct mover *mover)
{
    return plain.ops->lost(mover);
}

static void awkward_shut(struct mover *mover)
{
    plain.ops->shut(mover);
}

static void awkward_free(struct mover *mover)
{
    living--;
    free(mover);
}

static const struct mover_ops awkward = { .read = awkward_read,
    .write = awkward_write, .lost = awkward_lost, .shut = awkward_shut,
    .reset = awkward_shut, .free = awkward_free };

static bool exhausted;

static struct mover *awkward_new(int fd, const struct mover_maker *maker)
{
    struct awkward *own = exhausted ? NULL : calloc(1, sizeof *own);

    (void)maker;
    if (!own)
        return NULL;
    living++;
    own->mover = (struct mover){ .ops = &awkward, .fd = fd,
        .read_on = EDGE_IN, .write_on = EDGE_OUT };
    return &own->mover;
}

static const struct mover_maker awkward_maker = { .make = awkward_new };
static struct rig rig;
static int client;

static int open_all(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    seed__mover_init_plain(&plain, -1);
    crosses = exhausted = false;
    rig.maker = &awkward_maker;
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
    assert_int_equal(0, living);
    return 0;
}

/* Both edges, as a real socket makes them when what blocks it has gone. */
static void make_edges(int times)
{
    for (int i = 0; i < times && !ring_empty(&rig.loop->conns); i++) {
        event_active(&rig_conn(&rig)->edge, EV_WRITE, 0);
        rig_turn(&rig);
        if (ring_empty(&rig.loop->conns))
            return;
        event_active(&rig_conn(&rig)->edge, EV_READ, 0);
        rig_turn(&rig);
    }
}

static const char requests[] = GET("/hello")
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    GET("/copy") GET("/close");

static void check_answers(void)
{
    const char *reply = rig_read(&rig, client);

    assert_int_equal(1, rig_count(reply, HELLO_BODY));
    assert_int_equal(1, rig_count(reply, "\r\n\r\nabcde"));
    assert_int_equal(1, rig_count(reply, "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
    assert_string_equal(reply + rig.length - 6, "byeEOF");
    assert_int_equal(4, rig_count(rig.log, "after:200"));
}

static void serves_one_byte_a_call(void **state)
{
    (void)state;
    rig_send(&rig, client, requests);
    for (int i = 0; i < 100; i++)
        rig_turn(&rig);
    check_answers();
}

static void serves_across_the_edges(void **state)
{
    (void)state;
    crosses = true;
    rig_send(&rig, client, requests);
    make_edges(300);
    check_answers();
}

/* The second request is in the mover, where no edge will tell of it. */
static void finds_hidden_bytes_behind_a_wait(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/wait") GET("/hello"));
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    assert_string_equal(rig_log(&rig), "wait");
    rig_answer(&rig);
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    assert_int_equal(2, rig_count(rig_read(&rig, client), HELLO_BODY));
}

static void never_lends_what_is_not_plain(void **state)
{
    (void)state;
    rig_send(&rig, client, GET("/lent"));
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    assert_int_equal(1, rig_count(rig_read(&rig, client), " 501 "));
}

static void never_serves_without_its_mover(void **state)
{
    int other;

    (void)state;
    exhausted = true;
    other = rig_connect(&rig);
    assert_string_equal(rig_read(&rig, other), "EOF");
    assert_int_equal(1, rig.loop->conn_count);
    close(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define PLAIN(name) cmocka_unit_test_setup_teardown(name, open_pair, close_pair)
        PLAIN(says_when_it_has_read_all),
        PLAIN(writes_parts_and_files),
        PLAIN(joins_what_is_small),
        PLAIN(survives_a_peer_that_is_gone),
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(serves_one_byte_a_call),
        TEST(serves_across_the_edges),
        TEST(finds_hidden_bytes_behind_a_wait),
        TEST(never_lends_what_is_not_plain),
        TEST(never_serves_without_its_mover),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
