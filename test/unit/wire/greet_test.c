/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/wire/tlsrig.h"

#include <unistd.h>

static struct tls_rig own;
static struct tls_client client;

static int open_all(void **state)
{
    (void)state;
    tls_rig_open(&own, (struct seed_tls_options){ .max_handshakes = 3,
        .handshake_timeout = 1200 });
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    tls_rig_close(&own);
    return 0;
}

static void counts_what_greets(void **state)
{
    (void)state;
    tls_dial(&own, &client, NULL);
    assert_int_equal(300000000, own.rig.loop->sweep_period);
    assert_int_equal(1, own.rig.loop->greeting);
    assert_int_equal(PHASE_GREET, rig_conn(&own.rig)->phase);
    assert_true(tls_shake(&own, &client));
    assert_int_equal(0, own.rig.loop->greeting);
    assert_int_equal(PHASE_HEAD, rig_conn(&own.rig)->phase);
    tls_hang_up(&own, &client);
    tls_dial(&own, &client, NULL);
    assert_int_equal(1, own.rig.loop->greeting);
    tls_hang_up(&own, &client);
    assert_int_equal(0, own.rig.loop->greeting);
    assert_int_equal(0, own.rig.loop->conn_count);
}

/* Who comes then waits in the kernel, and is served when another has gone. */
static void rests_when_enough_greet(void **state)
{
    int silent[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        silent[i] = rig_connect(&own.rig);
    assert_int_equal(3, own.rig.loop->greeting);
    assert_int_equal(3, own.rig.loop->conn_count);
    assert_true(seed__greet_full(own.rig.loop, own.rig.maker));
    for (int i = 0; i < 3; i++)
        close(silent[i]);
    rig_turn(&own.rig);
    assert_int_equal(2, own.rig.loop->greeting);
    assert_false(seed__greet_full(own.rig.loop, own.rig.maker));
    assert_false(seed__greet_full(own.rig.loop, NULL));
    close(silent[3]);
    close(silent[4]);
    rig_turn(&own.rig);
    tls_dial(&own, &client, NULL);
    assert_true(tls_shake(&own, &client));
    tls_hang_up(&own, &client);
}

static void answers_clear_text_in_clear_text(void **state)
{
    int fd = rig_connect(&own.rig);
    const char *reply;

    (void)state;
    rig_log(&own.rig);
    reply = rig_ask(&own.rig, fd, GET("/hello"));
    assert_int_equal(1, rig_count(reply, "HTTP/1.1 400 "));
    assert_int_equal(1, rig_count(reply, "ask it by https://"));
    assert_string_equal(own.rig.reply + own.rig.length - 3, "EOF");
    assert_int_equal(1, rig_count(rig_log(&own.rig), "bad"));
    assert_int_equal(0, own.rig.loop->greeting);
    close(fd);
}

static void says_nothing_to_noise(void **state)
{
    int fd = rig_connect(&own.rig);

    (void)state;
    assert_string_equal(rig_ask(&own.rig, fd, "\x01\x02\x03"), "EOF");
    close(fd);
}

static void never_lends(void **state)
{
    (void)state;
    tls_dial(&own, &client, NULL);
    assert_true(tls_shake(&own, &client));
    assert_int_equal(1,
        rig_count(tls_ask(&own, &client, GET("/lent")), " 501 "));
    tls_hang_up(&own, &client);
}

/* evhttp has the connection then, and must not answer in clear text. */
static void says_nothing_without_memory(void **state)
{
    const char *reply;
    int fd;

    (void)state;
    seed__conn_free_spare(own.rig.loop);
    failing.left = 0;
    fd = rig_connect(&own.rig);
    for (int i = 0; i < 100 && failing.left >= 0; i++) {
        usleep(2000);
        rig_turn(&own.rig);
    }
    assert_int_equal(-1, failing.left);
    assert_int_equal(0, own.rig.loop->conn_count);
    assert_int_equal(0, own.rig.loop->greeting);
    for (int i = 0; i < 600; i++) {
        reply = i ? rig_read(&own.rig, fd)
                  : rig_ask(&own.rig, fd, GET("/hello"));
        if (*reply)
            break;
        usleep(10000);
    }
    assert_true(!strcmp(reply, "EOF") || !strcmp(reply, "RST"));
    close(fd);
}

/* The host that a request means: of the target, else of the field. */
static bool serves_inner;
static struct str asked;

static bool note_host(struct mover *mover, struct str host)
{
    (void)mover;
    asked = host;
    return serves_inner;
}

static void reads_the_host(void **state)
{
    static const struct {
        const char *target, *field, *host;
    } cases[] = {
        { "/", "a.example", "a.example" },
        { "/", "a.example:8443", "a.example" },
        { "/", "[::1]:8443", "[::1]" },
        { "/", "[::1]", "[::1]" },
        { "/http://b/", "a.example", "a.example" },
        { "https://b.example/x", "a.example", "b.example" },
        { "https://b.example:1?x", "a.example", "b.example" },
        { "https://b.example", "a.example", "b.example" },
        { "*", "a.example", "a.example" },
    };
    const struct mover_ops ops = { .serves = note_host };
    struct mover mover = { .ops = &ops };
    struct conn conn = { .mover = &mover };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200];
        struct head head = { 0 };

        snprintf(text, sizeof text, "%s%s", cases[i].target, cases[i].field);
        head.target_length = (uint16_t)strlen(cases[i].target);
        head.host = head.target_length;
        head.host_length = (uint16_t)strlen(cases[i].field);
        conn.at = text;
        serves_inner = i % 2;
        assert_int_equal(serves_inner, seed__greet_serves(&conn, &head));
        assert_int_equal(asked.length, strlen(cases[i].host));
        assert_memory_equal(asked.at, cases[i].host, asked.length);
    }
}

static int install(void **state)
{
    (void)state;
    return failing_install();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(counts_what_greets),
        TEST(rests_when_enough_greet),
        TEST(answers_clear_text_in_clear_text),
        TEST(says_nothing_to_noise),
        TEST(never_lends),
        TEST(says_nothing_without_memory),
        cmocka_unit_test(reads_the_host),
    };

    return cmocka_run_group_tests(tests, install, NULL);
}
