/* SPDX-License-Identifier: MIT */
/* TLS as its own files see it: those named tls_*.c are OpenSSL's door.
 *
 *     struct tls          a listener: what it was told, its tickets' keys
 *       struct tls_set    what came of it, until a reload; counted
 *         struct tls_host one certificate and what it asks of clients
 *     struct tls_mover    a connection; holds the set that it began with */
#ifndef WIRE_TLS_INSIDE_H
#define WIRE_TLS_INSIDE_H

#include "base/mem.h"
#include "base/str.h"
#include "wire/mover.h"
#include "wire/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <pthread.h>
#include <stdatomic.h>

enum { TLS_DIGEST = 32, TICKET_KEYS = 3, TICKET_NAME = 16, TICKET_KEY = 32 };

/* Strings of one certificate, copied: of options or of seed_tls_add_host(). */
struct tls_told {
    char *names, *cert, *key, *client_ca, *client_crl;
    bool client_optional;
};

struct tls_host {
    SSL_CTX *context;
    char *names; /* in lower case, a blank before and behind each; never NULL */
    unsigned char policy[TLS_DIGEST]; /* what it asks of clients              */
};

struct tls_set {
    atomic_uint uses;
    bool strict;   /* a name that is not known is refused                     */
    bool policies; /* not all hosts ask the same of clients                   */
    unsigned count;
    struct tls_host hosts[]; /* the first one is for whom no other is for     */
};

/* Keys of session tickets. The first one encrypts. */
struct ticket_key {
    unsigned char name[TICKET_NAME];
    unsigned char cipher[TICKET_KEY], mac[TICKET_KEY];
    uint64_t born; /* 0: there is none                                        */
};

struct tickets {
    pthread_mutex_t lock;
    struct ticket_key keys[TICKET_KEYS];
};

struct tls {
    struct mover_maker maker; /* first, so that a maker is its listener       */
    uint64_t number;          /* among the process's listeners                */
    struct tls_told *told;
    unsigned count;
    char *ciphers, *groups;
    bool strict, no_tickets;
    struct tickets tickets;

    pthread_mutex_t lock;
    struct tls_set *set, *next;
};

struct tls_mover {
    struct mover mover; /* first */
    SSL *ssl;
    struct tls_set *set;
    const struct tls_host *host; /* whom the client has asked for             */
    bool looked;  /* at the first byte                                        */
    bool emptied; /* this call has seen that the kernel has no more           */
    bool dead;    /* nothing may be said any more                             */
    bool parted;  /* close_notify has left                                    */
};

/* tls_pem.c: PEM text, from a file or as it is. Cleansed when it goes. */
struct pem {
    char *bytes;
    size_t length;
    const char *name; /* for sentences: the path, or "the text given" */
};

/* Returns 0 or SEED_E.... `what` begins the sentence: "The TLS key". */
int seed__pem_load(struct pem *out, const char *what, const char *source,
    char why[TLS_WHY]);
void seed__pem_clear(struct pem *pem);

/* Calls `take`, which owns what it gets and returns false when it has no use
 * for it, for each certificate. Returns how many; -1 for one that is none. */
int seed__pem_certificates(const struct pem *pem,
    bool (*take)(X509 *certificate, void *ctx), void *ctx);

/* The same of revocation lists. */
int seed__pem_lists(const struct pem *pem,
    bool (*take)(X509_CRL *list, void *ctx), void *ctx);

/* NULL when there is none, or it has a passphrase, which *locked tells. */
EVP_PKEY *seed__pem_key(const struct pem *pem, bool *locked);

/* Keeps a sentence, with OpenSSL's reason behind it when there is one, whose
 * queue is empty then. Returns the error. */
int seed__tls_refuse(char why[TLS_WHY], int error, const char *format, ...)
    SEED_PRINTF(3, 4);

/* tls_context.c: one SSL_CTX. `index` is the host's place among the
 * listener's, for its sessions. */
int seed__tls_context(struct tls_host *out, struct tls *tls, unsigned index,
    char why[TLS_WHY]);

/* tls_proof.c: whether handshakes can be made with a context that has its
 * certificate, which `name` names. */
int seed__tls_prove(SSL_CTX *context, const char *name, const char *groups,
    char why[TLS_WHY]);

/* tls_client.c: what is asked of clients. `policy` receives its digest, zeroes
 * when nothing is. */
int seed__tls_ask_clients(SSL_CTX *context, const struct tls_told *told,
    unsigned char policy[TLS_DIGEST], char why[TLS_WHY]);

/* tls_names.c: names of a certificate or of an option as in struct tls_host,
 * owned; NULL when memory is exhausted. */
char *seed__tls_names_of(X509 *certificate);
char *seed__tls_names_copy(const char *names);

/* The host for a name, or NULL when it is for none. */
const struct tls_host *seed__tls_find(const struct tls_set *set,
    struct str name);

/* tls_hello.c: the client's first message chooses the host. */
void seed__tls_choose_by_hello(SSL_CTX *context);

/* tls_tickets.c */
bool seed__tickets_init(struct tickets *tickets);
void seed__tickets_clear(struct tickets *tickets);
void seed__tickets_use(SSL_CTX *context);

/* Copies the key that encrypts at that time, made when it is due; false when
 * there is no random. */
bool seed__tickets_newest(struct tickets *tickets, uint64_t now,
    struct ticket_key *out);

/* Copies the key of that name; *old when a newer one is there. */
bool seed__tickets_find(struct tickets *tickets,
    const unsigned char name[TICKET_NAME], struct ticket_key *out, bool *old);

/* tls_set.c */
void seed__tls_set_drop(struct tls_set *set);
struct tls_set *seed__tls_set_hold(struct tls *tls);

/* tls_mover.c */
struct mover *seed__tls_mover_new(int fd, const struct mover_maker *maker);

/* tls_describe.c */
const struct seed_tls *seed__tls_describe(struct mover *mover,
    struct arena *arena);

#endif
