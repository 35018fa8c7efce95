/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/error.h>

static const char groups[] = "X25519:P-256:P-384";
static struct tls_rig own;

static int open_all(void **state)
{
    (void)state;
    tls_rig_open(&own, (struct seed_tls_options){ 0 });
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    tls_rig_close(&own);
    return 0;
}

static void is_content_with_a_good_one(void **state)
{
    char why[TLS_WHY] = "";

    (void)state;
    assert_int_equal(0, seed__tls_prove(own.tls->set->hosts[0].context, "a",
        groups, why));
    assert_string_equal(why, "");
}

/* As OpenSSL leaves it when memory is short: the key cannot sign. */
static void finds_that_it_cannot_sign(void **state)
{
    SSL_CTX *context = own.tls->set->hosts[0].context;
    char why[TLS_WHY] = "";

    (void)state;
    assert_int_equal(1, SSL_CTX_set1_sigalgs_list(context, "RSA+SHA256"));
    assert_int_equal(SEED_EINVAL, seed__tls_prove(context, "a.pem", groups,
        why));
    assert_non_null(strstr(why,
        "No handshake can be made with the TLS certificate a.pem"));
}

/* It has no certificate, and none is asked of it. */
static void asks_itself_for_no_certificate(void **state)
{
    SSL_CTX *context = own.tls->set->hosts[0].context;
    char why[TLS_WHY] = "";

    (void)state;
    SSL_CTX_set_verify(context,
        SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        SSL_CTX_set_max_proto_version(context, version);
        assert_int_equal(0, seed__tls_prove(context, "a", groups, why));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(is_content_with_a_good_one),
        TEST(finds_that_it_cannot_sign),
        TEST(asks_itself_for_no_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
