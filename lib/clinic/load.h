/* SPDX-License-Identifier: MIT */
/* The command of SEED_ON_PORT: a process of the shell's. */
#ifndef CLINIC_LOAD_H
#define CLINIC_LOAD_H

#include <seed/types.h>

#include <sys/types.h>

struct load {
    pid_t pid;     /* 0: none runs                                          */
    int status;    /* 0 when it ended well; else an exit status, as a shell
                    * says it: 128 and more for a signal; -1: not known     */
    int stopped;   /* by this signal, and was ended therefore; else 0       */
};

/* Starts it, in a process group of its own, its input empty, its output on
 * stderr, without the variables that would have it diagnosed as well. Returns
 * 0 or an errno. */
int seed__load_start(struct load *load, const char *command, int port,
    const char *url);

/* Whether it has ended; then `status` is there. One that is stopped, as by the
 * terminal, is ended. */
bool seed__load_ended(struct load *load);

/* Ends it, if it runs, and all that it has started. */
void seed__load_end(struct load *load);

#endif
