/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/server.h>

#include <openssl/pem.h>

static void copies_lists(void **state)
{
    static const struct {
        const char *given, *copy;
    } cases[] = {
        { "a.example", " a.example " },
        { "A.Example  *.B", " a.example *.b " },
        { " a\tb\n", " a b " },
        { "", " " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *copy = seed__tls_names_copy(cases[i].given);

        assert_string_equal(copy, cases[i].copy);
        seed__release(copy);
    }
}

static void reads_a_certificates(void **state)
{
    static const struct {
        const char *made_for, *names;
    } cases[] = {
        { "localhost 127.0.0.1 *.Example ::1", " localhost *.example " },
        { "192.0.2.1", " " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *cert, *key, *names;
        BIO *text;
        X509 *certificate;

        assert_int_equal(0, seed_tls_selfsigned(cases[i].made_for, &cert,
            &key));
        text = BIO_new_mem_buf(cert, -1);
        certificate = PEM_read_bio_X509(text, NULL, NULL, NULL);
        names = seed__tls_names_of(certificate);
        assert_string_equal(names, cases[i].names);
        seed__release(names);
        X509_free(certificate);
        BIO_free(text);
        seed_release(cert);
        seed_release(key);
    }
}

static void finds_hosts(void **state)
{
    static const struct {
        struct str name;
        int host; /* -1: none */
    } cases[] = {
        { STR("a.example"), 1 }, { STR("A.EXAMPLE"), 1 },
        { STR("a.example."), 1 }, { STR("b.example"), 2 },
        { STR("b.example.."), -1 }, { STR("example"), 3 },
        { STR("x.a.example"), -1 }, { STR(".example"), -1 },
        { STR("xa.example"), 2 }, { STR("a.exampl"), -1 },
        { STR("a.examples"), -1 }, { STR(""), -1 }, { STR("."), -1 },
        { STR("a.example b"), -1 }, { STR("a.example\0b"), -1 },
        { STR("localhost"), 0 }, { STR("*.example"), 2 },
    };
    static char names[][32] = { " localhost ", " a.example q.test ",
        " *.example ", " example " };
    struct tls_set *set = seed__alloc_zeroed(
        sizeof *set + 4 * sizeof *set->hosts);
    static char long_name[300];

    (void)state;
    set->count = 4;
    for (int i = 0; i < 4; i++)
        set->hosts[i].names = names[i];
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tls_host *host = seed__tls_find(set, cases[i].name);

        assert_ptr_equal(host,
            cases[i].host < 0 ? NULL : set->hosts + cases[i].host);
    }
    memset(long_name, 'a', sizeof long_name);
    assert_null(seed__tls_find(set,
        (struct str){ long_name, sizeof long_name }));
    seed__release(set);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_lists),
        cmocka_unit_test(reads_a_certificates),
        cmocka_unit_test(finds_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
