/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/server.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static struct tls_rig own;
static struct tls_client client;
static struct arena arena;

static void open_all(struct seed_tls_options options)
{
    tls_rig_open(&own, options);
    tls_dial(&own, &client, "localhost");
    seed__arena_init(&arena, NULL, 0);
}

static void close_all(void)
{
    tls_hang_up(&own, &client);
    tls_rig_close(&own);
    seed__arena_clear(&arena, NULL, 0);
}

static void tells_of_a_connection(void **state)
{
    const struct seed_tls *told;

    (void)state;
    open_all((struct seed_tls_options){ 0 });
    assert_true(tls_shake(&own, &client));
    told = seed__tls_describe(&tls_mover_of(&own)->mover, &arena);
    assert_string_equal(told->version, "TLSv1.3");
    assert_string_equal(told->cipher, SSL_get_cipher(client.ssl));
    assert_string_equal(told->server_name, "localhost");
    assert_false(told->resumed);
    assert_null(told->subject);
    assert_null(told->fingerprint);
    assert_int_equal(0, told->name_count);
    close_all();
}

/* The client shows what it made for itself, which the listener trusts. */
static void tells_of_the_client(void **state)
{
    const struct seed_tls *told;
    char *cert, *key;
    BIO *first, *second;
    X509 *certificate;
    EVP_PKEY *pair;

    (void)state;
    assert_int_equal(0, seed_tls_selfsigned("me.test 192.0.2.7 ::1", &cert,
        &key));
    first = BIO_new_mem_buf(cert, -1);
    second = BIO_new_mem_buf(key, -1);
    certificate = PEM_read_bio_X509(first, NULL, NULL, NULL);
    pair = PEM_read_bio_PrivateKey(second, NULL, NULL, NULL);
    open_all((struct seed_tls_options){ .client_ca = cert });
    /* It is good for servers only; that is for another test to mind. */
    X509_VERIFY_PARAM_set_purpose(
        SSL_get0_param(tls_mover_of(&own)->ssl), X509_PURPOSE_ANY);
    SSL_use_certificate(client.ssl, certificate);
    SSL_use_PrivateKey(client.ssl, pair);
    assert_true(tls_shake(&own, &client));

    told = seed__tls_describe(&tls_mover_of(&own)->mover, &arena);
    assert_string_equal(told->subject, "CN=libseed\\, self-signed");
    assert_string_equal(told->issuer, told->subject);
    assert_int_equal(64, strlen(told->fingerprint));
    assert_int_equal(32, strlen(told->serial));
    assert_int_equal(3, told->name_count);
    assert_string_equal(told->names[0], "DNS:me.test");
    assert_string_equal(told->names[1], "IP:192.0.2.7");
    assert_string_equal(told->names[2], "IP:::1");
    close_all();

    X509_free(certificate);
    EVP_PKEY_free(pair);
    BIO_free(first);
    BIO_free(second);
    seed_release(cert);
    seed_release(key);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_a_connection),
        cmocka_unit_test(tells_of_the_client),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
