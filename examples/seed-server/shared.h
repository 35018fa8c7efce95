/* SPDX-License-Identifier: MIT */
/* What all modes of the seed server have in common. Each mode is one file
 * beside this one: slow.c, noop.c, fixed.c, fast.c, better.c. Compare two
 * neighbours with diff to read the article's steps. */
#ifndef SEED_SERVER_SHARED_H
#define SEED_SERVER_SHARED_H

#include <seed.h>

/* --- the resource ------------------------------------------------------- */

#define CONTENT_LENGTH 10000

/* Draws the content (5,000 random bytes as hex) and starts the timestamp.
 * Returns false, with errno, when the system has no random bytes. */
bool grow_seed(int64_t granularity);

/* What goes on with a request once its content is there: returns what a
 * handler would. `content` is CONTENT_LENGTH characters, or NULL when the
 * URL has none. */
typedef seed_step content_handler(seed_req *req, seed_res *res,
    const char *content);

/* Fetches the content of a URL (borrowed from the request) as a database
 * would: the answer comes in a later turn of the loop. Returns what the handler
 * must return. */
seed_step fetch_content(seed_req *req, const char *url,
    content_handler *callback);

/* The time in milliseconds, moving in steps of at least a minute: within one
 * the resource does not change. Each worker sees the same. */
int64_t timestamp(void);

/* What timestamp() reads. Tests put a clock of their own here. */
extern int64_t (*wall_clock)(void);

/* Answers as restify does for an Error that has only a status code. */
seed_step send_not_found(seed_res *res);

/* --- the middleware's memory -------------------------------------------- */

#define HASH_ROOM 129 /* SHA-512 in hex, and a NUL */
#define CACHE_ROOM 8

/* ETags by key. When it is full the oldest makes room: a cache that only
 * grows is a leak. A key that does not fit is not kept. */
struct cache {
    struct {
        char key[HASH_ROOM], etag[HASH_ROOM];
    } entries[CACHE_ROOM];
    unsigned count, oldest;
};

const char *cache_find(const struct cache *cache, const char *key);

/* Stores an ETag, if it differs from the one that is there. */
void cache_store(struct cache *cache, const char *key, const char *etag);

/* What the middleware etagger() keeps. There is one for each worker, so that
 * no lock is needed. */
struct etagger {
    void (*attach_after_event)(struct etagger *own, seed_server *server);
    bool after_event_attached;
    struct cache cache;
};

/* Makes ready one etagger for each worker. The result is the context of the
 * middleware; etagger_of() finds a worker's own in it. */
void *new_etaggers(
    void (*attach_after_event)(struct etagger *own, seed_server *server));
struct etagger *etagger_of(void *etaggers, const seed_req *req);

/* SHA-512 as hex: of a text, and of a JSON value serialised for it. */
void hash_text(const char *text, char hash[HASH_ROOM]);
void hash_json(const struct json_t *value, char hash[HASH_ROOM]);

/* HTTPS, tls.c: certificate and key from PEM files, or made for a trial. The
 * files are read again on SIGHUP. Each returns 0 or the server's error. */
void reload_on_hangup(seed_server *server);
int listen_by_files(seed_server *server, const char *host, int port,
    const char *cert, const char *key);
int listen_selfsigned(seed_server *server, const char *host, int port);

/* --- the modes ---------------------------------------------------------- */

void set_up_slow(seed_server *server);
void set_up_noop(seed_server *server);
void set_up_fixed(seed_server *server);
void set_up_fast(seed_server *server);
void set_up_better(seed_server *server);

/* What a load balancer wants of any of them; before the mode's own. */
void set_up_balanced(seed_server *server);

#endif
