/* SPDX-License-Identifier: MIT */
/* The signal of the timers and its handler, which notes where its thread is.
 * The handler stays for the life of the process: a late signal, whose default
 * is to end the process, must find it. */
#ifndef CLINIC_HANDLER_H
#define CLINIC_HANDLER_H

#include <stdbool.h>
#include <stdint.h>

/* Takes SIGPROF when its disposition is the default, else a real-time signal
 * that nobody uses; keeps it. Not two at a time. Returns the signal, or 0 when
 * each has a user or the memory for samples cannot be mapped. */
int seed__handler_install(void);

/* Whether samples are taken; when not, signals do nothing. */
void seed__handler_turn(bool on);

/* Copies of the stack, to be searched, instead of unwinding. */
void seed__handler_search(bool search);

/* Nanoseconds of CPU time that all handlers had so far. */
uint64_t seed__handler_spent(void);

#endif
