/* SPDX-License-Identifier: MIT */
/* Names of functions that were found in files' tables: stalls and leaks are
 * told of the same few again and again. */
#ifndef WATCH_NAMES_H
#define WATCH_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* What the address is in: a file that is loaded at `base`. Another one may come
 * to lie there, but not by the same path. */
struct named {
    const void *address, *base;
    const char *path;
};

/* Any thread. False when it is not known, or another thread is here. */
bool seed__names_find(const struct named *what, char *out, size_t room);
void seed__names_keep(const struct named *what, const char *name);

#endif
