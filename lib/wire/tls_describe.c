/* SPDX-License-Identifier: MIT */
/* What a connection has agreed on, for handlers. Made in the request's memory,
 * which outlives the connection. */
#include "wire/tls_inside.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <stdio.h>

/* What a BIO of memory has gathered; frees it. NULL without memory. */
static const char *take_text(BIO *bio, bool good, struct arena *arena)
{
    char *bytes = NULL;
    long length = bio ? BIO_get_mem_data(bio, &bytes) : 0;
    const char *text = good && bio
        ? seed__arena_copy(arena, bytes ? bytes : "", (size_t)length) : NULL;

    BIO_free(bio);
    return text;
}

static const char *name_text(const X509_NAME *name, struct arena *arena)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool good = bio && X509_NAME_print_ex(bio, name, 0,
        XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0;

    return take_text(bio, good, arena);
}

static const char *hex(const unsigned char *bytes, unsigned length,
    struct arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    char *text = seed__arena_bytes(arena, 2 * length + 1);

    if (!text)
        return NULL;
    for (unsigned i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = '\0';
    return text;
}

static const char *fingerprint(const X509 *certificate, struct arena *arena)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (X509_digest(certificate, EVP_sha256(), bytes, &length) != 1)
        return NULL;
    return hex(bytes, length, arena);
}

static const char *serial(const X509 *certificate, struct arena *arena)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(
        X509_get0_serialNumber(certificate), NULL);
    char *text = number ? BN_bn2hex(number) : NULL;
    const char *copy = text ? seed__arena_copy(arena, text, strlen(text))
                            : NULL;

    OPENSSL_free(text);
    BN_free(number);
    return copy;
}

static const char *labelled(const char *label, const ASN1_STRING *value,
    struct arena *arena)
{
    const char *bytes = (const char *)ASN1_STRING_get0_data(value);
    size_t length = (size_t)ASN1_STRING_length(value), at = strlen(label);
    char *text;

    /* A NUL would end the string where the name does not end. */
    if (memchr(bytes, '\0', length))
        return NULL;

    text = seed__arena_bytes(arena, at + length + 1);
    if (!text)
        return NULL;
    memcpy(text, label, at);
    memcpy(text + at, bytes, length);
    text[at + length] = '\0';
    return text;
}

static const char *address(const ASN1_OCTET_STRING *value,
    struct arena *arena)
{
    char text[3 + INET6_ADDRSTRLEN] = "IP:";
    int length = ASN1_STRING_length(value);
    int family = length == 4 ? AF_INET : length == 16 ? AF_INET6 : -1;

    if (family < 0 || !inet_ntop(family, ASN1_STRING_get0_data(value),
            text + 3, sizeof text - 3))
        return NULL;
    return seed__arena_copy(arena, text, strlen(text));
}

/* NULL for kinds that nobody names a client by. */
static const char *alternative(const GENERAL_NAME *name, struct arena *arena)
{
    switch (name->type) {
    case GEN_DNS:
        return labelled("DNS:", name->d.dNSName, arena);
    case GEN_EMAIL:
        return labelled("EMAIL:", name->d.rfc822Name, arena);
    case GEN_URI:
        return labelled("URI:", name->d.uniformResourceIdentifier, arena);
    case GEN_IPADD:
        return address(name->d.iPAddress, arena);
    default:
        return NULL;
    }
}

static void add_names(struct seed_tls *out, const X509 *certificate,
    struct arena *arena)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate,
        NID_subject_alt_name, NULL, NULL);
    int count = names ? sk_GENERAL_NAME_num(names) : 0;
    const char **list = count ? seed__arena_alloc(arena,
        (size_t)count * sizeof *list) : NULL;

    for (int i = 0; list && i < count; i++) {
        const char *text = alternative(sk_GENERAL_NAME_value(names, i), arena);

        if (text)
            list[out->name_count++] = text;
    }
    out->names = list;
    GENERAL_NAMES_free(names);
}

/* False when a part of it could not be said: then it must not look as if the
 * client had shown none. */
static bool add_peer(struct seed_tls *out, const SSL *ssl,
    struct arena *arena)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);

    if (!certificate)
        return true;

    out->subject = name_text(X509_get_subject_name(certificate), arena);
    out->issuer = name_text(X509_get_issuer_name(certificate), arena);
    out->serial = serial(certificate, arena);
    out->fingerprint = fingerprint(certificate, arena);
    add_names(out, certificate, arena);
    return out->subject && out->issuer && out->serial && out->fingerprint;
}

const struct seed_tls *seed__tls_describe(struct mover *mover,
    struct arena *arena)
{
    const SSL *ssl = ((struct tls_mover *)mover)->ssl;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    struct seed_tls *out = seed__arena_alloc(arena, sizeof *out);

    if (!out)
        return NULL;

    *out = (struct seed_tls){ .resumed = SSL_session_reused(ssl) };
    out->version = SSL_get_version(ssl);
    out->cipher = SSL_get_cipher_name(ssl);
    if (name)
        out->server_name = seed__arena_copy(arena, name, strlen(name));
    return add_peer(out, ssl, arena) ? out : NULL;
}
