/* SPDX-License-Identifier: MIT */
/* The next process of a program, from its fork until it serves. */
#ifndef SERVER_HEIR_H
#define SERVER_HEIR_H

#include "server/activated.h"

#include <stdbool.h>
#include <unistd.h>

#if defined(__GLIBC__) && !__GLIBC_PREREQ(2, 34)
#define _Fork fork
#endif

struct heir {
    char *const *arguments;
    char **environment;
    char *pid_digits; /* in the environment, where its number belongs         */
    int fds[PASSED_MOST];
    int count, low;   /* all of fds are `low` or above                        */
    int ready[2];     /* the pipe: its number, then a byte when it serves     */
    pid_t pid;
};

/* Returns 0 or SEED_ESYSTEM. */
int seed__heir_start(struct heir *heir);

/* Waits for so many milliseconds at most. */
bool seed__heir_serves(const struct heir *heir, unsigned timeout);

/* It may have begun to serve: it is asked to end, and made to only when it
 * does not in as long as it had for its start. */
void seed__heir_end(const struct heir *heir, unsigned timeout);

#endif
