/* SPDX-License-Identifier: MIT */
/* The watchers that libseed starts by itself or for seed_watch(). */
#ifndef SERVER_WATCHERS_H
#define SERVER_WATCHERS_H

#include <seed/types.h>

/* Starts what is on unless options say otherwise. Returns 0 or SEED_ENOMEM. */
int seed__watchers_begin(seed_server *server);

#endif
