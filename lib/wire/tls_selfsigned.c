/* SPDX-License-Identifier: MIT */
/* A key and a certificate that it signs itself, for trying TLS. */
#include "wire/tls_inside.h"

#include <seed/error.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <stdio.h>

enum { SERIAL_BYTES = 16, DAYS = 30, NAMES_MOST = 1000 };

static bool is_address(const char *name)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, name, bytes) == 1
        || inet_pton(AF_INET6, name, bytes) == 1;
}

/* What could be meant for more than a name in OpenSSL's little language. */
static bool is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*");

    return length && !name[length];
}

/* "localhost ::1" to "DNS:localhost,IP:::1". */
static bool write_names(char *out, size_t room, const char *names)
{
    char copy[NAMES_MOST], *rest = copy, *name;
    size_t length = 0;

    if (strlen(names) >= sizeof copy)
        return false;

    memcpy(copy, names, strlen(names) + 1);
    while ((name = strtok_r(rest, " ", &rest))) {
        bool address = is_address(name);

        if (!address && !is_name(name))
            return false;
        length += (size_t)snprintf(out + length, room - length, "%s%s:%s",
            length ? "," : "", address ? "IP" : "DNS", name);
    }
    return length > 0;
}

static bool add(X509 *certificate, int what, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool good;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
    good = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

/* RFC 5280 4.1.2.2: a number of its own, positive. */
static bool set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];
    BIGNUM *number;
    bool good;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    good = number && BN_to_ASN1_INTEGER(number,
        X509_get_serialNumber(certificate));
    BN_free(number);
    return good;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *names)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    return X509_set_version(certificate, X509_VERSION_3) == 1
        && set_serial(certificate)
        && X509_gmtime_adj(X509_getm_notBefore(certificate), -3600)
        && X509_gmtime_adj(X509_getm_notAfter(certificate), DAYS * 86400L)
        && X509_set_pubkey(certificate, key) == 1
        && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
               (const unsigned char *)"libseed, self-signed", -1, -1, 0) == 1
        && X509_set_issuer_name(certificate, subject) == 1
        && add(certificate, NID_subject_alt_name, names)
        && add(certificate, NID_basic_constraints, "critical,CA:FALSE")
        && add(certificate, NID_key_usage, "critical,digitalSignature")
        && add(certificate, NID_ext_key_usage, "serverAuth")
        && X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* Frees the BIO. */
static char *copy_text(BIO *bio, bool good)
{
    char *bytes, *text = NULL;
    long length = bio ? BIO_get_mem_data(bio, &bytes) : 0;

    if (good && length > 0)
        text = seed__alloc((size_t)length + 1);
    if (text) {
        memcpy(text, bytes, (size_t)length);
        text[length] = '\0';
    }
    BIO_free(bio);
    return text;
}

static void write_both(X509 *certificate, EVP_PKEY *pair, char **cert,
    char **key)
{
    BIO *first = BIO_new(BIO_s_mem()), *second = BIO_new(BIO_s_secmem());

    *cert = copy_text(first,
        first && PEM_write_bio_X509(first, certificate) == 1);
    *key = copy_text(second, second && PEM_write_bio_PrivateKey(second, pair,
        NULL, NULL, 0, NULL, NULL) == 1);
}

static int make(const char *names, char **cert, char **key)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    int error = 0;

    if (!pair || !certificate || !fill(certificate, pair, names))
        error = SEED_ESYSTEM;
    else
        write_both(certificate, pair, cert, key);
    X509_free(certificate);
    EVP_PKEY_free(pair);
    ERR_clear_error();
    return error;
}

int seed_tls_selfsigned(const char *names, char **cert, char **key)
{
    char list[6 * NAMES_MOST];
    int error;

    *cert = *key = NULL;
    if (!names || !write_names(list, sizeof list, names))
        return SEED_EINVAL;

    error = make(list, cert, key);
    if (!error && *cert && *key)
        return 0;

    seed__release(*cert);
    seed__release(*key);
    *cert = *key = NULL;
    return error ? error : SEED_ENOMEM;
}
