/* SPDX-License-Identifier: MIT */
/* The admin listener, as its files see it: admin.c has its life, admin_guard.c
 * says who may ask, admin_pages.c answers, admin_reach.c is for those who do
 * not know whether there is one. */
#ifndef WATCH_ADMIN_H
#define WATCH_ADMIN_H

#include <seed/admin.h>
#include <seed/types.h>

#include <pthread.h>

enum { ADMIN_HOST = 128, ADMIN_WORKERS = 256 };

/* Where to listen: a Unix socket's path, or a host and a port. */
struct admin_address {
    const char *path; /* part of what was parsed, or NULL */
    char host[ADMIN_HOST];
    int port;
};

struct admin_guard {
    char *token;  /* owned, or NULL */
    bool by_host; /* Host must name this machine */
};

struct seed_admin {
    seed_server *watched, *server;
    char *address; /* as it was given */
    struct admin_guard guard;
    bool listens, has_thread;
    pthread_t thread;
    uint64_t begun; /* seed_now() */

    /* Under the lock, which no request of the watched server takes. */
    pthread_mutex_t lock;
    seed_worker *workers[ADMIN_WORKERS]; /* those that serve, or NULL */
    unsigned serving;
    bool started;
};

/* admin_reach.c: where a server keeps its own. */
extern const char seed__admin_key;

/* admin_reach.c: when it returns no handler of the listener runs any more.
 * NULL does nothing. */
void seed__admin_end(seed_admin *admin);

/* admin_guard.c: returns false for what is no address. */
bool seed__admin_parse(struct admin_address *out, const char *text);
bool seed__admin_is_local(const struct admin_address *address);

/* A token that a client can send. */
bool seed__admin_token_is_valid(const char *token);

/* The `pre` handler; `ctx` is a struct admin_guard. */
seed_step seed__admin_guard(seed_req *req, seed_res *res, void *ctx);

/* admin_pages.c: adds the routes. */
void seed__admin_pages(seed_admin *admin);

#endif
