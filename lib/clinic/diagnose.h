/* SPDX-License-Identifier: MIT */
/* The recordings that the environment asked for, on their way from the
 * beginning to files. */
#ifndef CLINIC_DIAGNOSE_H
#define CLINIC_DIAGNOSE_H

#include "clinic/orders.h"

#include <seed/doctor.h>
#include <seed/flame.h>

struct recordings {
    const struct orders *orders;
    seed_server *server;
    seed_doctor *doctor; /* or NULL */
    seed_flame *flame;   /* or NULL */
    unsigned number;     /* from 1 on */
    bool enough;         /* one of them saw enough to judge by */
    int status;          /* the worst so far, as an exit status */
};

/* Begins what is ordered. Returns 0; or an error, before the server runs also
 * the server's. */
int seed__recordings_begin(struct recordings *recordings);

/* Ends them, writes them, and frees them; says what was written and what went
 * wrong. */
void seed__recordings_write(struct recordings *recordings);

/* The same for the last ones: and whether all of the load was enough. */
void seed__recordings_end(struct recordings *recordings);

/* Behind seed_run(): waits until all is written. With SEED_ON_PORT it does not
 * return. Nothing when that server is not diagnosed. */
void seed__diagnose_end(const seed_server *server);

/* The server cannot run, and has an error: there is nothing to write. With
 * SEED_ON_PORT it says the error and ends the process with status 2, so that
 * the program's own is not read as the doctor's. */
void seed__diagnose_drop(const seed_server *server);

#endif
