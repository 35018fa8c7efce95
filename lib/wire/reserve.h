/* SPDX-License-Identifier: MIT */
/* A descriptor that is kept for the time when there is none: given up for a
 * moment, it takes in one client that has waited for long, to tell it so. */
#ifndef WIRE_RESERVE_H
#define WIRE_RESERVE_H

#include <stdbool.h>

/* Returns the descriptor, or -1 where there is none now. */
int seed__reserve_open(void);

/* Opens one where there is none. Between its closing and its opening somebody
 * else may have taken the last descriptor. */
void seed__reserve_mind(int *reserve);

/* Accepts one connection and closes it, behind a 503 when `speaks` says that
 * its client understands one. *reserve is a new one, or -1. False when nobody
 * was there. */
bool seed__reserve_refuse(int *reserve, int listener, bool speaks);

#endif
