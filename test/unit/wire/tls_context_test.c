/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/error.h>
#include <seed/server.h>

static char *cert, *key, *other_cert, *other_key;

static int make(void **state)
{
    (void)state;
    return seed_tls_selfsigned("localhost", &cert, &key)
        || seed_tls_selfsigned("localhost", &other_cert, &other_key);
}

static int release(void **state)
{
    (void)state;
    seed_release(cert);
    seed_release(key);
    seed_release(other_cert);
    seed_release(other_key);
    return 0;
}

static void leaves_out_what_must_not_be(void **state)
{
    static const uint64_t wanted = SSL_OP_NO_RENEGOTIATION
        | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;
    struct tls_rig own;
    SSL_CTX *context;

    (void)state;
    for (int tickets = 0; tickets < 2; tickets++) {
        tls_rig_open(&own, (struct seed_tls_options){
            .no_tickets = !tickets });
        context = own.tls->set->hosts[0].context;
        assert_int_equal(wanted, SSL_CTX_get_options(context) & wanted);
        assert_int_equal(TLS1_2_VERSION,
            SSL_CTX_get_min_proto_version(context));
        assert_int_equal(0, SSL_CTX_get_max_early_data(context));
        assert_int_equal(tickets, SSL_CTX_get_num_tickets(context));
        assert_int_equal(SSL_SESS_CACHE_OFF,
            SSL_CTX_get_session_cache_mode(context));
        assert_true(SSL_CTX_get_mode(context) & SSL_MODE_RELEASE_BUFFERS);
        tls_rig_close(&own);
    }
}

static void offers_only_good_ciphers(void **state)
{
    struct tls_rig own;
    STACK_OF(SSL_CIPHER) *list;

    (void)state;
    tls_rig_open(&own, (struct seed_tls_options){ 0 });
    list = SSL_CTX_get_ciphers(own.tls->set->hosts[0].context);
    assert_int_equal(9, sk_SSL_CIPHER_num(list)); /* 3 of TLS 1.3 */
    for (int i = 0; i < sk_SSL_CIPHER_num(list); i++)
        assert_true(SSL_CIPHER_is_aead(sk_SSL_CIPHER_value(list, i)));
    tls_rig_close(&own);
}

static void says_what_is_wrong(void **state)
{
    const struct {
        struct seed_tls_options options;
        const char *why;
    } cases[] = {
        { { 0 }, "TLS needs a certificate: " },
        { { .cert = key, .key = key }, "The TLS certificate that was given as "
                                       "text holds no certificate in PEM" },
        { { .cert = cert }, "The TLS key that was given as text holds no "
                            "private key in PEM" },
        { { .cert = cert, .key = other_key }, "The TLS key that was given as "
            "text is not that of the certificate that was given as text" },
        { { .cert = cert, .key = key, .ciphers = "NONE" },
            "No TLS cipher is known in the list \"NONE\"" },
        { { .cert = cert, .key = key, .groups = "P-256:nothing" },
            "Not every TLS group is known in the list \"P-256:nothing\"" },
    };
    char why[TLS_WHY];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls *tls = NULL;

        assert_int_equal(SEED_EINVAL, seed__tls_new(&tls, &cases[i].options,
            why));
        assert_null(tls);
        assert_memory_equal(why, cases[i].why, strlen(cases[i].why));
    }
}

/* The protocols that a client offers, each behind its length. */
static void chooses_the_protocol(void **state)
{
    static const struct {
        const char *offered;
        bool good;
    } cases[] = {
        { "\x08http/1.1", true }, { "\x02h2\x08http/1.1", true },
        { "\x02h2", false }, { "\x08http/1.0", false },
    };
    struct tls_rig own;

    (void)state;
    tls_rig_open(&own, (struct seed_tls_options){ 0 });
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_client client;

        tls_dial(&own, &client, NULL);
        SSL_set_alpn_protos(client.ssl,
            (const unsigned char *)cases[i].offered,
            (unsigned)strlen(cases[i].offered));
        assert_int_equal(cases[i].good, tls_shake(&own, &client));
        assert_int_equal(tls_alert(), cases[i].good ? 0
            : SSL_AD_NO_APPLICATION_PROTOCOL);
        tls_hang_up(&own, &client);
    }
    tls_rig_close(&own);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_out_what_must_not_be),
        cmocka_unit_test(offers_only_good_ciphers),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(chooses_the_protocol),
    };

    return cmocka_run_group_tests(tests, make, release);
}
