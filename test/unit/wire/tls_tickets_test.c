/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#define HOURS(n) (UINT64_C(n) * 3600 * 1000000000)

static struct tickets tickets;

static int open_all(void **state)
{
    (void)state;
    assert_true(seed__tickets_init(&tickets));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    seed__tickets_clear(&tickets);
    return 0;
}

static void a_key_lasts_twelve_hours(void **state)
{
    struct ticket_key first, later, next;

    (void)state;
    assert_true(seed__tickets_newest(&tickets, HOURS(1), &first));
    assert_true(seed__tickets_newest(&tickets, HOURS(13) - 1, &later));
    assert_memory_equal(&first, &later, sizeof first);
    assert_true(seed__tickets_newest(&tickets, HOURS(13), &next));
    assert_memory_not_equal(first.name, next.name, sizeof first.name);
    assert_memory_not_equal(first.cipher, next.cipher, sizeof first.cipher);
    assert_memory_not_equal(first.mac, next.mac, sizeof first.mac);
}

static void two_old_ones_stay(void **state)
{
    struct ticket_key keys[4], found;
    bool old = true;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        assert_true(seed__tickets_newest(&tickets, HOURS(12) * i + 1,
            &keys[i]));
    assert_false(seed__tickets_find(&tickets, keys[0].name, &found, &old));
    for (unsigned i = 1; i < 4; i++) {
        assert_true(seed__tickets_find(&tickets, keys[i].name, &found, &old));
        assert_int_equal(i < 3, old);
        assert_memory_equal(&keys[i], &found, sizeof found);
    }
}

/* Nobody came for days: the keys of then are not kept for that. */
static void old_ones_go_by_their_age(void **state)
{
    struct ticket_key first, next, found;
    bool old;

    (void)state;
    seed__tickets_newest(&tickets, HOURS(1), &first);
    seed__tickets_newest(&tickets, HOURS(100), &next);
    assert_false(seed__tickets_find(&tickets, first.name, &found, &old));
    assert_true(seed__tickets_find(&tickets, next.name, &found, &old));
}

static void finds_none_before_there_is_one(void **state)
{
    static const unsigned char zeroes[TICKET_NAME];
    struct ticket_key found;
    bool old;

    (void)state;
    assert_false(seed__tickets_find(&tickets, zeroes, &found, &old));
}

/* --- in use --------------------------------------------------------------- */

static struct tls_rig own;

static bool resumes(SSL_SESSION *session)
{
    int version = SSL_SESSION_get_protocol_version(session);
    struct tls_client client;
    bool resumed;

    tls_dial(&own, &client, "localhost");
    SSL_set_max_proto_version(client.ssl, version);
    SSL_set_session(client.ssl, session);
    assert_true(tls_shake(&own, &client));
    resumed = SSL_session_reused(client.ssl);
    SSL_shutdown(client.ssl); /* else the session is no good any more */
    tls_hang_up(&own, &client);
    return resumed;
}

static SSL_SESSION *session_of(int version)
{
    struct tls_client client;
    SSL_SESSION *session;

    tls_dial(&own, &client, "localhost");
    SSL_set_max_proto_version(client.ssl, version);
    assert_true(tls_shake(&own, &client));
    tls_ask(&own, &client, GET("/hello"));
    session = SSL_get1_session(client.ssl);
    SSL_shutdown(client.ssl);
    tls_hang_up(&own, &client);
    return session;
}

static void make_older(unsigned hours)
{
    for (int i = 0; i < TICKET_KEYS; i++)
        if (own.tls->tickets.keys[i].born)
            own.tls->tickets.keys[i].born -= hours * HOURS(1);
}

static void tickets_outlive_two_changes(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        SSL_SESSION *session, *next;

        tls_rig_open(&own, (struct seed_tls_options){ 0 });
        for (int key = 0; key < TICKET_KEYS; key++)
            own.tls->tickets.keys[key].born = 0;
        session = session_of(versions[i]);
        assert_true(resumes(session));
        for (int changes = 1; changes <= 2; changes++) {
            make_older(12);
            next = session_of(versions[i]);
            assert_true(resumes(next));
            assert_true(resumes(session));
            SSL_SESSION_free(next);
        }
        make_older(12);
        next = session_of(versions[i]);
        assert_false(resumes(session));
        SSL_SESSION_free(next);
        SSL_SESSION_free(session);
        tls_rig_close(&own);
    }
}

static void a_forged_ticket_means_a_whole_handshake(void **state)
{
    SSL_SESSION *session;

    (void)state;
    tls_rig_open(&own, (struct seed_tls_options){ 0 });
    session = session_of(TLS1_2_VERSION);
    assert_true(resumes(session));
    memset(own.tls->tickets.keys[0].mac, 1, TICKET_KEY);
    assert_false(resumes(session));
    SSL_SESSION_free(session);
    tls_rig_close(&own);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(a_key_lasts_twelve_hours),
        TEST(two_old_ones_stay),
        TEST(old_ones_go_by_their_age),
        TEST(finds_none_before_there_is_one),
        cmocka_unit_test(tickets_outlive_two_changes),
        cmocka_unit_test(a_forged_ticket_means_a_whole_handshake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
