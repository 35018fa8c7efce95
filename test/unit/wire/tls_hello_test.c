/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/server.h>

static struct tls_rig own;
static char *certs[2], *keys[2];

static void open_named(bool strict)
{
    static const char *const names[] = { "a.example", "*.example" };
    char why[TLS_WHY];

    tls_rig_open(&own, (struct seed_tls_options){ .strict_names = strict });
    for (int i = 0; i < 2; i++) {
        assert_int_equal(0, seed_tls_selfsigned(names[i], &certs[i],
            &keys[i]));
        assert_int_equal(0, seed__tls_add(own.tls,
            &(struct seed_tls_host){ .cert = certs[i], .key = keys[i] },
            why));
    }
}

static void close_named(void)
{
    tls_rig_close(&own);
    for (int i = 0; i < 2; i++) {
        seed_release(certs[i]);
        seed_release(keys[i]);
    }
}

static void chooses_by_the_name(void **state)
{
    static const struct {
        const char *name;
        int host;
    } cases[] = {
        { "a.example", 1 }, { "A.Example", 1 }, { "b.example", 2 },
        { "b.b.example", 0 }, { "other", 0 }, { NULL, 0 },
    };

    (void)state;
    open_named(false);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_client client;
        const struct tls_mover *mover;

        tls_dial(&own, &client, cases[i].name);
        assert_true(tls_shake(&own, &client));
        mover = tls_mover_of(&own);
        assert_ptr_equal(mover->host, mover->set->hosts + cases[i].host);
        assert_ptr_equal(SSL_get_SSL_CTX(mover->ssl), mover->host->context);
        tls_hang_up(&own, &client);
    }
    close_named();
}

static void refuses_by_an_alert(void **state)
{
    static const struct {
        const char *name;
        int alert;
    } cases[] = {
        { "a.example", 0 }, { "localhost", 0 }, { NULL, 0 },
        { "other", SSL_AD_UNRECOGNIZED_NAME },
    };

    (void)state;
    open_named(true);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_client client;

        tls_dial(&own, &client, cases[i].name);
        assert_int_equal(!cases[i].alert, tls_shake(&own, &client));
        assert_int_equal(cases[i].alert, tls_alert());
        tls_hang_up(&own, &client);
    }
    close_named();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_by_the_name),
        cmocka_unit_test(refuses_by_an_alert),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
