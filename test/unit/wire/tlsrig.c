/* SPDX-License-Identifier: MIT */
#include "unit/wire/tlsrig.h"

#include <seed/server.h>

#include <openssl/err.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

static int alert;

int tls_alert(void)
{
    return alert;
}

static void on_info(const SSL *ssl, int where, int value)
{
    (void)ssl;
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
        alert = value & 0xff;
}

void tls_rig_open(struct tls_rig *own, struct seed_tls_options options)
{
    char why[TLS_WHY] = "";

    memset(own, 0, sizeof *own);
    assert_int_equal(0, seed_tls_selfsigned("localhost", &own->cert,
        &own->key));
    if (!options.cert) {
        options.cert = own->cert;
        options.key = own->key;
    }
    assert_int_equal(0, seed__tls_new(&own->tls, &options, why));
    own->rig.maker = seed__tls_maker(own->tls);
    rig_open(&own->rig);
}

void tls_rig_close(struct tls_rig *own)
{
    rig_close(&own->rig);
    seed__tls_free(own->tls);
    seed_release(own->cert);
    seed_release(own->key);
}

void tls_dial(struct tls_rig *own, struct tls_client *client,
    const char *name)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    alert = 0;
    signal(SIGPIPE, SIG_IGN); /* OpenSSL's own sockets raise it */
    SSL_CTX_set_info_callback(context, on_info);
    client->fd = rig_connect(&own->rig);
    client->ssl = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(client->ssl, client->fd);
    SSL_set_connect_state(client->ssl);
    if (name)
        SSL_set_tlsext_host_name(client->ssl, name);
}

/* Loopback delivers soon, but not on every kernel at once. */
static void wait_a_moment(const struct tls_client *client)
{
    struct pollfd one = { .fd = client->fd, .events = POLLIN };

    poll(&one, 1, 100);
}

/* The client is done first in TLS 1.3. */
static bool settles(struct tls_rig *own)
{
    for (int i = 0; i < 50 && own->rig.loop->greeting; i++) {
        usleep(2000);
        rig_turn(&own->rig);
    }
    return true;
}

bool tls_shake(struct tls_rig *own, struct tls_client *client)
{
    for (int i = 0; i < 50; i++) {
        int result;

        ERR_clear_error();
        result = SSL_do_handshake(client->ssl);
        rig_turn(&own->rig);
        if (result == 1)
            return settles(own);
        if (SSL_get_error(client->ssl, result) != SSL_ERROR_WANT_READ)
            return false;
        wait_a_moment(client);
    }
    return false;
}

void tls_hang_up(struct tls_rig *own, struct tls_client *client)
{
    SSL_free(client->ssl);
    close(client->fd);
    rig_turn(&own->rig);
}

static const char *end_of(const SSL *ssl, int result)
{
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return "";
    case SSL_ERROR_ZERO_RETURN:
        return "NOTIFY";
    default:
        return "CUT";
    }
}

const char *tls_ask(struct tls_rig *own, struct tls_client *client,
    const char *text)
{
    static char reply[1 << 16];
    size_t length = 0;
    int result, quiet = 0;

    ERR_clear_error();
    if (*text)
        assert_int_equal(strlen(text),
            SSL_write(client->ssl, text, (int)strlen(text)));
    while (quiet < 2) {
        rig_turn(&own->rig);
        wait_a_moment(client);
        ERR_clear_error();
        result = SSL_read(client->ssl, reply + length,
            (int)(sizeof reply - length - 10));
        if (result > 0)
            length += (size_t)result;
        quiet = result > 0 ? 0 : quiet + 1;
    }
    strcpy(reply + length, end_of(client->ssl, result));
    return reply;
}

struct tls_mover *tls_mover_of(struct tls_rig *own)
{
    return (struct tls_mover *)rig_conn(&own->rig)->mover;
}
