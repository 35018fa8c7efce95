/* SPDX-License-Identifier: MIT */
/* A flame graph for the terminal: the widest way through the stacks, and the
 * functions that had most of the time. */
#ifndef CLINIC_FLAME_BARS_H
#define CLINIC_FLAME_BARS_H

#include <seed/flame.h>

/* Some twenty lines of 78 columns, owned: seed_release(); NULL without
 * memory. */
char *seed__flame_bars(seed_flame *flame);

#endif
