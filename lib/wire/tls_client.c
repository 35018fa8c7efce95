/* SPDX-License-Identifier: MIT */
/* What is asked of clients: a certificate that leads to one of the authorities
 * that the listener was told, and to none that the system knows. */
#include "wire/tls_inside.h"

#include <seed/error.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

enum { DEPTH_MOST = 4 };

/* An authority is trusted, and named to the client, which has several
 * certificates perhaps. */
static bool take_authority(X509 *certificate, void *ctx)
{
    SSL_CTX *context = ctx;
    bool good = X509_STORE_add_cert(SSL_CTX_get_cert_store(context),
                    certificate) == 1
        && SSL_CTX_add_client_CA(context, certificate) == 1;

    X509_free(certificate);
    return good;
}

static int load_authorities(SSL_CTX *context, const struct pem *pem,
    char why[TLS_WHY])
{
    int count = seed__pem_certificates(pem, take_authority, context);

    if (count > 0)
        return 0;
    return seed__tls_refuse(why, SEED_EINVAL, count
        ? "The TLS client authorities %.200s are not all certificates"
        : "The TLS client authorities %.200s hold no certificate in PEM",
        pem->name);
}

static bool take_list(X509_CRL *list, void *ctx)
{
    bool good = X509_STORE_add_crl(SSL_CTX_get_cert_store(ctx), list) == 1;

    X509_CRL_free(list);
    return good;
}

/* Half of them would refuse every client of an authority whose list is
 * missing. */
static int load_revoked(SSL_CTX *context, const struct pem *pem,
    char why[TLS_WHY])
{
    int count = seed__pem_lists(pem, take_list, context);

    if (count <= 0)
        return seed__tls_refuse(why, SEED_EINVAL, count
            ? "The TLS revocation lists %.200s are not all lists"
            : "The TLS revocation list %.200s holds no list in PEM",
            pem->name);

    X509_STORE_set_flags(SSL_CTX_get_cert_store(context),
        X509_V_FLAG_CRL_CHECK);
    return 0;
}

/* Whoever asks the same of clients has the same digest. */
static bool digest(unsigned char out[TLS_DIGEST], bool optional,
    const struct pem *ca, const struct pem *crl)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char first = optional ? 2 : 1;
    bool good = context
        && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1
        && EVP_DigestUpdate(context, &first, 1) == 1
        && EVP_DigestUpdate(context, ca->bytes, ca->length) == 1
        && EVP_DigestUpdate(context, crl->bytes, crl->length) == 1
        && EVP_DigestFinal_ex(context, out, NULL) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

static int load_both(SSL_CTX *context, const struct tls_told *told,
    unsigned char policy[TLS_DIGEST], char why[TLS_WHY])
{
    struct pem ca, crl = { NULL, 0, NULL };
    int error = seed__pem_load(&ca, "The TLS client authorities",
        told->client_ca, why);

    if (!error)
        error = load_authorities(context, &ca, why);
    if (!error && told->client_crl)
        error = seed__pem_load(&crl, "The TLS revocation list",
            told->client_crl, why);
    if (!error && told->client_crl)
        error = load_revoked(context, &crl, why);
    if (!error && !digest(policy, told->client_optional, &ca, &crl))
        error = seed__tls_refuse(why, SEED_ENOMEM, "TLS: %s",
            seed_strerror(SEED_ENOMEM));
    seed__pem_clear(&ca);
    seed__pem_clear(&crl);
    return error;
}

int seed__tls_ask_clients(SSL_CTX *context, const struct tls_told *told,
    unsigned char policy[TLS_DIGEST], char why[TLS_WHY])
{
    int error;

    memset(policy, 0, TLS_DIGEST);
    if (!told->client_ca && !told->client_crl && !told->client_optional)
        return 0;
    if (!told->client_ca)
        return seed__tls_refuse(why, SEED_EINVAL, "TLS is told more of "
            "clients' certificates, but not whose they are: set client_ca");

    error = load_both(context, told, policy, why);
    if (error)
        return error;

    /* No callback, so that OpenSSL's own verdict stands. */
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (told->client_optional
        ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), NULL);
    SSL_CTX_set_verify_depth(context, DEPTH_MOST);
    return 0;
}
