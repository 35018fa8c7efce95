/* SPDX-License-Identifier: MIT */
/* PEM text, from files or as it is, and sentences about what is wrong. Files
 * are read here and not by OpenSSL, so that a sentence has the system's reason,
 * and so that a key with a passphrase never makes a server ask its terminal. */
#include "wire/tls_inside.h"

#include <seed/error.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { PEM_MOST = 4 << 20 };

int seed__tls_refuse(char why[TLS_WHY], int error, const char *format, ...)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    size_t length;
    va_list list;

    va_start(list, format);
    vsnprintf(why, TLS_WHY, format, list);
    va_end(list);
    length = strlen(why);
    if (reason)
        snprintf(why + length, TLS_WHY - length, " (OpenSSL: %s)", reason);
    ERR_clear_error();
    return error;
}

static int refuse_file(struct pem *pem, const char *what, const char *because,
    char why[TLS_WHY])
{
    ERR_clear_error();
    return seed__tls_refuse(why, SEED_EINVAL, "%s %.200s cannot be read: %s",
        what, pem->name, because);
}

/* Reads until the end; false with errno, which is EFBIG over the limit. */
static bool read_all(struct pem *out, int fd)
{
    ssize_t count;

    out->bytes = seed__alloc(PEM_MOST);
    if (!out->bytes)
        return false;

    while ((count = read(fd, out->bytes + out->length,
                PEM_MOST - out->length)) > 0)
        out->length += (size_t)count;
    if (out->length == PEM_MOST)
        errno = EFBIG;
    return !count && out->length < PEM_MOST;
}

static int load_file(struct pem *out, const char *what, const char *path,
    char why[TLS_WHY])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), number;
    char *fitting;
    bool whole;

    if (fd < 0)
        return refuse_file(out, what, strerror(errno), why);

    whole = read_all(out, fd);
    number = errno;
    close(fd);
    if (!whole) {
        seed__pem_clear(out);
        return refuse_file(out, what, strerror(number), why);
    }
    fitting = seed__resize(out->bytes, out->length + 1);
    out->bytes = fitting ? fitting : out->bytes;
    return 0;
}

int seed__pem_load(struct pem *out, const char *what, const char *source,
    char why[TLS_WHY])
{
    *out = (struct pem){ .name = source };
    if (strncmp(source, "-----BEGIN", 10) != 0)
        return load_file(out, what, source, why);

    out->name = "that was given as text";
    out->bytes = seed__copy_string(source);
    if (!out->bytes)
        return seed__tls_refuse(why, SEED_ENOMEM, "%s: %s", what,
            seed_strerror(SEED_ENOMEM));
    out->length = strlen(source);
    return 0;
}

void seed__pem_clear(struct pem *pem)
{
    if (pem->bytes)
        OPENSSL_cleanse(pem->bytes, pem->length);
    seed__release(pem->bytes);
    pem->bytes = NULL;
    pem->length = 0;
}

static BIO *open_text(const struct pem *pem)
{
    ERR_clear_error();
    return BIO_new_mem_buf(pem->bytes ? pem->bytes : "", (int)pem->length);
}

/* The end of the text is the one error that is none. */
static bool at_end(void)
{
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return false;

    ERR_clear_error();
    return true;
}

int seed__pem_certificates(const struct pem *pem,
    bool (*take)(X509 *certificate, void *ctx), void *ctx)
{
    BIO *text = open_text(pem);
    X509 *certificate = NULL;
    int count = 0;
    bool good = text != NULL;

    while (good && (certificate = PEM_read_bio_X509(text, NULL, NULL, NULL))) {
        good = take(certificate, ctx);
        count++;
    }
    BIO_free(text);
    return good && at_end() ? count : -1;
}

int seed__pem_lists(const struct pem *pem,
    bool (*take)(X509_CRL *list, void *ctx), void *ctx)
{
    BIO *text = open_text(pem);
    X509_CRL *list = NULL;
    int count = 0;
    bool good = text != NULL;

    while (good && (list = PEM_read_bio_X509_CRL(text, NULL, NULL, NULL))) {
        good = take(list, ctx);
        count++;
    }
    BIO_free(text);
    return good && at_end() ? count : -1;
}

/* There is no passphrase, and nobody to ask for one. */
static int refuse_passphrase(char *out, int room, int writing, void *ctx)
{
    (void)out;
    (void)room;
    (void)writing;
    *(bool *)ctx = true;
    return -1;
}

EVP_PKEY *seed__pem_key(const struct pem *pem, bool *locked)
{
    BIO *text = open_text(pem);
    EVP_PKEY *key;

    *locked = false;
    if (!text)
        return NULL;

    key = PEM_read_bio_PrivateKey(text, NULL, refuse_passphrase, locked);
    BIO_free(text);
    return key;
}
