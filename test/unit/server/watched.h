/* SPDX-License-Identifier: MIT */
/* A server to watch, and which watchers it has. */
#ifndef UNIT_WATCHED_H
#define UNIT_WATCHED_H

#include "unit/failing.h"
#include "unit/server/served.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64]; /* of the log */

static inline void hear(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static inline seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static inline seed_server *make_server(void)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .no_signals = true, .warn = hear });

    seed_get(server, "/hello", hello, NULL);
    unlink(path);
    return server;
}

/* Which watchers there are: l(og), m(etrics), e (ledger), g (lag), s(tall),
 * a(dmin). */
static inline const char *letters(const seed_server *server)
{
    static char text[8];
    struct seed_watchers have = seed_watchers(server);
    size_t length = 0;

    memset(text, 0, sizeof text);
    if (have.log)
        text[length++] = 'l';
    if (have.metrics)
        text[length++] = 'm';
    if (have.ledger)
        text[length++] = 'e';
    if (have.lag)
        text[length++] = 'g';
    if (have.stall)
        text[length++] = 's';
    if (have.admin)
        text[length++] = 'a';
    return text;
}

static const struct {
    struct seed_watch watch;
    const char *letters;
} asked[] = {
    { { 0 }, "" },
    { { .log = path }, "l" },
    { { .metrics = true }, "m" },
    { { .ledger = true }, "e" },
    { { .lag = true }, "g" },
    { { .stall = 42 }, "s" },
    { { .admin = "localhost:0" }, "mega" },
    { { .token = "unused", .log_level = 20 }, "" },
    { { .log = path, .stall = 10, .admin = "0", .token = "x" }, "lmegsa" },
};

static inline void watched_name(void)
{
    snprintf(path, sizeof path, "/tmp/seed-watchers-%ld", (long)getpid());
}

static inline int remove_log(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

#endif
