/* SPDX-License-Identifier: MIT */
/* The rig with a listener that speaks TLS, and a client that does. */
#ifndef UNIT_WIRE_TLSRIG_H
#define UNIT_WIRE_TLSRIG_H

#include "unit/wire/rig.h"
#include "wire/tls_inside.h"

struct tls_rig {
    struct rig rig;
    struct tls *tls;
    char *cert, *key; /* PEM text of the listener's own              */
};

struct tls_client {
    int fd;
    SSL *ssl;
};

/* With a certificate made for "localhost" unless the options have one. */
void tls_rig_open(struct tls_rig *own, struct seed_tls_options options);
void tls_rig_close(struct tls_rig *own);

/* Connects without a handshake; `name` is asked for unless it is NULL. */
void tls_dial(struct tls_rig *own, struct tls_client *client,
    const char *name);

/* Goes through with it; true when both have agreed. */
bool tls_shake(struct tls_rig *own, struct tls_client *client);
void tls_hang_up(struct tls_rig *own, struct tls_client *client);

/* Sends text and reads what comes; "NOTIFY" and "CUT" at the end stand for
 * close_notify, and for an end without it. Static. */
const char *tls_ask(struct tls_rig *own, struct tls_client *client,
    const char *text);

/* The last alert's number that this client has got, or 0. */
int tls_alert(void);

/* The server's side of the rig's one connection. */
struct tls_mover *tls_mover_of(struct tls_rig *own);

#endif
