/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/error.h>
#include <seed/server.h>

static char *cert, *key;
static SSL_CTX *context;
static unsigned char policy[TLS_DIGEST];
static char why[TLS_WHY];

static int open_all(void **state)
{
    (void)state;
    context = SSL_CTX_new(TLS_server_method());
    return seed_tls_selfsigned("localhost", &cert, &key);
}

static int close_all(void **state)
{
    (void)state;
    SSL_CTX_free(context);
    seed_release(cert);
    seed_release(key);
    return 0;
}

static int ask(struct tls_told told)
{
    return seed__tls_ask_clients(context, &told, policy, why);
}

static void asks_for_nothing(void **state)
{
    static const unsigned char zeroes[TLS_DIGEST];

    (void)state;
    assert_int_equal(0, ask((struct tls_told){ 0 }));
    assert_memory_equal(policy, zeroes, TLS_DIGEST);
    assert_int_equal(SSL_VERIFY_NONE, SSL_CTX_get_verify_mode(context));
}

static void asks_for_one(void **state)
{
    (void)state;
    assert_int_equal(0, ask((struct tls_told){ .client_ca = cert }));
    assert_int_equal(SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
        SSL_CTX_get_verify_mode(context));
    assert_int_equal(4, SSL_CTX_get_verify_depth(context));
    assert_int_equal(1,
        sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context)));
}

static void other_demands_are_other_policies(void **state)
{
    unsigned char first[TLS_DIGEST];

    (void)state;
    ask((struct tls_told){ .client_ca = cert });
    memcpy(first, policy, TLS_DIGEST);
    ask((struct tls_told){ .client_ca = cert });
    assert_memory_equal(first, policy, TLS_DIGEST);
    assert_int_equal(0, ask((struct tls_told){ .client_ca = cert,
        .client_optional = true }));
    assert_memory_not_equal(first, policy, TLS_DIGEST);
    assert_int_equal(SSL_VERIFY_PEER, SSL_CTX_get_verify_mode(context));
}

/* A list that revokes nobody, in PEM. */
static void make_list(char *out, size_t room)
{
    BIO *text = BIO_new_mem_buf(cert, -1), *to = BIO_new(BIO_s_mem());
    X509 *authority = PEM_read_bio_X509(text, NULL, NULL, NULL);
    BIO *secret = BIO_new_mem_buf(key, -1);
    EVP_PKEY *signer = PEM_read_bio_PrivateKey(secret, NULL, NULL, NULL);
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    X509_CRL *list = X509_CRL_new();
    int length;

    assert_int_equal(1, X509_CRL_set_version(list, 1));
    assert_int_equal(1, X509_CRL_set_issuer_name(list,
        X509_get_subject_name(authority)));
    assert_int_equal(1, X509_CRL_set1_lastUpdate(list, now));
    assert_true(X509_CRL_sign(list, signer, EVP_sha256()) > 0);
    assert_int_equal(1, PEM_write_bio_X509_CRL(to, list));
    length = BIO_read(to, out, (int)room - 1);
    assert_true(length > 0);
    out[length] = '\0';
    X509_CRL_free(list);
    ASN1_TIME_free(now);
    EVP_PKEY_free(signer);
    X509_free(authority);
    BIO_free(secret);
    BIO_free(text);
    BIO_free(to);
}

static void takes_all_lists_or_none(void **state)
{
    char list[2048], both[4096];
    char *damage;

    (void)state;
    make_list(list, sizeof list);
    assert_int_equal(0, ask((struct tls_told){ .client_ca = cert,
        .client_crl = list }));
    snprintf(both, sizeof both, "%s%s", list, list);
    damage = strstr(both + strlen(list), "\n") + 5;
    memcpy(damage, "????", 4);
    assert_int_equal(SEED_EINVAL, ask((struct tls_told){ .client_ca = cert,
        .client_crl = both }));
    assert_non_null(strstr(why, "are not all lists"));
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(SEED_EINVAL, ask((struct tls_told){
        .client_optional = true }));
    assert_non_null(strstr(why, "set client_ca"));
    assert_int_equal(SEED_EINVAL, ask((struct tls_told){ .client_ca = key }));
    assert_string_equal(why, "The TLS client authorities that was given as "
        "text hold no certificate in PEM");
    assert_int_equal(SEED_EINVAL, ask((struct tls_told){ .client_ca = cert,
        .client_crl = cert }));
    assert_non_null(strstr(why, "holds no list in PEM"));
    assert_int_equal(SEED_EINVAL, ask((struct tls_told){
        .client_ca = (char[]){ "/nowhere/ca" } }));
    assert_non_null(strstr(why, "No such file or directory"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(asks_for_nothing),
        TEST(asks_for_one),
        TEST(other_demands_are_other_policies),
        TEST(takes_all_lists_or_none),
        TEST(says_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
