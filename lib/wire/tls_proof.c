/* SPDX-License-Identifier: MIT */
/* A handshake with ourselves, in memory, before a certificate is taken. Where
 * memory is short OpenSSL makes a context all the same, without what it had no
 * memory for (a way to sign, for one), and says nothing: every client would be
 * refused until the next reload, which would not come, for this one was good.
 *
 * Nothing is asked of this client, for it has no certificate. */
#include "wire/tls_inside.h"

#include <seed/error.h>

#include <openssl/err.h>

enum { FLIGHTS = 8 };

static bool connect_both(SSL *server, SSL *client)
{
    BIO *ours, *theirs;

    if (!BIO_new_bio_pair(&ours, 0, &theirs, 0))
        return false;
    SSL_set_bio(server, ours, ours);
    SSL_set_bio(client, theirs, theirs);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    return true;
}

/* When the client is content, the server has signed and they share keys. */
static bool shake_hands(SSL *server, SSL *client)
{
    for (int i = 0; i < FLIGHTS; i++) {
        if (SSL_do_handshake(client) == 1)
            return true;
        SSL_do_handshake(server);
    }
    return false;
}

static SSL *make_client(const char *groups)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *client = NULL;

    if (context && SSL_CTX_set1_groups_list(context, groups)) {
        SSL_CTX_set_security_level(context, 2);
        client = SSL_new(context);
    }
    SSL_CTX_free(context);
    return client;
}

int seed__tls_prove(SSL_CTX *context, const char *name, const char *groups,
    char why[TLS_WHY])
{
    SSL *server = SSL_new(context), *client = make_client(groups);
    int error = 0;

    if (!server || !client || !connect_both(server, client)) {
        ERR_clear_error();
        error = seed__tls_refuse(why, SEED_ENOMEM, "TLS: %s",
            seed_strerror(SEED_ENOMEM));
    } else {
        SSL_set_verify(server, SSL_VERIFY_NONE, NULL);
        ERR_clear_error();
        if (!shake_hands(server, client))
            error = seed__tls_refuse(why, SEED_EINVAL, "No handshake can be "
                "made with the TLS certificate %.200s", name);
    }
    SSL_free(client);
    SSL_free(server);
    ERR_clear_error();
    return error;
}
