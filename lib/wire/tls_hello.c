/* SPDX-License-Identifier: MIT */
/* Which certificate a client gets: by the name in its first message, and before
 * anything else of that message is looked at. Later, when OpenSSL's servername
 * callback runs, a session may have been resumed already by the rules of a host
 * that the client does not ask for (CVE-2025-23419 in nginx). */
#include "wire/tls_inside.h"

/* RFC 6066 3: a list of names, and of the one type there is, one name. */
static struct str name_in(SSL *ssl)
{
    static const struct str none = { NULL, 0 };
    const unsigned char *bytes;
    size_t length, name;

    if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes,
            &length) || length < 5)
        return none;

    name = (size_t)bytes[3] << 8 | bytes[4];
    if (bytes[2] != TLSEXT_NAMETYPE_host_name || name > length - 5)
        return none;
    return (struct str){ (const char *)bytes + 5, name };
}

/* Another context brings its certificate and authorities; what the connection
 * has copied from the first one is set here. */
static bool become(SSL *ssl, const struct tls_host *host)
{
    SSL_CTX *context = host->context;

    if (!SSL_set_SSL_CTX(ssl, context))
        return false;
    SSL_set_verify(ssl, SSL_CTX_get_verify_mode(context), NULL);
    SSL_set_verify_depth(ssl, SSL_CTX_get_verify_depth(context));
    return true;
}

static int on_hello(SSL *ssl, int *alert, void *ctx)
{
    struct tls_mover *own = SSL_get_app_data(ssl);
    struct tls_set *set;
    const struct tls_host *host;
    struct str name = name_in(ssl);

    (void)ctx;
    if (!own) /* a proof, tls_proof.c */
        return SSL_CLIENT_HELLO_SUCCESS;

    set = own->set;
    host = name.at ? seed__tls_find(set, name) : NULL;
    if (name.at && !host && set->strict) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_CLIENT_HELLO_ERROR;
    }
    own->host = host ? host : set->hosts;
    if (own->host == set->hosts || become(ssl, own->host))
        return SSL_CLIENT_HELLO_SUCCESS;

    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
}

/* Says to the client that its name was looked at. */
static int on_name(SSL *ssl, int *alert, void *ctx)
{
    (void)ssl;
    (void)alert;
    (void)ctx;
    return SSL_TLSEXT_ERR_OK;
}

void seed__tls_choose_by_hello(SSL_CTX *context)
{
    SSL_CTX_set_client_hello_cb(context, on_hello, NULL);
    SSL_CTX_set_tlsext_servername_callback(context, on_name);
}
