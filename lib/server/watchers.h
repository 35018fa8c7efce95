/* SPDX-License-Identifier: MIT */
/* The watchers that libseed starts by itself, for seed_watch(), and for the
 * environment. */
#ifndef SERVER_WATCHERS_H
#define SERVER_WATCHERS_H

#include <seed/types.h>
#include <seed/watch.h>

/* Starts what is on unless options say otherwise. Returns 0 or SEED_ENOMEM. */
int seed__watchers_begin(seed_server *server);

/* Before seed_run(): starts what the environment asks for. Errors stick. */
void seed__watchers_ask(seed_server *server);

/* Behind seed_run(): waits for what the environment has asked for. May end the
 * process, as SEED_ON_PORT wants it. */
void seed__watchers_done(seed_server *server);

/* seed_run() has failed: if that is since the server cannot run, nothing is
 * recorded. May end the process, too. */
void seed__watchers_drop(seed_server *server);

/* The server is about to run: opens what must be open then. Returns 0 or the
 * server's error. */
int seed__watchers_open(seed_server *server);

/* Before the workers are freed: nobody else's thread asks of them any more. */
void seed__watchers_close(seed_server *server);

/* Behind the server's end. */
void seed__watchers_free(const struct seed_watchers *watchers);

#endif
