/* SPDX-License-Identifier: MIT */
#ifndef SEED_INJECT_H
#define SEED_INJECT_H

#include <seed/types.h>

SEED_BEGIN_C

/** A request without a socket, for tests. Borrowed for the call. */
struct seed_injection {
    const char *method;         /* NULL: "GET"                              */
    const char *url;            /* NULL: "/"                                */
    const char *const *headers; /* name, value, name, value, ..., NULL; Host
                                 * and the length are added when missing    */
    const void *body;
    size_t length;
};

/** The answer to an injected request. */
typedef struct seed_reply seed_reply;

/** Sends a request through everything but the socket: the strict reader, the
 *  chain, hooks and the answer. The bytes are those a client would get.
 *
 *      seed_reply *reply = seed_inject(server,
 *          &(struct seed_injection){.url = "/users/7"});
 *
 *  On a server that does not run, runs its loop until the answer is there.
 *  On one that runs, from any other thread than its workers', waits for worker
 *  0. On a worker's own thread the answer must come without waiting.
 *
 *  Returns the answer, owned: seed_reply_free(); or NULL after a setup error,
 *  without memory, or when no answer can come. */
SEED_API seed_reply *seed_inject(seed_server *server,
    const struct seed_injection *injection);
SEED_API void seed_reply_free(seed_reply *reply);

/* Borrowed from the reply. */
SEED_API int seed_reply_status(const seed_reply *reply);
SEED_API const char *seed_reply_header(const seed_reply *reply,
    const char *name);

/** The body without its chunk framing. A NUL follows its last byte. */
SEED_API const char *seed_reply_body(const seed_reply *reply, size_t *length);

/** All bytes as a client would read them, interim answers included. */
SEED_API const char *seed_reply_raw(const seed_reply *reply, size_t *length);

SEED_END_C

#endif
