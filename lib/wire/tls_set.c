/* SPDX-License-Identifier: MIT */
/* What a TLS listener was told and what came of it. A reload makes a new set
 * beside the old one and swaps the two; each connection holds the set that it
 * began with, and the last one frees it. */
#include "wire/tls_inside.h"

#include <seed/error.h>

static const struct {
    unsigned timeout, handshakes;
} defaults = { 10000, 1000 };

static int out_of_memory(char why[TLS_WHY])
{
    return seed__tls_refuse(why, SEED_ENOMEM, "TLS: %s",
        seed_strerror(SEED_ENOMEM));
}

/* --- what it was told ----------------------------------------------------- */

static void forget(struct tls_told *told)
{
    seed__release(told->names);
    seed__release(told->cert);
    seed__release(told->key);
    seed__release(told->client_ca);
    seed__release(told->client_crl);
}

/* True when there was nothing to copy, or it is copied. */
static bool copy(char **out, const char *text)
{
    *out = text ? seed__copy_string(text) : NULL;
    return *out || !text;
}

/* Adds a certificate's options. Returns 0, SEED_EINVAL or SEED_ENOMEM. */
static int tell(struct tls *tls, const struct seed_tls_host *host,
    char why[TLS_WHY])
{
    struct tls_told *told = seed__resize(tls->told,
        (tls->count + 1) * sizeof *told);

    if (!told)
        return out_of_memory(why);
    tls->told = told;
    told += tls->count;
    *told = (struct tls_told){ .client_optional = host->client_optional };
    if (!host->cert)
        return seed__tls_refuse(why, SEED_EINVAL, "TLS needs a certificate: "
            "set cert to the path of a PEM file, or to PEM text");

    tls->count++;
    if (copy(&told->names, host->names) && copy(&told->cert, host->cert)
        && copy(&told->key, host->key)
        && copy(&told->client_ca, host->client_ca)
        && copy(&told->client_crl, host->client_crl))
        return 0;

    forget(told);
    tls->count--;
    return out_of_memory(why);
}

/* --- what came of it ------------------------------------------------------ */

void seed__tls_set_drop(struct tls_set *set)
{
    if (!set || atomic_fetch_sub(&set->uses, 1) > 1)
        return;

    for (unsigned i = 0; i < set->count; i++) {
        SSL_CTX_free(set->hosts[i].context);
        seed__release(set->hosts[i].names);
    }
    seed__release(set);
}

struct tls_set *seed__tls_set_hold(struct tls *tls)
{
    struct tls_set *set;

    pthread_mutex_lock(&tls->lock);
    set = tls->set;
    atomic_fetch_add(&set->uses, 1);
    pthread_mutex_unlock(&tls->lock);
    return set;
}

static int make_set(struct tls_set **out, struct tls *tls, char why[TLS_WHY])
{
    struct tls_set *set = seed__alloc_zeroed(
        sizeof *set + tls->count * sizeof *set->hosts);
    int error = 0;

    if (!set)
        return out_of_memory(why);

    atomic_init(&set->uses, 1);
    set->strict = tls->strict;
    while (!error && set->count < tls->count) {
        struct tls_host *host = &set->hosts[set->count++];

        error = seed__tls_context(host, tls, set->count - 1, why);
        set->policies |= memcmp(host->policy, set->hosts[0].policy,
            TLS_DIGEST) != 0;
    }
    if (error) {
        seed__tls_set_drop(set);
        return error;
    }
    *out = set;
    return 0;
}

int seed__tls_prepare(struct tls *tls, char why[TLS_WHY])
{
    return make_set(&tls->next, tls, why);
}

void seed__tls_commit(struct tls *tls)
{
    struct tls_set *old;

    pthread_mutex_lock(&tls->lock);
    old = tls->set;
    tls->set = tls->next;
    tls->next = NULL;
    pthread_mutex_unlock(&tls->lock);
    seed__tls_set_drop(old);
}

void seed__tls_abandon(struct tls *tls)
{
    seed__tls_set_drop(tls->next);
    tls->next = NULL;
}

static int add(struct tls *tls, const struct seed_tls_host *host,
    char why[TLS_WHY])
{
    int error = tell(tls, host, why);

    if (error)
        return error;
    error = seed__tls_prepare(tls, why);
    if (!error)
        seed__tls_commit(tls);
    return error;
}

int seed__tls_add(struct tls *tls, const struct seed_tls_host *host,
    char why[TLS_WHY])
{
    return add(tls, host, why);
}

/* --- the listener --------------------------------------------------------- */

static bool init(struct tls *tls, const struct seed_tls_options *options)
{
    static atomic_uint_fast64_t given;
    unsigned timeout = options->handshake_timeout;
    unsigned most = options->max_handshakes;

    tls->number = atomic_fetch_add(&given, 1) + 1;
    tls->maker = (struct mover_maker){
        .make = seed__tls_mover_new,
        .greetings_most = most ? most : defaults.handshakes,
        .patience = (timeout ? timeout : defaults.timeout)
            * UINT64_C(1000000),
    };
    tls->strict = options->strict_names;
    tls->no_tickets = options->no_tickets;
    if (pthread_mutex_init(&tls->lock, NULL))
        return false;
    if (!seed__tickets_init(&tls->tickets)) {
        pthread_mutex_destroy(&tls->lock);
        return false;
    }
    return true;
}

int seed__tls_new(struct tls **out, const struct seed_tls_options *options,
    char why[TLS_WHY])
{
    struct seed_tls_host first = { NULL, options->cert, options->key,
        options->client_ca, options->client_crl, options->client_optional };
    struct tls *tls = seed__alloc_zeroed(sizeof *tls);
    int error;

    if (!tls || !init(tls, options)) {
        seed__release(tls);
        return out_of_memory(why);
    }

    if (copy(&tls->ciphers, options->ciphers)
        && copy(&tls->groups, options->groups))
        error = add(tls, &first, why);
    else
        error = out_of_memory(why);
    if (error) {
        seed__tls_free(tls);
        return error;
    }
    *out = tls;
    return 0;
}

void seed__tls_free(struct tls *tls)
{
    if (!tls)
        return;

    seed__tls_set_drop(tls->set);
    seed__tls_set_drop(tls->next);
    for (unsigned i = 0; i < tls->count; i++)
        forget(&tls->told[i]);
    seed__release(tls->told);
    seed__release(tls->ciphers);
    seed__release(tls->groups);
    seed__tickets_clear(&tls->tickets);
    pthread_mutex_destroy(&tls->lock);
    seed__release(tls);
}

const struct mover_maker *seed__tls_maker(const struct tls *tls)
{
    return &tls->maker;
}
