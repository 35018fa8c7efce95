/* SPDX-License-Identifier: MIT */
/* A locale that writes 1,5 for 1.5, made on the spot: a machine need not have
 * one. */
#ifndef UNIT_COMMA_H
#define UNIT_COMMA_H

#include <stdbool.h>

/* Makes it this process's; false where localedef(1) cannot. */
bool comma_begin(void);

/* Back to C. */
void comma_end(void);

#endif
