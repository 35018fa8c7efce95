/* SPDX-License-Identifier: MIT */
/* Looking a digest up costs OpenSSL 3 more than hashing a short key with it,
 * so each is looked up once a process, and each thread keeps one context. */
#include "base/digest.h"

#include "base/mem.h"
#include "base/str.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <seed/error.h>
#include <seed/plugin.h>

enum { DIGEST_MAX = 64 }; /* bytes of the longest one, SHA-512 */

static const struct {
    const char *name;
    size_t size;
} kinds[] = {
    [SEED_SHA1] = {"SHA1", 20},
    [SEED_SHA256] = {"SHA256", 32},
    [SEED_SHA512] = {"SHA512", 64},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *found[COUNT(kinds)]; /* for the life of the process */
static pthread_key_t at_exit;
static bool has_key;

/* The thread that runs main() never calls the key's destructor; this pointer
 * keeps its context reachable for leak checkers. */
static _Thread_local EVP_MD_CTX *mine;

static void free_context(void *context)
{
    mine = NULL;
    EVP_MD_CTX_free(context);
}

static void look_up(void)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        found[i] = EVP_MD_fetch(NULL, kinds[i].name, NULL);
    has_key = !pthread_key_create(&at_exit, free_context);
}

static EVP_MD_CTX *thread_context(void)
{
    EVP_MD_CTX *context;

    if (mine)
        return mine;
    if (!has_key || !(context = EVP_MD_CTX_new()))
        return NULL;
    if (pthread_setspecific(at_exit, context)) {
        EVP_MD_CTX_free(context);
        return NULL;
    }
    mine = context;
    return context;
}

static void write_hex(char *out, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

int seed_digest_hex(enum seed_digest digest, const void *bytes, size_t length,
    char *out, size_t room)
{
    unsigned char hash[DIGEST_MAX];
    EVP_MD_CTX *context;

    if ((size_t)digest >= COUNT(kinds))
        return SEED_EINVAL;
    if (room < 2 * kinds[digest].size + 1)
        return SEED_EFULL;

    pthread_once(&once, look_up);
    if (!(context = thread_context()))
        return SEED_ENOMEM;
    if (!found[digest]
        || !EVP_DigestInit_ex2(context, found[digest], NULL)
        || !EVP_DigestUpdate(context, bytes, length)
        || !EVP_DigestFinal_ex(context, hash, NULL)) {
        ERR_clear_error(); /* the thread's next user of OpenSSL asks it */
        return SEED_ESYSTEM;
    }

    write_hex(out, hash, kinds[digest].size);
    return 0;
}

static void *allocate(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return seed__alloc(size);
}

static void *resize(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return seed__resize(memory, size);
}

static void release(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    seed__release(memory);
}

int seed__digest_use_allocator(void)
{
    if (!CRYPTO_set_mem_functions(allocate, resize, release))
        return SEED_ESTATE;
    return 0;
}
