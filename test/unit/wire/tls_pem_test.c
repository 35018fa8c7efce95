/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/error.h>
#include <seed/server.h>

#include <openssl/err.h>

#include <unistd.h>

static char *cert, *key;

static int make(void **state)
{
    (void)state;
    return seed_tls_selfsigned("localhost", &cert, &key);
}

static int release(void **state)
{
    (void)state;
    seed_release(cert);
    seed_release(key);
    return 0;
}

static void loads_files_and_text(void **state)
{
    char path[] = "/tmp/seed-pem-XXXXXX", why[TLS_WHY];
    int fd = mkstemp(path);
    struct pem pem;

    (void)state;
    assert_int_equal(write(fd, cert, strlen(cert)), strlen(cert));
    close(fd);
    assert_int_equal(0, seed__pem_load(&pem, "It", path, why));
    assert_int_equal(pem.length, strlen(cert));
    assert_memory_equal(pem.bytes, cert, pem.length);
    assert_string_equal(pem.name, path);
    seed__pem_clear(&pem);
    unlink(path);

    assert_int_equal(0, seed__pem_load(&pem, "It", cert, why));
    assert_int_equal(pem.length, strlen(cert));
    seed__pem_clear(&pem);
    assert_null(pem.bytes);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *path, *why;
    } cases[] = {
        { "/nowhere/cert", "It /nowhere/cert cannot be read: No such file or "
                           "directory" },
        { "/tmp", "It /tmp cannot be read: Is a directory" },
        { "/dev/zero", "It /dev/zero cannot be read: File too large" },
    };
    char why[TLS_WHY];
    struct pem pem;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(SEED_EINVAL, seed__pem_load(&pem, "It",
            cases[i].path, why));
        assert_string_equal(why, cases[i].why);
        assert_null(pem.bytes);
    }
}

static bool take(X509 *certificate, void *ctx)
{
    int *left = ctx;

    X509_free(certificate);
    return (*left)-- > 0;
}

static int count(const char *first, const char *second, int left)
{
    char text[8000];
    struct pem pem = { text, 0, "it" };

    pem.length = (size_t)snprintf(text, sizeof text, "%s%s", first, second);
    return seed__pem_certificates(&pem, take, &left);
}

static void counts_certificates(void **state)
{
    (void)state;
    assert_int_equal(0, count("", "", 9));
    assert_int_equal(0, count("nothing\n", "", 9));
    assert_int_equal(0, count(key, "", 9));
    assert_int_equal(1, count(cert, "", 9));
    assert_int_equal(2, count(cert, cert, 9));
    assert_int_equal(1, count(key, cert, 9));
    assert_int_equal(-1, count(cert, cert, 1)); /* not taken */
    assert_int_equal(0, ERR_peek_error());
    assert_int_equal(-1, count(cert, "-----BEGIN CERTIFICATE-----\nAAAA\n"
        "-----END CERTIFICATE-----\n", 9));
    ERR_clear_error();
}

static void finds_keys(void **state)
{
    static const char locked_key[] =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjiHFBfBdY3bwICCAAw\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n";
    struct pem pem = { key, strlen(key), "it" };
    bool locked;
    EVP_PKEY *found = seed__pem_key(&pem, &locked);

    (void)state;
    assert_non_null(found);
    assert_false(locked);
    EVP_PKEY_free(found);

    pem = (struct pem){ cert, strlen(cert), "it" };
    assert_null(seed__pem_key(&pem, &locked));
    assert_false(locked);
    pem = (struct pem){ (char *)(uintptr_t)locked_key, sizeof locked_key - 1,
        "it" };
    assert_null(seed__pem_key(&pem, &locked));
    ERR_clear_error();
}

static void adds_the_reason_of_openssl(void **state)
{
    char why[TLS_WHY];

    (void)state;
    OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL); /* its words */
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_PACKET);
    assert_int_equal(7, seed__tls_refuse(why, 7, "It %s", "failed"));
    assert_string_equal(why, "It failed (OpenSSL: bad packet)");
    assert_int_equal(7, seed__tls_refuse(why, 7, "Again"));
    assert_string_equal(why, "Again");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_files_and_text),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(counts_certificates),
        cmocka_unit_test(finds_keys),
        cmocka_unit_test(adds_the_reason_of_openssl),
    };

    return cmocka_run_group_tests(tests, make, release);
}
