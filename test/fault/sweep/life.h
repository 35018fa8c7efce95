/* SPDX-License-Identifier: MIT */
/* A life: a server starts, is asked something while a fate is upon it, is asked
 * once more, stops and is freed. */
#ifndef TEST_FAULT_SWEEP_LIFE_H
#define TEST_FAULT_SWEEP_LIFE_H

#include <seed.h>

#include <openssl/types.h>
#include <stdbool.h>

enum how { LIFE_UNIX, LIFE_TCP, LIFE_TLS };

struct scenario {
    const char *name;
    void (*set_up)(seed_server *server);
    const char *request;   /* NULL: it starts and stops */
    enum how how;
    void (*act)(seed_server *server); /* behind the start, or NULL */
    bool started;          /* nothing fails before it serves */
    unsigned workers;      /* of seed_run(); 0: on the sweep's own loop */
};

extern const struct scenario scenarios[];
extern const int scenario_count;

/* Where files and sockets are; and makes those files that TLS needs. */
void life_choose(const char *folder);
bool life_prepare(void);

/* One that takes a connection several turns to send. */
const char *life_file(void);

/* What is wrong, or NULL. The fate has been set, and is paused on return. */
const char *life_live(const struct scenario *scenario);

/* What the last request of a life was answered. */
const char *life_reply(void);

struct client {
    int fd;
    SSL *tls;          /* NULL: it speaks in the clear */
    bool asked, over;  /* it has sent; nothing more will come */
    char reply[20000];
    size_t length;
};

/* A client that never waits; nothing of it fails. */
void client_open(struct client *client, enum how how, const char *path,
    int port);
void client_step(struct client *client, const char *request);
void client_close(struct client *client);

#endif
