/* SPDX-License-Identifier: MIT */
/* One certificate as OpenSSL wants it, with everything that a connection must
 * not do left out. Nothing leans on the system's openssl.cnf.
 *
 * shape: parameters: OpenSSL's type of callback has six. */
#include "wire/tls_inside.h"

#include <seed/error.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include <stdio.h>

static const char ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char groups[] = "X25519:P-256:P-384";

/* RFC 7301 3.2: without a protocol in common there is an alert. */
static int choose_protocol(SSL *ssl, const unsigned char **out,
    unsigned char *length, const unsigned char *offered, unsigned size,
    void *ctx)
{
    static const unsigned char ours[] = "\x08http/1.1";

    (void)ssl;
    (void)ctx;
    return SSL_select_next_proto((unsigned char **)(uintptr_t)out, length,
               ours, sizeof ours - 1, offered, size) == OPENSSL_NPN_NEGOTIATED
        ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* False when memory is exhausted. */
static bool set_rules(SSL_CTX *context, struct tls *tls)
{
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION
        | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
        | SSL_OP_PRIORITIZE_CHACHA
        | (tls->no_tickets ? SSL_OP_NO_TICKET : 0));
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE
        | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_recv_max_early_data(context, 0);

    /* A session lives in its ticket alone: no cache, so that workers share
     * them, and a second ticket would be a second write. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, tls->no_tickets ? 0 : 1);
    SSL_CTX_set_timeout(context, 2 * 3600);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    seed__tickets_use(context);
    seed__tls_choose_by_hello(context);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
        && SSL_CTX_set_app_data(context, tls) == 1;
}

static const char *groups_of(const struct tls *tls)
{
    return tls->groups ? tls->groups : groups;
}

static int set_lists(SSL_CTX *context, const struct tls *tls,
    char why[TLS_WHY])
{
    if (!SSL_CTX_set_cipher_list(context,
            tls->ciphers ? tls->ciphers : ciphers))
        return seed__tls_refuse(why, SEED_EINVAL,
            "No TLS cipher is known in the list \"%.200s\"", tls->ciphers);
    if (!SSL_CTX_set1_groups_list(context, groups_of(tls)))
        return seed__tls_refuse(why, SEED_EINVAL,
            "Not every TLS group is known in the list \"%.200s\"",
            tls->groups);
    return 0;
}

/* A session of one listener, certificate or demand on clients is none for
 * another: OpenSSL compares this before it resumes one. */
static bool separate_sessions(SSL_CTX *context, const struct tls *tls,
    unsigned index, const unsigned char policy[TLS_DIGEST])
{
    unsigned char text[sizeof tls->number + sizeof index + TLS_DIGEST];
    unsigned char name[TLS_DIGEST];

    memcpy(text, &tls->number, sizeof tls->number);
    memcpy(text + sizeof tls->number, &index, sizeof index);
    memcpy(text + sizeof tls->number + sizeof index, policy, TLS_DIGEST);
    return EVP_Digest(text, sizeof text, name, NULL, EVP_sha256(), NULL) == 1
        && SSL_CTX_set_session_id_context(context, name, sizeof name) == 1;
}

struct chain {
    SSL_CTX *context;
    bool has_first;
};

static bool take_certificate(X509 *certificate, void *ctx)
{
    struct chain *chain = ctx;
    bool good;

    if (chain->has_first)
        good = SSL_CTX_add1_chain_cert(chain->context, certificate) == 1;
    else
        good = SSL_CTX_use_certificate(chain->context, certificate) == 1;
    chain->has_first = true;
    X509_free(certificate);
    return good;
}

static int use_certificate(SSL_CTX *context, const struct pem *pem,
    char why[TLS_WHY])
{
    struct chain chain = { context, false };
    int count = seed__pem_certificates(pem, take_certificate, &chain);

    if (count > 0)
        return 0;
    return seed__tls_refuse(why, SEED_EINVAL, count
        ? "The TLS certificate %.200s cannot be used"
        : "The TLS certificate %.200s holds no certificate in PEM", pem->name);
}

static int use_key(SSL_CTX *context, const struct pem *pem,
    const char *cert, char why[TLS_WHY])
{
    bool locked;
    EVP_PKEY *key = seed__pem_key(pem, &locked);
    int error = 0;

    if (locked) {
        ERR_clear_error();
        error = seed__tls_refuse(why, SEED_EINVAL, "The TLS key %.200s has a "
            "passphrase; give one without (openssl pkey can take it away)",
            pem->name);
    } else if (!key) {
        error = seed__tls_refuse(why, SEED_EINVAL,
            "The TLS key %.200s holds no private key in PEM", pem->name);
    } else if (SSL_CTX_use_PrivateKey(context, key) != 1
        || SSL_CTX_check_private_key(context) != 1) {
        ERR_clear_error();
        error = seed__tls_refuse(why, SEED_EINVAL, "The TLS key %.200s is not "
            "that of the certificate %.200s", pem->name, cert);
    }
    EVP_PKEY_free(key);
    return error;
}

static int load_identity(SSL_CTX *context, const struct tls_told *told,
    const char *wanted, char why[TLS_WHY])
{
    struct pem cert, key = { NULL, 0, NULL };
    int error = seed__pem_load(&cert, "The TLS certificate", told->cert, why);

    if (!error)
        error = use_certificate(context, &cert, why);
    if (!error && told->key)
        error = seed__pem_load(&key, "The TLS key", told->key, why);
    if (!error)
        error = use_key(context, told->key ? &key : &cert, cert.name, why);
    if (!error)
        error = seed__tls_prove(context, cert.name, wanted, why);
    seed__pem_clear(&cert);
    seed__pem_clear(&key);
    return error;
}

static int fill(struct tls_host *out, struct tls *tls, unsigned index,
    char why[TLS_WHY])
{
    const struct tls_told *told = &tls->told[index];
    int error = set_lists(out->context, tls, why);

    if (!error)
        error = load_identity(out->context, told, groups_of(tls), why);
    if (!error)
        error = seed__tls_ask_clients(out->context, told, out->policy, why);
    if (error)
        return error;

    out->names = told->names ? seed__tls_names_copy(told->names)
        : seed__tls_names_of(SSL_CTX_get0_certificate(out->context));
    if (!out->names
        || !separate_sessions(out->context, tls, index, out->policy))
        return seed__tls_refuse(why, SEED_ENOMEM, "TLS: %s",
            seed_strerror(SEED_ENOMEM));
    if (index && !strcmp(out->names, " "))
        return seed__tls_refuse(why, SEED_EINVAL, "The TLS certificate %.200s "
            "is for no host: it has no DNS name, and none is given",
            told->cert);
    return 0;
}

int seed__tls_context(struct tls_host *out, struct tls *tls, unsigned index,
    char why[TLS_WHY])
{
    ERR_clear_error();
    out->context = SSL_CTX_new(TLS_server_method());
    if (!out->context || !set_rules(out->context, tls))
        return seed__tls_refuse(why, SEED_ENOMEM, "TLS: %s",
            seed_strerror(SEED_ENOMEM));

    return fill(out, tls, index, why);
}
