/* SPDX-License-Identifier: MIT */
/* Keys of session tickets (RFC 8446 2.2, RFC 5077 4): a client that shows its
 * ticket again resumes its session at whichever worker. A key encrypts for
 * twelve hours; two old ones still decrypt, and then what they have sealed is
 * lost for good.
 *
 * shape: parameters: OpenSSL's type of callback has six. */
#include "wire/tls_inside.h"

#include "base/clock.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#define KEY_LIFE (UINT64_C(12) * 3600 * 1000000000)

bool seed__tickets_init(struct tickets *tickets)
{
    memset(tickets->keys, 0, sizeof tickets->keys);
    return !pthread_mutex_init(&tickets->lock, NULL);
}

void seed__tickets_clear(struct tickets *tickets)
{
    OPENSSL_cleanse(tickets->keys, sizeof tickets->keys);
    pthread_mutex_destroy(&tickets->lock);
}

static bool make_key(struct ticket_key *key, uint64_t now)
{
    key->born = now ? now : 1;
    return RAND_bytes(key->name, sizeof key->name) == 1
        && RAND_priv_bytes(key->cipher, sizeof key->cipher) == 1
        && RAND_priv_bytes(key->mac, sizeof key->mac) == 1;
}

/* With the lock held; `now` was read before, and who had it meanwhile may have
 * made a key later. Each of the old ones is dropped at its age, however long
 * nobody has come. */
static bool rotate(struct tickets *tickets, uint64_t now)
{
    struct ticket_key *keys = tickets->keys;
    struct ticket_key fresh;

    if (keys->born && now < keys->born + KEY_LIFE)
        return true;
    if (!make_key(&fresh, now))
        return false;

    memmove(keys + 1, keys, (TICKET_KEYS - 1) * sizeof *keys);
    keys[0] = fresh;
    for (int i = 1; i < TICKET_KEYS; i++)
        if (now >= keys[i].born + TICKET_KEYS * KEY_LIFE)
            OPENSSL_cleanse(&keys[i], sizeof keys[i]);
    OPENSSL_cleanse(&fresh, sizeof fresh);
    return true;
}

bool seed__tickets_newest(struct tickets *tickets, uint64_t now,
    struct ticket_key *out)
{
    bool good;

    pthread_mutex_lock(&tickets->lock);
    good = rotate(tickets, now);
    *out = tickets->keys[0];
    pthread_mutex_unlock(&tickets->lock);
    return good;
}

bool seed__tickets_find(struct tickets *tickets,
    const unsigned char name[TICKET_NAME], struct ticket_key *out, bool *old)
{
    bool found = false;

    pthread_mutex_lock(&tickets->lock);
    for (int i = 0; i < TICKET_KEYS && !found; i++) {
        const struct ticket_key *key = &tickets->keys[i];

        if (!key->born || CRYPTO_memcmp(key->name, name, TICKET_NAME))
            continue;
        found = true;
        *old = i > 0;
        *out = *key;
    }
    pthread_mutex_unlock(&tickets->lock);
    return found;
}

static bool set_mac(EVP_MAC_CTX *mac, struct ticket_key *key)
{
    OSSL_PARAM list[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac,
            sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
            (char[]){ "SHA256" }, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_MAC_CTX_set_params(mac, list) == 1;
}

/* RFC 5077 4 advises AES in CBC and HMAC, as OpenSSL itself does. */
static bool set_both(struct ticket_key *key, unsigned char *vector,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher,
               vector, encrypt) == 1
        && set_mac(mac, key);
}

static int seal(struct tickets *tickets, unsigned char *name,
    unsigned char *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    struct ticket_key key;
    bool good = seed__tickets_newest(tickets, seed__now(), &key)
        && RAND_bytes(vector, EVP_MAX_IV_LENGTH) == 1
        && set_both(&key, vector, cipher, mac, 1);

    memcpy(name, key.name, TICKET_NAME);
    OPENSSL_cleanse(&key, sizeof key);
    return good ? 1 : -1;
}

/* A ticket that nobody knows means a whole handshake, and one of an old key
 * gets a new ticket. */
static int open_ticket(struct tickets *tickets, const unsigned char *name,
    unsigned char *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    struct ticket_key key;
    bool old = false, good;

    if (!seed__tickets_find(tickets, name, &key, &old))
        return 0;

    good = set_both(&key, vector, cipher, mac, 0);
    OPENSSL_cleanse(&key, sizeof key);
    return good ? old ? 2 : 1 : -1;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *vector,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
    struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    if (encrypt)
        return seal(&tls->tickets, name, vector, cipher, mac);
    return open_ticket(&tls->tickets, name, vector, cipher, mac);
}

void seed__tickets_use(SSL_CTX *context)
{
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}
