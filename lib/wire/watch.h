/* SPDX-License-Identifier: MIT */
/* Calls a function when a descriptor can be read: what signals.c needs of a
 * loop. */
#ifndef WIRE_WATCH_H
#define WIRE_WATCH_H

struct watch;
struct event_base;

/* Returns 0 or SEED_ENOMEM. fd stays the caller's. */
int seed__watch_new(struct watch **out, struct event_base *base, int fd,
    void (*ready)(void *ctx), void *ctx);

/* NULL does nothing. Before the base is freed. */
void seed__watch_free(struct watch *watch);

#endif
