/* SPDX-License-Identifier: MIT */
/* What the programs for the doctor have in common: each is a server that is
 * ill, or well, in one way. Where it listens goes to standard output; SIGTERM
 * ends it, and then, when CLINIC_REPORT names a file, the doctor's report of
 * all of that time is there. */
#ifndef CLINIC_COMMON_H
#define CLINIC_COMMON_H

#include <seed.h>
#include <seed/doctor.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Nanoseconds that this thread has computed. What a program is ill of is so
 * much work: time on the wall is little work on a machine that is busy. */
static inline uint64_t clinic_worked(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline int clinic_run(seed_server *server, const char *title)
{
    const char *path = getenv("CLINIC_REPORT");
    seed_doctor *doctor = NULL;
    int err;

    if (path)
        doctor = seed_doctor_start(server, &(struct seed_doctor_options){
            .title = title, .no_flame = getenv("CLINIC_NO_FLAME") != NULL });
    if (!seed_listen(server, "127.0.0.1", 0)) {
        printf("%s\n", seed_server_url(server));
        fflush(stdout);
    }
    err = seed_run(server);
    if (err)
        fprintf(stderr, "%s\n", seed_server_error(server));
    if (path) {
        seed_doctor_stop(doctor);
        err |= seed_doctor_write(doctor, path);
    }
    seed_server_free(server);
    seed_doctor_free(doctor);
    return err != 0;
}

#endif
