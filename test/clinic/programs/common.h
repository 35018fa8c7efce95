/* SPDX-License-Identifier: MIT */
/* What the programs for the doctor have in common: each is a server that is
 * ill, or well, in one way. They know nothing of the doctor: he is asked by
 * SEED_DOCTOR, as any program's user asks him. */
#ifndef CLINIC_COMMON_H
#define CLINIC_COMMON_H

#include <seed.h>

#include <stdio.h>
#include <time.h>

/* Nanoseconds that this thread has computed. What a program is ill of is so
 * much work: time on the wall is little work on a machine that is busy. */
static inline uint64_t clinic_worked(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline int clinic_run(seed_server *server)
{
    int err = seed_listen(server, "127.0.0.1", 0);

    if (!err)
        err = seed_run(server);
    if (err)
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return err != 0;
}

#endif
