/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/error.h>
#include <seed/server.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void makes_what_names_match(void **state)
{
    char *cert, *key;
    X509 *certificate;
    EVP_PKEY *pair;
    BIO *text;

    (void)state;
    assert_int_equal(0, seed_tls_selfsigned("localhost *.b.example 127.0.0.1 "
        "::1", &cert, &key));
    text = BIO_new_mem_buf(cert, -1);
    certificate = PEM_read_bio_X509(text, NULL, NULL, NULL);
    BIO_free(text);
    text = BIO_new_mem_buf(key, -1);
    pair = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
    BIO_free(text);

    assert_int_equal(1, X509_check_private_key(certificate, pair));
    assert_int_equal(1, X509_verify(certificate, pair));
    assert_int_equal(1, X509_check_host(certificate, "localhost", 0, 0, NULL));
    assert_int_equal(1,
        X509_check_host(certificate, "a.b.example", 0, 0, NULL));
    assert_int_equal(0, X509_check_host(certificate, "other", 0, 0, NULL));
    assert_int_equal(1, X509_check_ip_asc(certificate, "127.0.0.1", 0));
    assert_int_equal(1, X509_check_ip_asc(certificate, "::1", 0));
    assert_int_equal(0, X509_check_ca(certificate));
    assert_int_equal(-1,
        X509_cmp_current_time(X509_get0_notBefore(certificate)));
    assert_int_equal(1,
        X509_cmp_current_time(X509_get0_notAfter(certificate)));
    X509_free(certificate);
    EVP_PKEY_free(pair);
    seed_release(cert);
    seed_release(key);
}

static void refuses_what_is_no_name(void **state)
{
    static const char *const names[] = { NULL, "", "  ", "a,DNS:b", "a/b",
        "email:x", "a\nb", "caf\xc3\xa9" };
    static char many[2000];
    char *cert = many, *key = many;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(SEED_EINVAL, seed_tls_selfsigned(names[i], &cert,
            &key));
        assert_null(cert);
        assert_null(key);
    }
    memset(many, 'a', sizeof many - 1);
    assert_int_equal(SEED_EINVAL, seed_tls_selfsigned(many, &cert, &key));
}

static void every_one_differs(void **state)
{
    char *cert[2], *key[2];

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(0, seed_tls_selfsigned("a", &cert[i], &key[i]));
    assert_string_not_equal(cert[0], cert[1]);
    assert_string_not_equal(key[0], key[1]);
    for (int i = 0; i < 2; i++) {
        seed_release(cert[i]);
        seed_release(key[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_what_names_match),
        cmocka_unit_test(refuses_what_is_no_name),
        cmocka_unit_test(every_one_differs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
