/* SPDX-License-Identifier: MIT */
#include "unit/failing.h"
#include "unit/wire/tlsrig.h"

#include <seed/error.h>
#include <seed/server.h>

#include <fcntl.h>
#include <unistd.h>

static char path[] = "/tmp/seed-set-XXXXXX";
static struct tls_rig own;

/* Certificate and key in one file. */
static void write_pair(const char *text)
{
    char *cert, *key;
    int fd = open(path, O_WRONLY | O_TRUNC);

    assert_int_equal(0, seed_tls_selfsigned("localhost", &cert, &key));
    if (!text)
        dprintf(fd, "%s%s", cert, key);
    else
        dprintf(fd, "%s", text);
    close(fd);
    seed_release(cert);
    seed_release(key);
}

static int open_all(void **state)
{
    (void)state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    close(mkstemp(path));
    write_pair(NULL);
    tls_rig_open(&own, (struct seed_tls_options){ .cert = path });
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    tls_rig_close(&own);
    unlink(path);
    return 0;
}

static long serial_of(struct tls_client *client)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(
        SSL_get0_peer_certificate(client->ssl));

    return (long)ASN1_STRING_get0_data(serial)[1] << 16
        | ASN1_STRING_get0_data(serial)[2] << 8
        | ASN1_STRING_get0_data(serial)[3];
}

static void a_reload_is_for_new_connections(void **state)
{
    struct tls_client old, fresh;
    char why[TLS_WHY];
    long before;

    (void)state;
    tls_dial(&own, &old, NULL);
    assert_true(tls_shake(&own, &old));
    before = serial_of(&old);
    write_pair(NULL);
    assert_int_equal(0, seed__tls_prepare(own.tls, why));
    seed__tls_commit(own.tls);
    assert_int_equal(1,
        rig_count(tls_ask(&own, &old, GET("/hello")), HELLO_BODY));
    tls_dial(&own, &fresh, NULL);
    assert_true(tls_shake(&own, &fresh));
    assert_int_not_equal(before, serial_of(&fresh));
    tls_hang_up(&own, &old);
    tls_hang_up(&own, &fresh);
}

static void a_handshake_keeps_its_set(void **state)
{
    struct tls_client client;
    char why[TLS_WHY];

    (void)state;
    tls_dial(&own, &client, NULL);
    SSL_do_handshake(client.ssl);
    for (int i = 0; i < 3; i++) {
        write_pair(NULL);
        assert_int_equal(0, seed__tls_prepare(own.tls, why));
        seed__tls_commit(own.tls);
    }
    assert_true(tls_shake(&own, &client));
    tls_hang_up(&own, &client);
}

static void a_bad_file_changes_nothing(void **state)
{
    const struct tls_set *set = own.tls->set;
    char why[TLS_WHY];

    (void)state;
    write_pair("nothing");
    assert_int_equal(SEED_EINVAL, seed__tls_prepare(own.tls, why));
    assert_non_null(strstr(why, path));
    seed__tls_abandon(own.tls);
    assert_ptr_equal(set, own.tls->set);
    assert_null(own.tls->next);
    unlink(path);
    assert_int_equal(SEED_EINVAL, seed__tls_prepare(own.tls, why));
    assert_non_null(strstr(why, "No such file"));
}

static void an_abandoned_set_is_forgotten(void **state)
{
    const struct tls_set *set = own.tls->set;
    char why[TLS_WHY];

    (void)state;
    assert_int_equal(0, seed__tls_prepare(own.tls, why));
    assert_non_null(own.tls->next);
    seed__tls_abandon(own.tls);
    assert_ptr_equal(set, own.tls->set);
}

static void counts_its_holders(void **state)
{
    struct tls_set *held = seed__tls_set_hold(own.tls);

    (void)state;
    assert_ptr_equal(held, own.tls->set);
    assert_int_equal(2, atomic_load(&held->uses));
    seed__tls_set_drop(held);
    assert_int_equal(1, atomic_load(&held->uses));
    seed__tls_set_drop(NULL);
}

static void has_its_defaults(void **state)
{
    const struct mover_maker *maker = seed__tls_maker(own.tls);

    (void)state;
    assert_int_equal(1000, maker->greetings_most);
    assert_int_equal(UINT64_C(10000000000), maker->patience);
}

static void a_host_needs_names(void **state)
{
    char *cert, *key, why[TLS_WHY];

    (void)state;
    assert_int_equal(0, seed_tls_selfsigned("192.0.2.1", &cert, &key));
    assert_int_equal(SEED_EINVAL, seed__tls_add(own.tls,
        &(struct seed_tls_host){ .cert = cert, .key = key }, why));
    assert_non_null(strstr(why, "is for no host"));
    seed_release(cert);
    seed_release(key);
}

/* Whichever of our allocations fails: a sentence, and nothing is left. */
static void survives_exhausted_memory(void **state)
{
    const struct seed_tls_options options = { .cert = own.cert,
        .key = own.key, .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256",
        .client_ca = own.cert };
    const struct seed_tls_host host = { .names = "a b", .cert = own.cert,
        .key = own.key };
    long live = failing.live;
    int failures = 0;

    (void)state;
    for (long nth = 0;; nth++) {
        char why[TLS_WHY] = "";
        struct tls *tls = NULL;
        int error;

        failing.left = nth;
        error = seed__tls_new(&tls, &options, why);
        if (!error)
            error = seed__tls_add(tls, &host, why);
        seed__tls_free(tls);
        if (failing.left >= 0)
            break;
        failing.left = -1;
        assert_int_equal(live, failing.live);
        if (error) { /* a file's copy that could not shrink is no failure */
            assert_true(*why != '\0');
            failures++;
        }
    }
    failing.left = -1;
    assert_true(failures > 15);
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
        TEST(a_reload_is_for_new_connections),
        TEST(a_handshake_keeps_its_set),
        TEST(a_bad_file_changes_nothing),
        TEST(an_abandoned_set_is_forgotten),
        TEST(counts_its_holders),
        TEST(has_its_defaults),
        TEST(a_host_needs_names),
        TEST(survives_exhausted_memory),
    };

    return cmocka_run_group_tests(tests, install, NULL);
}
