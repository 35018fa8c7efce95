/* SPDX-License-Identifier: MIT */
/* TLS, as the rooms see it that know nothing of OpenSSL: what a listener was
 * told, and the mover that its connections get. Every call is for any thread,
 * but for seed__tls_add(), which is for the setup. */
#ifndef WIRE_TLS_H
#define WIRE_TLS_H

#include <seed/tls.h>

struct tls;
struct mover_maker;

enum { TLS_WHY = 512 }; /* room for a sentence, without its full stop */

/* Copies the options and reads their files. Returns 0, or SEED_E... with a
 * sentence. */
int seed__tls_new(struct tls **out, const struct seed_tls_options *options,
    char why[TLS_WHY]);

/* Behind the last loop whose connections it has made movers for. */
void seed__tls_free(struct tls *tls);

/* One more certificate; before the first connection. Returns the same. */
int seed__tls_add(struct tls *tls, const struct seed_tls_host *host,
    char why[TLS_WHY]);

/* Reads all files again: what new connections get from seed__tls_commit() on.
 * Returns the same. */
int seed__tls_prepare(struct tls *tls, char why[TLS_WHY]);
void seed__tls_commit(struct tls *tls);
void seed__tls_abandon(struct tls *tls);

const struct mover_maker *seed__tls_maker(const struct tls *tls);

#endif
